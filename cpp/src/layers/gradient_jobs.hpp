// The frame of a backward pass: which job makes which gradients, and the way from tiles to tensors. What a
// product's derivative is, `Products` knows (float_gradients.cpp, table_gradients.cpp).
//
// With g = grad_out, x_k the input of tap k (im2col) and DX, DW the derivatives of a product:
//   grad_x:       dcol[k][n] = sum_o g[o][n] * DX(o, k, n), then each element is added where its tap lies
//   grad_weights: dw[o][k]   = sum_n g[o][n] * DW(o, k, n)
//   grad_bias:    db[o]      = sum_n g[o][n], in double
// A job owns what it writes: some images and input planes of grad_x, some channels and taps of
// grad_weights, some channels of grad_bias. Jobs depend on the shape only and walk tiles and channels in
// order, so the results are bit-equal on every thread count.
#pragma once

#include <algorithm>

#include "layers/double_sum.hpp"
#include "layers/plan.hpp"
#include "layers/tiling.hpp"

namespace axnn {

// The products of some output channels of a group with a window of taps, over the columns of a tile.
struct GradientBlock {
    size_t first_channel;  // of all output channels
    size_t channels;
    size_t first_tap;
    size_t taps;
    size_t columns;
    const float* grads;  // g, as Products::gather left it
    void* scratch;       // Products::scratch_bytes
    bool first;          // of the blocks of its sum: start it anew
};

// Products has
//   Element                 type of an input in a column
//   input_columns           whether DX depends on x
//   max_columns, channels   of a tile and of a block, at most
//   scratch_bytes
//   padding(), convert(source, count, target)            floats to Elements
//   gather(tiling, tile, grad_out, channel, channels, grads)
//   add_inputs(block, columns, dcol)                     columns: [taps][columns] Elements, dcol likewise
//   add_weights(block, columns, grad_weights)
template <typename Products>
class GradientJobs {
  public:
    GradientJobs(const Context& context, const ConvGeometry& geometry, const Gradients& gradients,
                 const Products& products)
        : context_(context),
          geometry_(geometry),
          gradients_(gradients),
          products_(products),
          tiling_(geometry, gradients.n, gradients.image, cost(geometry, products)) {
        const auto groups = (size_t)geometry.groups;
        const bool single_tap = tiling_.max_window_taps() < geometry.kernel_size();
        plane_windows_ = single_tap ? geometry.kernel_size() : 1;
        plane_sets_ = tiling_.windows() / plane_windows_;
        image_tiles_ = ceil_div((size_t)gradients.n, tiling_.tile(0).images);
        splits_ = 1;
        while (groups * tiling_.windows() * splits_ < wanted_jobs &&
               geometry.group_outputs() / (splits_ * 2) >= least_channels)
            splits_ *= 2;
        split_channels_ = ceil_div(geometry.group_outputs(), splits_);
        splits_ = ceil_div(geometry.group_outputs(), split_channels_);
        if (gradients.grad_x) input_jobs_ = image_tiles_ * groups * plane_sets_;
        if (gradients.grad_weights) weight_jobs_ = groups * tiling_.windows() * splits_;
        if (gradients.grad_bias) bias_jobs_ = ceil_div((size_t)geometry.out_channels, bias_channels);
    }

    // One run, so that all memory is there before the first gradient is written.
    void run() const {
        const size_t products = input_jobs_ + weight_jobs_;
        context_.run(products + bias_jobs_, [&](size_t index, Workspace& workspace) {
            if (index >= products) return bias(index - products);
            // The two kinds evenly mixed: a thread's share has its part of both.
            const size_t weight_index = index * weight_jobs_ / products;
            if ((index + 1) * weight_jobs_ / products > weight_index) return weights(weight_index, workspace);
            inputs(index - weight_index, workspace);
        });
    }

  private:
    using Element = typename Products::Element;
    static constexpr size_t window_taps = 288;
    static constexpr size_t wanted_jobs = 16;
    static constexpr size_t least_channels = 32;
    static constexpr size_t bias_channels = 16;

