#include "layers/binary_gradients.hpp"

#include <math.h>

#include <vector>

#include "layers/blocks.hpp"
#include "layers/double_sum.hpp"
#include "layers/float_gradients.hpp"
#include "runtime/aligned_buffer.hpp"

namespace axnn {
namespace {

float sign_of(bool bit) { return bit ? 1.0f : -1.0f; }

InputFactors input_signs(axnn_padding_value padding) {
    const auto convert = [](const float* x, size_t count, float* factors) {
        for (size_t i = 0; i < count; i++) factors[i] = sign_of(x[i] >= 0);
    };
    return {convert, padding == AXNN_PAD_TRUE_ZERO ? 0 : sign_of(padding == AXNN_PAD_PLUS_ONE)};
}

// sign(w[o][k]) of a layer; memory is taken where they are wanted.
class WeightSigns {
  public:
    WeightSigns(const BinaryLayer& layer, bool wanted)
        : row_bytes_(ceil_div(layer.geometry().taps(), 8)),
          bits_(wanted ? (size_t)layer.geometry().out_channels * row_bytes_ : 0) {
        if (wanted) layer.weight_bits(bits_.data());
    }

    float operator()(size_t o, size_t k) const {
        return sign_of(bits_[o * row_bytes_ + k / 8] >> (k % 8) & 1);
    }

  private:
    size_t row_bytes_;
    std::vector<uint8_t> bits_;
};

// c (2 - a tanh(a / 2)) / (1 + cosh(a)) with a = |c v|, by t = exp(-a), which cannot overflow:
//   tanh(a / 2) = (1 - t) / (1 + t),  1 / (1 + cosh(a)) = 2 t / (1 + t)^2
// An infinite v has the limit 0.
double swish_estimate(double c, double v) {
    if (!isfinite(v)) return 0;
    const double a = fabs(c * v), t = exp(-a);
    return c * (2 - a * (1 - t) / (1 + t)) * 2 * t / ((1 + t) * (1 + t));
}

// g[i] = est(v[i]) * factor * g[i]. In double and rounded once; code of no tier, so tiers agree. The
// identity does not read v.
void multiply_by_estimates(const SignEstimator& estimator, const float* v, size_t count, float factor,
                           float* g) {
    const double c = estimator.parameter;
    const auto multiply = [&](const auto& estimate) {
        for (size_t i = 0; i < count; i++) g[i] = (float)(estimate(i) * factor * g[i]);
    };
    const auto magnitude = [v](size_t i) { return fabs((double)v[i]); };
    // Comparisons that a NaN fails.
    switch (estimator.kind) {
        case AXNN_SIGN_IDENTITY:
            return multiply([](size_t) { return 1.0; });
        case AXNN_SIGN_STE:
            return multiply([&](size_t i) { return magnitude(i) <= c ? 1.0 : 0.0; });
        case AXNN_SIGN_APPROX:
            return multiply([&](size_t i) {
                const double slope = 2 - 2 * magnitude(i);
                return slope > 0 ? slope : 0;
            });
        case AXNN_SIGN_SWISH:
            return multiply([&](size_t i) { return swish_estimate(c, v[i]); });
    }
}

}  // namespace

void binary_gradients(const BinaryLayer& layer, const BinaryGradients& b) {
    const Context& context = layer.context();
    const ConvGeometry& geometry = layer.geometry();
    const auto channels = (size_t)geometry.out_channels;
    const size_t taps = geometry.taps();

    // All memory is there before the first gradient is written.
    const WeightSigns sign(layer, b.grad_x || b.grad_scales);
    std::vector<float> scaled_signs(b.grad_x ? channels * taps : 0);
    AlignedBuffer<float> own_sums(b.grad_scales && !b.grad_weights ? channels * taps : 0);
    float* const sums = b.grad_weights ? b.grad_weights : b.grad_scales ? own_sums.data() : nullptr;  // G
    if (b.grad_x)
        context.run_without_workspace(channels, [&](size_t o) {
            for (size_t k = 0; k < taps; k++) scaled_signs[o * taps + k] = layer.scale(o) * sign(o, k);
        });

    float_gradients(context, geometry, scaled_signs.data(), input_signs(layer.parameters().padding_value),
                    {0, b.x, b.n, b.image, b.grad_out, b.grad_x, sums, b.grad_bias});

    if (b.grad_x)
        for_each_block(context, (size_t)b.n * (size_t)geometry.in_channels * b.image.pixels(),
                       [&](size_t first, size_t count) {
                           multiply_by_estimates(b.input, b.x + first, count, 1, b.grad_x + first);
                       });
    if (sums)
        context.run_without_workspace(channels, [&](size_t o) {
            float* row = sums + o * taps;
            if (b.grad_scales) {
                DoubleSum sum;
                sum.add(taps, [&](size_t k) { return sign(o, k) * row[k]; });
                b.grad_scales[o] = (float)sum.total();
            }
            if (b.grad_weights)
                multiply_by_estimates(b.weight, b.weights ? b.weights + o * taps : nullptr, taps,
                                      layer.scale(o), row);
        });
}

}  // namespace axnn
