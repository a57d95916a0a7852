// True zero padding of a binary layer. Padding is bit 0, which counts as -1; where a column's taps meet
// padding in the places P, the sum lacks S(P), the sum of the weights in P. P depends on the column's row and
// col only, by the kernel rows and kernel columns inside the image, and there are few such classes: nine for
// a 3x3 kernel.
//
// S(P) is found by the layer's own GEMM, from columns p and z beside those of the image:
//   S(P) = (sum_k w_k p_k - sum_k w_k z_k) / 2,  p = +1 in P and -1 elsewhere, z = -1 everywhere,
// or from the sums of the weights of each kernel position, where the layer keeps them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "layers/tiling.hpp"
#include "runtime/workspace.hpp"

namespace axnn {

// Where a layer with true zero padding has S(P) from; none: it has no padding, or padding has a sign.
enum class ZeroPadding { none, columns, position_sums };

// Those of one tile.
class PaddingClasses {
  public:
    // Scratch for each row and col of a tile.
    static constexpr size_t edge_bytes = 3 * sizeof(uint64_t);

    PaddingClasses(const Tiling& tiling, const Tile& tile, Workspace& workspace);
    // How many there are in a whole image.
    static size_t count(const ConvGeometry& geometry, ImageSize input);
    // columns(), at most, of a tile of so many columns.
    static size_t max_columns(size_t count, size_t tile_columns) { return 1 + std::min(count, tile_columns); }

    // Columns z and p: 0 and one for each class, or none where no column meets padding.
    size_t columns() const { return columns_; }
    // The tap is padding in column p.
    bool padded(size_t column, size_t r, size_t s) const;
    // Calls visit(n - first, column p) for the tile's columns [first, last) that meet padding.
    template <typename Visit>
    void for_each_column(size_t first, size_t last, const Visit& visit) const {
        const size_t width = cols_.size;
        size_t row = first / width % rows_.size, col = first % width;
        for (size_t n = first; n < last;) {
            const bool inside = col >= cols_.first_whole && col < cols_.last_whole && rows_.whole(row);
            const size_t next = inside ? cols_.last_whole : col + 1;
            if (!inside) visit(n - first, 1 + rows_.index[row] * cols_.count + cols_.index[col]);
            n += next - col;
            col = next;
            if (col < width) continue;
            col = 0;
            if (++row == rows_.size) row = 0;
        }
    }

  private:
    // The kernel positions along one axis that lie inside the image: [first, last).
    struct Inside {
        uint32_t first;
        uint32_t last;
        bool operator==(const Inside&) const = default;
    };
    // One axis of the tile.
    struct Edge {
        Inside* distinct;
        uint32_t* index;  // of a row or col
        size_t size;      // rows or cols
        size_t count = 0;
        Inside all;
        // Those that meet no padding: they are neighbours.
        size_t first_whole = 0;
        size_t last_whole = 0;

        Edge(size_t first, size_t edge_size, int32_t stride, int32_t pad, int32_t dilation, int32_t kernel,
             int32_t extent, Workspace& workspace);
        bool whole(size_t i) const { return distinct[index[i]] == all; }
    };
    static Inside inside(size_t output, int32_t stride, int32_t pad, int32_t dilation, int32_t kernel,
                         int32_t extent);
    static size_t count(size_t size, int32_t stride, int32_t pad, int32_t dilation, int32_t kernel,
                        int32_t extent);

    Edge rows_;
    Edge cols_;
    size_t columns_;
};

}  // namespace axnn
