// How a convolution's output is cut into tiles that fit a workspace.
//
// A column is one output pixel of one image; a layer is a GEMM of weights [out_channels, K] with
// columns. A tile is a box of columns: whole images, or rows of one image, or part of a row. K is cut
// into windows: some input planes with the whole kernel, or a single tap of one plane where even that
// does not fit. For a tile and a window the input that they read is copied once, converted to the
// kernel's type and with padding filled in, into a patch; a tap is then a fixed offset into the patch.
//
// A plane is an input channel of a group, or a word of 64 channels in the binary layers.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "layers/conv_geometry.hpp"

namespace axnn {

constexpr size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }
constexpr size_t round_up(size_t a, size_t multiple) { return ceil_div(a, multiple) * multiple; }

// images x rows x cols columns, in this order.
struct Tile {
    size_t first_image;
    size_t images;
    size_t first_row;
    size_t rows;
    size_t first_col;
    size_t cols;
    size_t columns() const { return images * rows * cols; }
};

// Taps in the order (plane, kernel row, kernel column).
struct Window {
    size_t first_plane;
    size_t planes;
    size_t first_r;
    size_t rs;
    size_t first_s;
    size_t ss;
    size_t first_tap;  // index among all taps of a group
    size_t taps() const { return planes * rs * ss; }
};

// The box of the padded input that a tile reads through a window; elements [images][planes][h][w].
struct Patch {
    int64_t top;   // image row of the box's first row; negative in the padding
    int64_t left;  // likewise
    size_t h;
    size_t w;
    size_t plane_size() const { return h * w; }
};

// What a layer's tile needs, in bytes.
struct TileCost {
    size_t planes;               // planes of a group
    size_t patch_element;        // of one element of the patch
    size_t packed_element;       // of one packed (tap, column)
    size_t tap_multiple;         // taps of a window are packed in multiples of this
    size_t column_multiple;      // likewise columns of a tile
    size_t column;               // of everything else that grows with the columns (sums)
    size_t max_columns;          // more columns than this bring nothing
    size_t max_taps = SIZE_MAX;  // of a window
    bool whole_kernels = false;  // never cut a plane's kernel into single taps
    size_t budget;               // what patch, packed taps and columns may need together
};

// One group's share of a tensor of images that patches are filled from; strides in elements of T.
template <typename T>
struct PatchSource {
    const T* data;  // of the group's first plane in the first image
    size_t image_stride;
    size_t plane_stride;
    size_t pixel_stride;
};

// The input of a run and the way it is cut.
class Tiling {
  public:
    Tiling(const ConvGeometry& geometry, int32_t n, ImageSize input, const TileCost& cost);

    const ConvGeometry& geometry() const { return geometry_; }
    ImageSize input() const { return input_; }
    ImageSize output() const { return output_; }

    size_t tiles() const { return image_tiles_ * row_tiles_ * col_tiles_; }
    Tile tile(size_t index) const;
    size_t max_tile_columns() const { return images_ * rows_ * cols_; }
    size_t max_tile_rows() const { return rows_; }
    size_t max_tile_cols() const { return cols_; }

    size_t windows() const { return windows_; }
    Window window(size_t index) const;
    size_t max_window_taps() const { return single_tap_ ? 1 : planes_ * geometry_.kernel_size(); }

    Patch patch(const Tile& tile, const Window& window) const;
    // Elements of the largest patch of all tiles and windows.
    size_t max_patch_size() const { return images_ * planes_ * largest_patch().plane_size(); }

    // Neighbouring columns: `rows` rows of `length` columns each, whose elements lie `stride` apart in the
    // patch, one row row_stride after the other. The offset in the patch is that of tap (0, 0, 0) of the
    // window.
    struct Columns {
        size_t offset;
        size_t first;
        size_t rows;
        size_t row_stride;
        size_t length;
        size_t stride;
    };

    // Calls visit(const Columns&) for all columns of a tile.
    template <typename Visit>
    void for_each_columns(const Tile& tile, const Window& window, const Patch& patch,
                          const Visit& visit) const {
        const auto stride_h = (size_t)geometry_.stride_h;
        const auto stride_w = (size_t)geometry_.stride_w;
        const size_t image_size = window.planes * patch.plane_size();
        if (tile.rows == 1 && tile.cols == 1) {
            visit(Columns{0, 0, 1, 0, tile.images, image_size});
            return;
        }
        const bool dense = stride_h == 1 && stride_w == 1 && patch.w == tile.cols;
        const size_t runs = dense ? 1 : tile.rows;
        const size_t length = tile.rows * tile.cols / runs;
        for (size_t image = 0; image < tile.images; image++)
            visit(Columns{image * image_size, image * runs * length, runs, stride_h * patch.w, length,
                          stride_w});
    }