    static TileCost cost(const ConvGeometry& geometry, const Products& products) {
        TileCost cost = {};
        cost.planes = geometry.group_inputs();
        // Windows enough for some threads, each with taps enough for an efficient product.
        cost.max_taps = std::max(geometry.kernel_size(), std::min(window_taps, ceil_div(geometry.taps(), 4)));
        cost.patch_element = sizeof(float) + sizeof(Element);
        cost.packed_element = sizeof(float) + sizeof(Element);
        cost.tap_multiple = 1;
        cost.column_multiple = 1;
        cost.column = products.channels * sizeof(float);
        cost.max_columns = Products::max_columns;
        cost.budget = Workspace::budget - Products::scratch_bytes;
        return cost;
    }

    // Arrays of a job.
    struct Scratch {
        Scratch(const Tiling& tiling, const Products& products, Workspace& workspace)
            : patch(workspace.take<Element>(tiling.max_patch_size())),
              columns(workspace.take<Element>(tiling.max_window_taps() * tiling.max_tile_columns())),
              grads(workspace.take<float>(products.channels * tiling.max_tile_columns())),
              products(workspace.take<uint8_t>(Products::scratch_bytes)) {}
        Element* patch;
        Element* columns;
        float* grads;
        void* products;
    };

    // columns[tap][column]: the window's taps of the tile (im2col).
    void unfold(const Tile& tile, const Window& window, size_t group, const Scratch& scratch) const {
        const Patch patch = tiling_.patch(tile, window);
        tiling_.fill_patch(
            tile, window, patch, tiling_.float_source(gradients_.x, group, 1), scratch.patch,
            [this](size_t) { return products_.padding(); },
            [this](const float* source, size_t, size_t count, Element* target) {
                products_.convert(source, count, target);
            });
        for (size_t tap = 0; tap < window.taps(); tap++) {
            const Element* taps = scratch.patch + tiling_.tap_offset(window, patch, tap);
            tiling_.for_each_run(tile, window, patch,
                                 [&](size_t offset, size_t column, size_t count, size_t stride) {
                                     Element* target = scratch.columns + tap * tile.columns() + column;
                                     for (size_t i = 0; i < count; i++) target[i] = taps[offset + i * stride];
                                 });
        }
    }

    // Calls use(block) for the blocks of channels [first, first + channels) of all.
    template <typename Use>
    void for_each_block(const Tile& tile, const Window& window, size_t first, size_t channels,
                        const Scratch& scratch, const Use& use) const {
        for (size_t c = 0; c < channels; c += products_.channels) {
            const size_t count = std::min(products_.channels, channels - c);
            products_.gather(tiling_, tile, gradients_.grad_out, first + c, count, scratch.grads);
            use(GradientBlock{first + c, count, window.first_tap, window.taps(), tile.columns(),
                              scratch.grads, scratch.products, c == 0});
        }
    }

    void inputs(size_t index, Workspace& workspace) const {
        const size_t set = index % plane_sets_;
        const size_t group = index / plane_sets_ % (size_t)geometry_.groups;
        const size_t tiles = tiling_.tiles() / image_tiles_;
        const size_t first_tile = index / plane_sets_ / (size_t)geometry_.groups * tiles;
        const Scratch scratch(tiling_, products_, workspace);
        float* dpatch = workspace.take<float>(tiling_.max_patch_size());
        float* dcol = workspace.take<float>(tiling_.max_window_taps() * tiling_.max_tile_columns());

        const Tile images = tiling_.tile(first_tile);
        const Window planes = tiling_.window(set * plane_windows_);
        for (size_t i = 0; i < images.images; i++)
            std::fill_n(plane(images.first_image + i, group, planes.first_plane),
                        planes.planes * tiling_.input().pixels(), 0.0f);
        for (size_t t = first_tile; t < first_tile + tiles; t++) {
            const Tile tile = tiling_.tile(t);
            for (size_t w = set * plane_windows_; w < (set + 1) * plane_windows_; w++) {
                const Window window = tiling_.window(w);
                if (Products::input_columns) unfold(tile, window, group, scratch);
                for_each_block(
                    tile, window, group * geometry_.group_outputs(), geometry_.group_outputs(), scratch,
                    [&](const GradientBlock& block) { products_.add_inputs(block, scratch.columns, dcol); });
                fold(tile, window, group, dcol, dpatch);
            }
        }
    }

