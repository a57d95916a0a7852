#include "layers/padding_classes.hpp"

#include <algorithm>

namespace axnn {

PaddingClasses::Inside PaddingClasses::inside(size_t output, int32_t stride, int32_t pad, int32_t dilation,
                                              int32_t kernel, int32_t extent) {
    const int64_t start = (int64_t)output * stride - pad;
    const int64_t first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
    const int64_t last = start >= extent ? 0 : (extent - start + dilation - 1) / dilation;
    const int64_t end = std::clamp<int64_t>(last, 0, kernel);
    return {(uint32_t)std::min(first, end), (uint32_t)end};
}

PaddingClasses::Edge::Edge(size_t first, size_t edge_size, int32_t stride, int32_t pad, int32_t dilation,
                           int32_t kernel, int32_t extent, Workspace& workspace)
    : distinct(workspace.take<Inside>(edge_size)),
      index(workspace.take<uint32_t>(edge_size)),
      size(edge_size),
      all{0, (uint32_t)kernel} {
    for (size_t i = 0; i < size; i++) {
        distinct[count] = inside(first + i, stride, pad, dilation, kernel, extent);
        index[i] = (uint32_t)(std::find(distinct, distinct + count, distinct[count]) - distinct);
        if (index[i] == count) count++;
    }
    while (first_whole < size && !whole(first_whole)) first_whole++;
    last_whole = first_whole;
    while (last_whole < size && whole(last_whole)) last_whole++;
}

PaddingClasses::PaddingClasses(const Tiling& tiling, const Tile& tile, Workspace& workspace)
    : rows_(tile.first_row, tile.rows, tiling.geometry().stride_h, tiling.geometry().pad_top,
            tiling.geometry().dilation_h, tiling.geometry().kernel_h, tiling.input().h, workspace),
      cols_(tile.first_col, tile.cols, tiling.geometry().stride_w, tiling.geometry().pad_left,
            tiling.geometry().dilation_w, tiling.geometry().kernel_w, tiling.input().w, workspace),
      columns_(1 + rows_.count * cols_.count) {
    if (rows_.count == 1 && cols_.count == 1 && rows_.whole(0) && cols_.whole(0)) columns_ = 0;
}

bool PaddingClasses::padded(size_t column, size_t r, size_t s) const {
    if (column == 0) return false;
    const Inside row = rows_.distinct[(column - 1) / cols_.count];
    const Inside col = cols_.distinct[(column - 1) % cols_.count];
    return r < row.first || r >= row.last || s < col.first || s >= col.last;
}

// Kernel positions enter the image one by one and leave it so, while an output moves along the axis.
size_t PaddingClasses::count(size_t size, int32_t stride, int32_t pad, int32_t dilation, int32_t kernel,
                             int32_t extent) {
    size_t changes = 1;
    Inside last = inside(0, stride, pad, dilation, kernel, extent);
    for (size_t i = 1; i < size && changes <= 2 * (size_t)kernel; i++) {
        const Inside next = inside(i, stride, pad, dilation, kernel, extent);
        changes += next != last;
        last = next;
    }
    return changes;
}

size_t PaddingClasses::count(const ConvGeometry& g, ImageSize input) {
    const ImageSize output = g.output(input);
    return count((size_t)output.h, g.stride_h, g.pad_top, g.dilation_h, g.kernel_h, input.h) *
           count((size_t)output.w, g.stride_w, g.pad_left, g.dilation_w, g.kernel_w, input.w);
}

}  // namespace axnn
