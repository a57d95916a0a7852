#include "layers/float_layer.hpp"

#include <string.h>

#include <algorithm>

#include "layers/float_gradients.hpp"
#include "runtime/error.hpp"

namespace axnn {
namespace {

constexpr size_t max_columns = 256;
constexpr size_t max_channels = 1024;
// A run is cut into at least so many jobs where its channels allow, whatever the threads are: results
// must not depend on their number.
constexpr size_t wanted_jobs = 16;
constexpr size_t least_channels = 32;

}  // namespace

FloatLayer::FloatLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                       const float* weights, std::vector<float> bias)
    : Plan(std::move(context), geometry),
      weights_(weights, weights + geometry.weight_count()),
      bias_(std::move(bias)) {}

struct FloatLayer::Jobs {
    JobGrid grid;
    size_t channels;  // output channels of a job
};

FloatLayer::Jobs FloatLayer::jobs(int32_t n, ImageSize image) const {
    const size_t outputs = geometry().group_outputs();
    const size_t resident = std::min(outputs, max_channels);
    TileCost cost = {};
    cost.planes = geometry().group_inputs();
    cost.patch_element = sizeof(float);
    cost.packed_element = sizeof(float);
    cost.tap_multiple = 1;
    cost.column_multiple = 1;
    cost.column = resident * sizeof(float);
    cost.max_columns = max_columns;
    cost.budget = Workspace::budget;
    const Tiling tiling(geometry(), n, image, cost);
    const size_t independent = tiling.tiles() * (size_t)geometry().groups;
    size_t splits = ceil_div(outputs, resident);
    while (independent * splits < wanted_jobs && outputs / (splits * 2) >= least_channels) splits *= 2;
    const size_t channels = ceil_div(outputs, splits);
    return {JobGrid(tiling, ceil_div(outputs, channels)), channels};
}

void FloatLayer::execute(const float* x, int32_t n, ImageSize image, float* y) const {
    const Jobs jobs = this->jobs(n, image);
    context().run(jobs.grid.count(),
                  [&](size_t index, Workspace& workspace) { run_job(jobs, index, x, y, workspace); });
}

void FloatLayer::run_job(const Jobs& jobs, size_t index, const float* x, float* y,
                         Workspace& workspace) const {
    const Tiling& tiling = jobs.grid.tiling();
    const auto [tile, group, split] = jobs.grid.job(index);
    const size_t columns = tile.columns();
    const size_t first_channel = group * geometry().group_outputs() + split * jobs.channels;
    const size_t channels = std::min(jobs.channels, geometry().group_outputs() - split * jobs.channels);

    float* patch_data = workspace.take<float>(tiling.max_patch_size());
    float* packed = workspace.take<float>(tiling.max_window_taps() * columns);
    float* sums = workspace.take<float>(channels * columns);

    for (size_t w = 0; w < tiling.windows(); w++) {
        const Window window = tiling.window(w);
        const Patch patch = tiling.patch(tile, window);
        tiling.fill_patch(
            tile, window, patch, x, group, 1, patch_data, [](size_t) { return 0.0f; },
            [](const float* source, size_t, size_t count, float* target) {
                memcpy(target, source, count * sizeof(float));
            });
        for (size_t tap = 0; tap < window.taps(); tap++) {
            const float* taps = patch_data + tiling.tap_offset(window, patch, tap);
            tiling.for_each_run(tile, window, patch,
                                [&](size_t offset, size_t column, size_t count, size_t stride) {
                                    float* target = packed + tap * columns + column;
                                    for (size_t i = 0; i < count; i++) target[i] = taps[offset + i * stride];
                                });
        }
        context().kernels().float_gemm(
            {weights_.data() + first_channel * geometry().taps() + window.first_tap, geometry().taps(),
             packed, sums, channels, window.taps(), columns, w > 0});
    }
    tiling.for_each_output_run(tile, [&](size_t offset, size_t column, size_t count, size_t stride) {
        for (size_t c = 0; c < channels; c++) {
            float* target = y + offset + (first_channel + c) * tiling.output().pixels();
            const float* source = sums + c * columns + column;
            for (size_t i = 0; i < count; i++) target[i * stride] = source[i] + bias_[first_channel + c];
        }
    });
}

void FloatLayer::backward(const Gradients& gradients) const {
    require(gradients.half_window == 0, AXNN_ERROR_INVALID_ARGUMENT, "half_window is ", gradients.half_window,
            ", allowed for a float plan: 0");
    float_gradients(context(), geometry(), weights_.data(), gradients);
}

std::string FloatLayer::explain(int32_t n, ImageSize image) const {
    return "float GEMM (Eigen), " + explain_jobs(n, jobs(n, image).grid);
}

}  // namespace axnn
