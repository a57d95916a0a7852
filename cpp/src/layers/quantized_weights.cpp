#include "layers/quantized_weights.hpp"

#include <math.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "runtime/error.hpp"

namespace axnn {
namespace {

// The parts of `name` name the number in the sentence; they are joined only where a check fails.
template <typename... Name>
void check_code_range(int32_t min, int32_t max, const Name&... name) {
    require(min < max && ((min >= INT16_MIN && max <= INT16_MAX) || (min >= 0 && max <= UINT16_MAX)),
            AXNN_ERROR_QUANTIZATION, name..., " is ", min, "..", max,
            ", allowed: an interval within -32768..32767 or within 0..65535");
}

template <typename... Name>
void check_scale(float scale, const Name&... name) {
    require(isfinite(scale) && scale > 0, AXNN_ERROR_QUANTIZATION, name..., " is ", scale,
            ", allowed: finite and > 0");
}

template <typename... Name>
void check_zero_point(int32_t zero_point, int32_t min, int32_t max, const Name&... name) {
    require(zero_point >= min && zero_point <= max, AXNN_ERROR_QUANTIZATION, name..., " is ", zero_point,
            ", allowed: ", min, "..", max);
}

// In 32 bits as far as they go: vectors hold twice as many of them.
template <typename Code>
int64_t sum_of(const Code* codes, size_t count) {
    constexpr size_t part = size_t{1} << 20;
    int64_t sum = 0;
    for (size_t i = 0; i < count; i += part)
        sum += std::accumulate(codes + i, codes + std::min(count, i + part), int32_t{0});
    return sum;
}

}  // namespace

void check_quantization(const axnn_quantization& q, const char* prefix) {
    check_scale(q.scale, prefix, "scale");
    check_code_range(q.code_min, q.code_max, prefix, "code_min..code_max");
    check_zero_point(q.zero_point, q.code_min, q.code_max, prefix, "zero_point");
}

QuantizeParameters quantize_parameters(const axnn_quantization& q) {
    return {q.scale, (float)q.zero_point, (float)q.code_min, (float)q.code_max};
}

QuantizedWeights::QuantizedWeights(const Context& context, const ConvGeometry& geometry, int32_t code_min,
                                   int32_t code_max, std::vector<float> scales,
                                   std::vector<int32_t> zero_points, const float* weights)
    : code_min_(code_min),
      code_max_(code_max),
      taps_(geometry.taps()),
      scales_(std::move(scales)),
      zero_points_(std::move(zero_points)),
      codes_(bytes() ? geometry.weight_count() : 0),
      words_(bytes() ? 0 : geometry.weight_count()),
      sums_((size_t)geometry.out_channels) {
    check_code_range(code_min, code_max, "weight_code_min..weight_code_max");
    const auto channels = (size_t)geometry.out_channels;
    scales_.resize(channels, scales_[0]);
    zero_points_.resize(channels, zero_points_[0]);
    for (size_t o = 0; o < channels; o++) {
        check_scale(scales_[o], "weight_scales[", o, "]");
        check_zero_point(zero_points_[o], code_min, code_max, "weight_zero_points[", o, "]");
    }
    const auto parameters = [&](size_t o) {
        return quantize_parameters(
            {sizeof(axnn_quantization), scales_[o], zero_points_[o], code_min, code_max});
    };
    context.run_without_workspace(channels, [&](size_t o) {
        if (!bytes()) {
            uint16_t* row = words_.data() + o * taps_;
            context.kernels().quantize_words(weights + o * taps_, taps_, parameters(o), row);
            for (size_t k = 0; k < taps_; k++) sums_[o] += code_value(row[k], code_min);
            return;
        }
        uint8_t* row = codes_.data() + o * taps_;
        context.kernels().quantize(weights + o * taps_, taps_, parameters(o), row);
        sums_[o] = code_min < 0 ? sum_of(reinterpret_cast<const int8_t*>(row), taps_) : sum_of(row, taps_);
    });
}

}  // namespace axnn
