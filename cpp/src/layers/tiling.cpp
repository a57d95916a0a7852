#include "layers/tiling.hpp"

#include <math.h>

#include "runtime/error.hpp"

namespace axnn {
namespace {

// Below so many columns a tile is not made smaller to keep whole kernels in a window.
constexpr size_t few_columns = 64;

}  // namespace

Tiling::Tiling(const ConvGeometry& geometry, int32_t n, ImageSize input, const TileCost& cost)
    : geometry_(geometry),
      n_((size_t)n),
      input_(input),
      output_(geometry.output(input)),
      planes_(cost.planes),
      single_tap_(false),
      total_planes_(cost.planes) {
    const size_t pixels = output_.pixels();
    if (pixels <= cost.max_columns) {
        images_ = std::min(n_, cost.max_columns / pixels);
        rows_ = (size_t)output_.h;
        cols_ = (size_t)output_.w;
    } else {
        images_ = 1;
        cols_ = std::min((size_t)output_.w, cost.max_columns);
        rows_ = std::max<size_t>(1, cost.max_columns / cols_);
    }
    // Fewer planes a window first, then smaller tiles, then single taps, then smaller tiles still.
    while (!fits(cost)) {
        if (planes_ > 1) {
            // Multiples of 4 begin a window where a kernel's step begins.
            const size_t half = ceil_div(planes_, 2);
            planes_ = half > 4 ? round_up(half, 4) : half;
        } else if (!single_tap_ && !cost.whole_kernels && max_tile_columns() <= few_columns) {
            single_tap_ = true;
        } else if (images_ > 1) {
            images_ = ceil_div(images_, 2);
        } else if (rows_ > 1) {
            rows_ = ceil_div(rows_, 2);
        } else {
            require(cols_ > 1, AXNN_ERROR_INTERNAL, "one output pixel does not fit a workspace");
            cols_ = ceil_div(cols_, 2);
        }
    }
    // As many tiles as that takes, of equal size.
    image_tiles_ = ceil_div(n_, images_);
    row_tiles_ = ceil_div((size_t)output_.h, rows_);
    col_tiles_ = ceil_div((size_t)output_.w, cols_);
    images_ = ceil_div(n_, image_tiles_);
    rows_ = ceil_div((size_t)output_.h, row_tiles_);
    cols_ = ceil_div((size_t)output_.w, col_tiles_);
    windows_ = single_tap_ ? total_planes_ * geometry_.kernel_size() : ceil_div(total_planes_, planes_);
}

Tile Tiling::tile(size_t index) const {
    const size_t col = index % col_tiles_ * cols_;
    const size_t row = index / col_tiles_ % row_tiles_ * rows_;
    const size_t image = index / col_tiles_ / row_tiles_ * images_;
    return {image, std::min(images_, n_ - image),           row, std::min(rows_, (size_t)output_.h - row),
            col,   std::min(cols_, (size_t)output_.w - col)};
}

Window Tiling::window(size_t index) const {
    const auto kernel_h = (size_t)geometry_.kernel_h;
    const auto kernel_w = (size_t)geometry_.kernel_w;
    if (single_tap_)
        return {
            index / geometry_.kernel_size(), 1, index / kernel_w % kernel_h, 1, index % kernel_w, 1, index};
    const size_t plane = index * planes_;
    return {plane,    std::min(planes_, total_planes_ - plane), 0, kernel_h, 0,
            kernel_w, plane * geometry_.kernel_size()};
}

Patch Tiling::patch(const Tile& tile, const Window& window) const {
    const auto stride_h = (size_t)geometry_.stride_h;
    const auto stride_w = (size_t)geometry_.stride_w;
    const auto dilation_h = (size_t)geometry_.dilation_h;
    const auto dilation_w = (size_t)geometry_.dilation_w;
    return {(int64_t)(tile.first_row * stride_h + window.first_r * dilation_h) - geometry_.pad_top,
            (int64_t)(tile.first_col * stride_w + window.first_s * dilation_w) - geometry_.pad_left,
            (tile.rows - 1) * stride_h + (window.rs - 1) * dilation_h + 1,
            (tile.cols - 1) * stride_w + (window.ss - 1) * dilation_w + 1};
}

Patch Tiling::largest_patch() const {
    const auto window_h = single_tap_ ? 1 : (size_t)geometry_.kernel_h;
    const auto window_w = single_tap_ ? 1 : (size_t)geometry_.kernel_w;
    return patch({0, images_, 0, rows_, 0, cols_}, {0, planes_, 0, window_h, 0, window_w, 0});
}

bool Tiling::fits(const TileCost& cost) const {
    if (max_window_taps() > cost.max_taps) return false;
    // In double: extents can be near 2^62 here (a dilation or stride of 2^31).
    const Patch patch = largest_patch();
    const auto patch_size = (double)images_ * (double)planes_ * (double)patch.h * (double)patch.w;
    const auto columns = (double)round_up(max_tile_columns(), cost.column_multiple);
    const auto packed_size = (double)round_up(max_window_taps(), cost.tap_multiple) * columns;
    return patch_size * (double)cost.patch_element + packed_size * (double)cost.packed_element +
               columns * (double)cost.column <=
           (double)cost.budget;
}

size_t balanced_splits(size_t jobs, size_t blocks, size_t threads) {
    size_t best = 1;
    double best_excess = INFINITY;
    for (size_t splits = 1; splits <= blocks && (splits == 1 || jobs * splits <= 4 * threads); splits++) {
        // Shares of blocks are not equal either.
        const double share = (double)ceil_div(blocks, splits) / (double)blocks;
        const double excess =
            (double)ceil_div(jobs * splits, threads) * share * (double)threads / (double)jobs;
        if (excess < best_excess - 0.01) {
            best = splits;
            best_excess = excess;
        }
        if (excess <= 1.1) break;
    }
    return best;
}

}  // namespace axnn
