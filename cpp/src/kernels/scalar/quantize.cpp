#include <math.h>

#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {

namespace {

// code = clamp(round_half_even(x / scale + zero_point), code_min, code_max). The limits are integers,
// so clamping before rounding is the same, and clamping in float keeps the conversion in range.
// nearbyintf rounds half to even in the default rounding mode.
template <typename Code>
void quantize_to(const float* x, size_t count, const QuantizeParameters& q, Code* codes) {
    for (size_t i = 0; i < count; i++) {
        float v = x[i] / q.scale + q.zero_point;
        if (v != v) v = q.zero_point;
        v = v < q.code_min ? q.code_min : v;
        v = v > q.code_max ? q.code_max : v;
        codes[i] = (Code)(int32_t)nearbyintf(v);
    }
}

}  // namespace

void quantize(const float* x, size_t count, const QuantizeParameters& q, uint8_t* codes) {
    quantize_to(x, count, q, codes);
}

void quantize_words(const float* x, size_t count, const QuantizeParameters& q, uint16_t* codes) {
    quantize_to(x, count, q, codes);
}

}  // namespace axnn::scalar