    // Adds dcol to the elements of grad_x that its taps are (col2im), by way of a patch.
    void fold(const Tile& tile, const Window& window, size_t group, const float* dcol, float* dpatch) const {
        const Patch patch = tiling_.patch(tile, window);
        std::fill_n(dpatch, tile.images * window.planes * patch.plane_size(), 0.0f);
        for (size_t tap = 0; tap < window.taps(); tap++) {
            float* taps = dpatch + tiling_.tap_offset(window, patch, tap);
            tiling_.for_each_run(tile, window, patch,
                                 [&](size_t offset, size_t column, size_t count, size_t stride) {
                                     const float* source = dcol + tap * tile.columns() + column;
                                     for (size_t i = 0; i < count; i++)
                                         taps[offset + i * stride] += source[i];
                                 });
        }
        const int64_t h = tiling_.input().h, w = tiling_.input().w;
        const int64_t from = std::max<int64_t>(patch.left, 0);
        const int64_t to = std::min<int64_t>(patch.left + (int64_t)patch.w, w);
        for (size_t i = 0; i < tile.images; i++) {
            for (size_t p = 0; p < window.planes; p++) {
                float* target = plane(tile.first_image + i, group, window.first_plane + p);
                for (size_t row = 0; row < patch.h; row++, dpatch += patch.w) {
                    const int64_t y = patch.top + (int64_t)row;
                    if (y < 0 || y >= h) continue;
                    for (int64_t x = from; x < to; x++) target[y * w + x] += dpatch[x - patch.left];
                }
            }
        }
    }

    float* plane(size_t image, size_t group, size_t index) const {
        const size_t channel = image * (size_t)geometry_.in_channels + group * geometry_.group_inputs();
        return gradients_.grad_x + (channel + index) * tiling_.input().pixels();
    }

    void weights(size_t index, Workspace& workspace) const {
        const size_t split = index % splits_;
        const Window window = tiling_.window(index / splits_ % tiling_.windows());
        const size_t group = index / splits_ / tiling_.windows();
        const size_t outputs = geometry_.group_outputs();
        const size_t first = group * outputs + split * split_channels_;
        const size_t channels = std::min(split_channels_, outputs - split * split_channels_);
        const Scratch scratch(tiling_, products_, workspace);
        for (size_t t = 0; t < tiling_.tiles(); t++) {
            const Tile tile = tiling_.tile(t);
            unfold(tile, window, group, scratch);
            for_each_block(tile, window, first, channels, scratch, [&](GradientBlock block) {
                block.first = t == 0;
                products_.add_weights(block, scratch.columns, gradients_.grad_weights);
            });
        }
    }

    void bias(size_t index) const {
        const auto outputs = (size_t)geometry_.out_channels;
        const size_t pixels = tiling_.output().pixels();
        const size_t first = index * bias_channels;
        for (size_t o = first; o < std::min(first + bias_channels, outputs); o++) {
            DoubleSum sum;
            for (size_t i = 0; i < (size_t)gradients_.n; i++) {
                const float* g = gradients_.grad_out + (i * outputs + o) * pixels;
                sum.add(pixels, [g](size_t p) { return g[p]; });
            }
            gradients_.grad_bias[o] = (float)sum.total();
        }
    }

    const Context& context_;
    const ConvGeometry& geometry_;
    const Gradients& gradients_;
    const Products& products_;
    Tiling tiling_;
    size_t plane_windows_;  // windows of one set of input planes
    size_t plane_sets_;
    size_t image_tiles_;  // sets of images
    size_t splits_;       // shares of a group's output channels
    size_t split_channels_;
    size_t input_jobs_ = 0;
    size_t weight_jobs_ = 0;
    size_t bias_jobs_ = 0;
};

}  // namespace axnn
