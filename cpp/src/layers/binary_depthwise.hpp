// A binary layer whose groups have one input plane. A channel has too few bits for the words of a GEMM; signs
// are bytes -1 and +1 here, true zero padding 0, and the sums those of the exact depthwise kernel.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "layers/binary_epilogue.hpp"
#include "layers/binary_weights.hpp"
#include "layers/depthwise_pass.hpp"
#include "layers/tiling.hpp"
#include "runtime/context.hpp"

namespace axnn {

class BinaryDepthwise {
  public:
    BinaryDepthwise(const Context& context, const ConvGeometry& geometry, const BinaryWeights& weights,
                    int32_t n, ImageSize image)
        : context_(context), weights_(weights), tiling_(geometry, n, image, cost(context)) {}

    const Tiling& tiling() const { return tiling_; }
    // A tile and up to 64 output channels each.
    size_t jobs() const { return tiling_.tiles() * blocks(); }
    const char* kernel() const { return context_.kernels().sign_depthwise.name; }

    // Runs job `index` and gives its sums to finish(const BinarySums&). Reads its input by
    // read(tile, window, patch, group, target).
    template <typename Read, typename Finish>
    void run(size_t index, Workspace& workspace, const Read& read, const Finish& finish) const;

  private:
    static constexpr size_t max_channels = BinaryEpilogue::max_channels;
    static constexpr size_t max_columns = BinaryEpilogue::max_columns;  // so that sums take 128 KiB

    static TileCost cost(const Context& context) {
        TileCost cost = {};
        cost.planes = 1;
        cost.patch_element = 2;  // with the weights of a row or window
        cost.tap_multiple = 1;
        cost.column_multiple = 1;
        cost.column = max_channels * sizeof(int32_t);
        cost.max_columns = max_columns;
        cost.budget = Workspace::budget - context.kernels().sign_depthwise.scratch_bytes;
        return cost;
    }
    size_t blocks() const { return ceil_div((size_t)tiling_.geometry().out_channels, max_channels); }

    const Context& context_;
    const BinaryWeights& weights_;
    Tiling tiling_;
};

template <typename Read, typename Finish>
void BinaryDepthwise::run(size_t index, Workspace& workspace, const Read& read, const Finish& finish) const {
    const ConvGeometry& geometry = tiling_.geometry();
    const IntegerDepthwise& kernel = context_.kernels().sign_depthwise;
    const Tile tile = tiling_.tile(index / blocks());
    const size_t first = index % blocks() * max_channels;
    const size_t channels = std::min(max_channels, (size_t)geometry.out_channels - first);
    const size_t columns = tile.columns();
    auto* values = workspace.take<uint8_t>(tiling_.max_patch_size() + sign_slack);
    auto* weights = workspace.take<uint8_t>(tiling_.max_window_taps());
    auto* scratch = workspace.take<uint8_t>(kernel.scratch_bytes);
    auto* sums = workspace.take<int32_t>(channels * columns);
    std::fill_n(sums, channels * columns, 0);
    for (size_t w = 0; w < tiling_.windows(); w++) {
        const Window window = tiling_.window(w);
        const Patch patch = tiling_.patch(tile, window);
        auto pass = depthwise_pass<uint8_t, int32_t>(tiling_, tile, window, patch, values);
        pass.weights = weights;
        pass.scratch = scratch;
        for (size_t c = 0; c < channels; c++) {
            const size_t group = (first + c) / geometry.group_outputs();
            if (c == 0 || (first + c) % geometry.group_outputs() == 0)
                read(tile, window, patch, group, values);
            weights_.sign_bytes(first + c, window.first_tap, window.taps(), weights);
            pass.sums = sums + c * columns;
            kernel.run(pass);
        }
    }
    finish(BinarySums{tiling_, tile, 0, columns, first, channels, sums, columns, 1});
}

}  // namespace axnn
