#include "layers/float_gradients.hpp"

#include <string.h>

#include <algorithm>

#include "layers/gradient_jobs.hpp"

namespace axnn {
namespace {

// DX = w and DW = the factor that stands for x.
struct FloatProducts {
    using Element = float;
    static constexpr bool input_columns = false;
    static constexpr size_t max_columns = 256;
    static constexpr size_t max_channels = 512;
    static constexpr size_t scratch_bytes = 0;

    const Kernels& kernels;
    const float* weights;
    size_t row;  // K, taps of an output channel
    const InputFactors& inputs;
    size_t channels;

    float padding() const { return inputs.padding; }

    void convert(const float* source, size_t count, float* target) const {
        inputs.convert(source, count, target);
    }

    // grads[channel][column].
    static void gather(const Tiling& tiling, const Tile& tile, const float* grad_out, size_t channel,
                       size_t channels, float* grads) {
        const size_t pixels = tiling.output().pixels();
        tiling.for_each_output_run(tile, [&](size_t offset, size_t column, size_t count, size_t stride) {
            for (size_t c = 0; c < channels; c++) {
                const float* source = grad_out + offset + (channel + c) * pixels;
                float* target = grads + c * tile.columns() + column;
                if (stride == 1) memcpy(target, source, count * sizeof(float));
                else
                    for (size_t i = 0; i < count; i++) target[i] = source[i * stride];
            }
        });
    }

    void add_inputs(const GradientBlock& b, const float*, float* dcol) const {
        kernels.float_gemm({.w = weights + b.first_channel * row + b.first_tap,
                            .w_stride = row,
                            .x = b.grads,
                            .y = dcol,
                            .m = b.taps,
                            .k = b.channels,
                            .n = b.columns,
                            .accumulate = !b.first,
                            .w_transposed = true});
    }

    void add_weights(const GradientBlock& b, const float* columns, float* grad_weights) const {
        kernels.float_gemm({.w = b.grads,
                            .w_stride = b.columns,
                            .x = columns,
                            .y = grad_weights + b.first_channel * row + b.first_tap,
                            .m = b.channels,
                            .k = b.columns,
                            .n = b.taps,
                            .accumulate = !b.first,
                            .x_transposed = true,
                            .y_stride = row});
    }
};

}  // namespace

InputFactors plain_inputs() {
    return {[](const float* x, size_t count, float* factors) { memcpy(factors, x, count * sizeof *x); }, 0};
}

void float_gradients(const Context& context, const ConvGeometry& geometry, const float* weights,
                     const InputFactors& inputs, const Gradients& gradients) {
    const FloatProducts products = {context.kernels(), weights, geometry.taps(), inputs,
                                    std::min(geometry.group_outputs(), FloatProducts::max_channels)};
    GradientJobs<FloatProducts>(context, geometry, gradients, products).run();
}

}  // namespace axnn