    // Calls run(patch_offset, column, count, stride) for the columns [first, last) of a tile, which lie
    // `stride` apart in the patch. The offset is that of tap (0, 0, 0) of the window.
    template <typename Run>
    void for_each_run(const Tile& tile, const Window& window, const Patch& patch, size_t first, size_t last,
                      const Run& run) const {
        const auto stride_h = (size_t)geometry_.stride_h;
        const auto stride_w = (size_t)geometry_.stride_w;
        const size_t image_size = window.planes * patch.plane_size();
        if (tile.rows == 1 && tile.cols == 1) {
            run(first * image_size, first, last - first, image_size);
            return;
        }
        const bool dense = stride_h == 1 && stride_w == 1 && patch.w == tile.cols;
        const size_t image_columns = tile.rows * tile.cols;
        const size_t run_columns = dense ? image_columns : tile.cols;
        for (size_t column = first; column < last;) {
            const size_t row = column % image_columns / run_columns, col = column % run_columns;
            const size_t count = std::min(run_columns - col, last - column);
            run(column / image_columns * image_size + row * stride_h * patch.w + col * stride_w, column,
                count, stride_w);
            column += count;
        }
    }

    // All columns of a tile.
    template <typename Run>
    void for_each_run(const Tile& tile, const Window& window, const Patch& patch, const Run& run) const {
        for_each_run(tile, window, patch, 0, tile.columns(), run);
    }

    // Offset in the patch of the window's tap number `tap`.
    size_t tap_offset(const Window& window, const Patch& patch, size_t tap) const {
        const size_t plane = tap / (window.rs * window.ss);
        const size_t r = tap / window.ss % window.rs;
        const size_t s = tap % window.ss;
        return plane * patch.plane_size() + r * (size_t)geometry_.dilation_h * patch.w +
               s * (size_t)geometry_.dilation_w;
    }

    // Calls store(output_offset, column, count, stride) for runs of the columns [first, last) of a tile whose
    // outputs lie `stride` apart in an output [n][channels][pixels]; offsets are those of channel 0.
    template <typename Store>
    void for_each_output_run(const Tile& tile, size_t first, size_t last, const Store& store) const {
        const size_t image_size = (size_t)geometry_.out_channels * output_.pixels();
        const size_t origin =
            tile.first_image * image_size + tile.first_row * (size_t)output_.w + tile.first_col;
        if (tile.rows == 1 && tile.cols == 1) {
            store(origin + first * image_size, first, last - first, image_size);
            return;
        }
        const size_t image_columns = tile.rows * tile.cols;
        const size_t run_columns = tile.cols == (size_t)output_.w ? image_columns : tile.cols;
        for (size_t column = first; column < last;) {
            const size_t row = column % image_columns / run_columns, col = column % run_columns;
            const size_t count = std::min(run_columns - col, last - column);
            store(origin + column / image_columns * image_size + row * (size_t)output_.w + col, column, count,
                  size_t{1});
            column += count;
        }
    }
    // All columns of a tile.
    template <typename Store>
    void for_each_output_run(const Tile& tile, const Store& store) const {
        for_each_output_run(tile, 0, tile.columns(), store);
    }

    // The planes of a group in x, float NCHW; a plane starts `channels_per_plane` channels after the one
    // before.
    PatchSource<float> float_source(const float* x, size_t group, size_t channels_per_plane) const {
        const size_t pixels = input_.pixels();
        return {x + group * geometry_.group_inputs() * pixels, (size_t)geometry_.in_channels * pixels,
                channels_per_plane * pixels, 1};
    }

    // Fills a patch. convert(source, plane, count, target) converts count neighbouring pixels; where planes
    // adjoin, neighbouring planes may be converted in one call. padding(plane) is the element that stands
    // for padding.
    template <typename S, typename T, typename Padding, typename Convert>
    void fill_patch(const Tile& tile, const Window& window, const Patch& patch, const PatchSource<S>& source,
                    T* target, const Padding& padding, const Convert& convert) const {
        const size_t pixels = input_.pixels();
        const bool whole_image =
            patch.top == 0 && patch.left == 0 && patch.h == (size_t)input_.h && patch.w == (size_t)input_.w;
        const bool adjoining = source.plane_stride == pixels * source.pixel_stride;
        for (size_t i = 0; i < tile.images; i++) {
            const S* image = source.data + (tile.first_image + i) * source.image_stride;
            if (whole_image && adjoining) {
                convert(image + window.first_plane * source.plane_stride, window.first_plane,
                        window.planes * pixels, target);
                target += window.planes * pixels;
                continue;
            }
            for (size_t p = window.first_plane; p < window.first_plane + window.planes; p++) {
                fill_plane<S, T>(patch, image + p * source.plane_stride, source.pixel_stride, p, padding(p),
                                 target, convert);
                target += patch.plane_size();
            }
        }
    }

