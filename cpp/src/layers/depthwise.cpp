#include "layers/depthwise.hpp"

#include <string.h>

#include <algorithm>

namespace axnn {
namespace {

constexpr size_t max_columns = 4096;

// A pass of all taps of a window over one image of a tile; weights, values, sums still to be set.
template <typename Element, typename Sum>
DepthwisePass<Element, Sum> pass_of(const ConvGeometry& g, const Tile& tile, const Window& window,
                                    const Patch& patch) {
    DepthwisePass<Element, Sum> pass = {};
    pass.weight_stride = (size_t)g.kernel_w;
    pass.rs = window.rs;
    pass.ss = window.ss;
    pass.tap_row_step = (size_t)g.dilation_h * patch.w;
    pass.tap_col_step = (size_t)g.dilation_w;
    pass.row_step = (size_t)g.stride_h * patch.w;
    pass.col_step = (size_t)g.stride_w;
    pass.rows = tile.rows;
    pass.cols = tile.cols;
    return pass;
}

// Runs the pass on every image of the tile.
template <typename Element, typename Sum>
void add_images(const DepthwiseKernel<Element, Sum>& kernel, DepthwisePass<Element, Sum> pass,
                const Tile& tile, const Patch& patch) {
    for (size_t image = 0; image < tile.images; image++) {
        kernel.run(pass);
        pass.values += patch.plane_size();
        pass.sums += tile.rows * tile.cols;
    }
}

// The same in passes that fit int32, each moved to a 64-bit total.
void add_images_wide(const QuantizedDepthwise& layer, const DepthwisePass<uint8_t, int32_t>& all,
                     const Tile& tile, const Patch& patch, int64_t* total) {
    for (size_t r = 0; r < all.rs; r++)
        for (size_t s = 0; s < all.ss; s += layer.pass_taps) {
            DepthwisePass<uint8_t, int32_t> pass = all;
            pass.weights += r * all.weight_stride + s;
            pass.values += r * all.tap_row_step + s * all.tap_col_step;
            pass.rs = 1;
            pass.ss = std::min(layer.pass_taps, all.ss - s);
            add_images(layer.kernel, pass, tile, patch);
            for (size_t i = 0; i < tile.columns(); i++) total[i] += pass.sums[i];
            std::fill_n(pass.sums, tile.columns(), 0);
        }
}

}  // namespace

JobGrid depthwise_grid(const ConvGeometry& geometry, int32_t n, ImageSize image, size_t element,
                       size_t column_bytes) {
    TileCost cost = {};
    cost.planes = 1;
    cost.patch_element = element;
    cost.packed_element = 0;
    cost.tap_multiple = 1;
    cost.column_multiple = 1;
    cost.column = column_bytes;
    cost.max_columns = max_columns;
    cost.budget = Workspace::budget;
    return JobGrid(Tiling(geometry, n, image, cost), geometry.group_outputs());
}

JobGrid depthwise_grid(const QuantizedDepthwise& layer, const ConvGeometry& geometry, int32_t n,
                       ImageSize image) {
    return depthwise_grid(geometry, n, image, sizeof(uint8_t),
                          2 * (sizeof(int32_t) + (layer.wide ? sizeof(int64_t) : 0)));
}

void run_depthwise(const Context& context, const QuantizedDepthwise& layer, const ConvGeometry& geometry,
                   int32_t n, ImageSize image, const float* x, const FinishDepthwise& finish) {
    const JobGrid grid = depthwise_grid(layer, geometry, n, image);
    const Tiling& tiling = grid.tiling();
    context.run(grid.count(), [&](size_t index, Workspace& workspace) {
        const JobGrid::Job job = grid.job(index);
        const size_t channel = job.group * geometry.group_outputs() + job.split;
        const size_t columns = job.tile.columns();
        const uint8_t* zero_points =
            layer.correction_weights ? layer.correction_weights(layer.owner, channel) : nullptr;
        const auto zeros = [&](auto zero, bool wanted) {
            auto* sums = wanted ? workspace.take<decltype(zero)>(columns) : nullptr;
            if (sums) std::fill_n(sums, columns, zero);
            return sums;
        };
        auto* values = workspace.take<uint8_t>(tiling.max_patch_size());
        const DepthwiseSums sums = {tiling,
                                    job.tile,
                                    channel,
                                    zeros(int32_t{0}, true),
                                    zeros(int64_t{0}, layer.wide),
                                    zeros(int32_t{0}, zero_points != nullptr),
                                    zeros(int64_t{0}, zero_points && layer.wide)};
        for (size_t w = 0; w < tiling.windows(); w++) {
            const Window window = tiling.window(w);
            const Patch patch = tiling.patch(job.tile, window);
            tiling.fill_patch(
                job.tile, window, patch, x, job.group, 1, values, [&](size_t) { return layer.padding; },
                [&](const float* source, size_t, size_t count, uint8_t* target) {
                    context.kernels().quantize(source, count, layer.quantization, target);
                });
            const auto add = [&](const void* table, const uint8_t* weights, int32_t* to, int64_t* total) {
                auto pass = pass_of<uint8_t, int32_t>(geometry, job.tile, window, patch);
                pass.table = table;
                pass.signed_weights = layer.signed_weights;
                pass.signed_values = layer.signed_values;
                pass.weights = weights + window.first_tap;
                pass.values = values;
                pass.sums = to;
                total ? add_images_wide(layer, pass, job.tile, patch, total)
                      : add_images(layer.kernel, pass, job.tile, patch);
            };
            add(layer.table, layer.weights + channel * geometry.taps(), sums.narrow, sums.wide);
            if (zero_points) add(layer.correction_table, zero_points, sums.correction, sums.wide_correction);
        }
        finish(sums);
    });
}

void run_float_depthwise(const Context& context, const ConvGeometry& geometry, const float* weights,
                         const float* bias, const float* x, int32_t n, ImageSize image, float* y) {
    const JobGrid grid = depthwise_grid(geometry, n, image, sizeof(float), sizeof(float));
    const Tiling& tiling = grid.tiling();
    context.run(grid.count(), [&](size_t index, Workspace& workspace) {
        const JobGrid::Job job = grid.job(index);
        const size_t channel = job.group * geometry.group_outputs() + job.split;
        auto* values = workspace.take<float>(tiling.max_patch_size());
        auto* sums = workspace.take<float>(job.tile.columns());
        std::fill_n(sums, job.tile.columns(), 0.0f);
        for (size_t w = 0; w < tiling.windows(); w++) {
            const Window window = tiling.window(w);
            const Patch patch = tiling.patch(job.tile, window);
            tiling.fill_patch(
                job.tile, window, patch, x, job.group, 1, values, [](size_t) { return 0.0f; },
                [](const float* source, size_t, size_t count, float* target) {
                    memcpy(target, source, count * sizeof(float));
                });
            auto pass = pass_of<float, float>(geometry, job.tile, window, patch);
            pass.weights = weights + channel * geometry.taps() + window.first_tap;
            pass.values = values;
            pass.sums = sums;
            add_images(context.kernels().float_depthwise, pass, job.tile, patch);
        }
        const size_t first = channel * tiling.output().pixels();
        tiling.for_each_output_run(job.tile, [&](size_t offset, size_t column, size_t count, size_t stride) {
            for (size_t i = 0; i < count; i++)
                y[first + offset + i * stride] = sums[column + i] + bias[channel];
        });
    });
}

}  // namespace axnn
