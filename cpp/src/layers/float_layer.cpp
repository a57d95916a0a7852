#include "layers/float_layer.hpp"

#include <string.h>

#include <algorithm>
#include <utility>

#include "layers/depthwise.hpp"
#include "layers/float_gradients.hpp"
#include "runtime/error.hpp"

namespace axnn {
namespace {

AlignedBuffer<float> copy_of(const Context& context, const float* weights, size_t channels, size_t taps) {
    AlignedBuffer<float> copy(channels * taps);
    context.run_without_workspace(
        channels, [&](size_t o) { std::copy_n(weights + o * taps, taps, copy.data() + o * taps); });
    return copy;
}

}  // namespace

FloatLayer::FloatLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                       const float* weights, std::vector<float> bias)
    : Plan(std::move(context), geometry),
      weights_(copy_of(this->context(), weights, (size_t)geometry.out_channels, geometry.taps())),
      panels_(this->context(), this->context().kernels().float_panel, weights_.data(),
              (size_t)geometry.groups, geometry.group_outputs(), geometry.taps()),
      operands_(panels_),
      bias_(std::move(bias)) {}

FloatLayer::Run FloatLayer::run(int32_t n, ImageSize image) const {
    return Run(context(), geometry(), operands_, n, image);
}

void FloatLayer::execute(const float* x, int32_t n, ImageSize image, float* y) const {
    if (geometry().depthwise())
        return run_float_depthwise(context(), geometry(), weights_.data(), bias_.data(), x, n, image, y);
    const Run run = this->run(n, image);
    const Tiling& tiling = run.grid().tiling();
    const auto copy = [](const float* source, size_t count, float* target) {
        memcpy(target, source, count * sizeof(float));
    };
    run.run(x, 0.0f, copy, 0, [&](const PanelSums<float>& sums) {
        const size_t first_channel = sums.group * geometry().group_outputs() + sums.first_row;
        tiling.for_each_output_run(sums.tile, [&](size_t offset, size_t column, size_t count, size_t stride) {
            for (size_t c = 0; c < sums.rows; c++) {
                float* target = y + offset + (first_channel + c) * tiling.output().pixels();
                const float* source = sums.sums + c * sums.stride + column;
                const float bias = bias_[first_channel + c];
                for (size_t i = 0; i < count; i++) target[i * stride] = source[i] + bias;
            }
        });
    });
}

void FloatLayer::backward(const Gradients& gradients) const {
    require(gradients.half_window == 0, AXNN_ERROR_INVALID_ARGUMENT, "half_window is ", gradients.half_window,
            ", allowed for a float plan: 0");
    float_gradients(context(), geometry(), weights_.data(), plain_inputs(), gradients);
}

std::string FloatLayer::explain(int32_t n, ImageSize image) const {
    if (geometry().depthwise())
        return text("depthwise ", context().kernels().float_depthwise.name, ", ",
                    explain_jobs(n, float_depthwise_jobs(context(), geometry(), n, image).grid));
    return "float GEMM " + std::string(panels_.kernel().name) + ", " + explain_jobs(n, run(n, image).grid());
}

}  // namespace axnn