  private:
    template <typename S, typename T, typename Convert>
    void fill_plane(const Patch& patch, const S* plane, size_t pixel_stride, size_t index, T padding,
                    T* target, const Convert& convert) const {
        const int64_t w = input_.w;
        // The part of each patch row that lies inside the image: [from, to).
        const auto from = (size_t)std::clamp<int64_t>(-patch.left, 0, (int64_t)patch.w);
        const auto to = (size_t)std::clamp<int64_t>(w - patch.left, (int64_t)from, (int64_t)patch.w);
        // Rows inside the image likewise.
        const auto first = (size_t)std::clamp<int64_t>(-patch.top, 0, (int64_t)patch.h);
        const auto last = (size_t)std::clamp<int64_t>(input_.h - patch.top, (int64_t)first, (int64_t)patch.h);
        std::fill_n(target, first * patch.w, padding);
        std::fill_n(target + last * patch.w, (patch.h - last) * patch.w, padding);
        const size_t rows = last - first;
        if (to - from == (size_t)w && rows > 0) {
            // Whole rows lie side by side in the image: they are converted together, to the end of their
            // place, and then moved to theirs one by one, each from behind its place.
            T* source = target + last * patch.w - rows * (size_t)w;
            convert(plane + (size_t)(patch.top + (int64_t)first) * (size_t)w * pixel_stride, index,
                    rows * (size_t)w, source);
            if (patch.w == (size_t)w) return;
            for (T* out = target + first * patch.w; out != target + last * patch.w; out += patch.w) {
                std::copy_n(source, w, out + from);
                std::fill_n(out, from, padding);
                std::fill_n(out + to, patch.w - to, padding);
                source += w;
            }
            return;
        }
        for (size_t row = first; row < last; row++) {
            T* out = target + row * patch.w;
            std::fill_n(out, from, padding);
            if (from < to)
                convert(plane + ((size_t)(patch.top + (int64_t)row) * (size_t)w +
                                 (size_t)(patch.left + (int64_t)from)) *
                                    pixel_stride,
                        index, to - from, out + from);
            std::fill_n(out + to, patch.w - to, padding);
        }
    }

    bool fits(const TileCost& cost) const;
    Patch largest_patch() const;

    ConvGeometry geometry_;
    size_t n_;
    ImageSize input_;
    ImageSize output_;
    // Shape of the largest tile and window.
    size_t images_;
    size_t rows_;
    size_t cols_;
    size_t planes_;
    bool single_tap_;
    size_t image_tiles_;
    size_t row_tiles_;
    size_t col_tiles_;
    size_t windows_;
    size_t total_planes_;
};

// Tiling::tap_offset of one tap after the other.
class TapOffsets {
  public:
    TapOffsets(const Tiling& tiling, const Window& window, const Patch& patch)
        : window_(window),
          row_((size_t)tiling.geometry().dilation_h * patch.w),
          col_((size_t)tiling.geometry().dilation_w),
          plane_(patch.plane_size()) {}

    size_t next() {
        const size_t offset = first_ + r_ * row_ + s_ * col_;
        if (++s_ == window_.ss) {
            s_ = 0;
            if (++r_ == window_.rs) {
                r_ = 0;
                first_ += plane_;
            }
        }
        return offset;
    }

  private:
    Window window_;
    size_t row_;
    size_t col_;
    size_t plane_;
    size_t first_ = 0;  // of the plane
    size_t r_ = 0;
    size_t s_ = 0;
};

// Into how many shares each of `jobs` jobs is divided, no more than it has blocks, so that the busiest of
// some threads has at most a tenth more to do than the average; or as near to that as there are blocks.
size_t balanced_splits(size_t jobs, size_t blocks, size_t threads);

// The division of a run into jobs: each is a tile, a group and a share of that group's output channels.
class JobGrid {
  public:
    // splits: shares of a group's channels.
    JobGrid(const Tiling& tiling, size_t splits)
        : tiling_(tiling), groups_((size_t)tiling.geometry().groups), splits_(splits) {}

    struct Job {
        Tile tile;
        size_t group;
        size_t split;
    };

    const Tiling& tiling() const { return tiling_; }
    size_t count() const { return tiling_.tiles() * groups_ * splits_; }
    Job job(size_t index) const {
        return {tiling_.tile(index / splits_ / groups_), index / splits_ % groups_, index % splits_};
    }

  private:
    Tiling tiling_;
    size_t groups_;
    size_t splits_;
};

}  // namespace axnn
