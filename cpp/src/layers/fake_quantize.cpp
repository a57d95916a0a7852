#include "layers/fake_quantize.hpp"

#include <math.h>
#include <stdint.h>

#include <algorithm>

#include "layers/blocks.hpp"
#include "layers/quantized_weights.hpp"

namespace axnn {
namespace {

// The floats that round (half to even) to an integer of [min, max] are those of [low, high].
struct Rounded {
    float low;
    float high;
    Rounded(int32_t min, int32_t max) : low((float)min - 0.5f), high((float)max + 0.5f) {
        if (min % 2 != 0) low = nextafterf(low, INFINITY);
        if (max % 2 != 0) high = nextafterf(high, -INFINITY);
    }
};

// Calls visit(i, code) for all codes, made by `kernel` as bytes or words.
template <typename Code, typename Visit>
void for_each_code(void (*kernel)(const float*, size_t, const QuantizeParameters&, Code*),
                   const axnn_quantization& q, const float* x, size_t count, const Visit& visit) {
    const QuantizeParameters parameters = quantize_parameters(q);
    constexpr size_t block = 256;
    Code codes[block];
    for (size_t first = 0; first < count; first += block) {
        const size_t n = std::min(block, count - first);
        kernel(x + first, n, parameters, codes);
        for (size_t i = 0; i < n; i++) visit(first + i, code_value(codes[i], q.code_min));
    }
}
template <typename Visit>
void for_each_code(const Kernels& kernels, const axnn_quantization& q, const float* x, size_t count,
                   const Visit& visit) {
    codes_are_bytes(q.code_min, q.code_max) ? for_each_code(kernels.quantize, q, x, count, visit)
                                            : for_each_code(kernels.quantize_words, q, x, count, visit);
}

}  // namespace

void quantize(const Context& context, const axnn_quantization& q, const float* x, size_t count,
              int32_t* codes) {
    for_each_block(context, count, [&](size_t first, size_t n) {
        for_each_code(context.kernels(), q, x + first, n,
                      [&](size_t i, int32_t code) { codes[first + i] = code; });
    });
}

void quantize(const Context& context, const axnn_quantization& q, const float* x, size_t count,
              uint8_t* codes) {
    const QuantizeParameters parameters = quantize_parameters(q);
    for_each_block(context, count, [&](size_t first, size_t n) {
        context.kernels().quantize(x + first, n, parameters, codes + first);
    });
}

void fake_quantize(const Context& context, const axnn_quantization& q, const float* x, size_t count,
                   float* y) {
    for_each_block(context, count, [&](size_t first, size_t n) {
        fake_quantize(context.kernels(), q, x + first, n, y + first);
    });
}

void fake_quantize(const Kernels& kernels, const axnn_quantization& q, const float* x, size_t count,
                   float* y) {
    for_each_code(kernels, q, x, count,
                  [&](size_t i, int32_t code) { y[i] = (float)(code - q.zero_point) * q.scale; });
}

void fake_quantize_backward(const Context& context, const axnn_quantization& q, const float* x,
                            const float* grad_y, size_t count, float* grad_x) {
    const Rounded inside(q.code_min, q.code_max);
    const auto zero_point = (float)q.zero_point;
    for_each_block(context, count, [&](size_t first, size_t n) {
        for (size_t i = first; i < first + n; i++) {
            const float code = x[i] / q.scale + zero_point;
            grad_x[i] = code >= inside.low && code <= inside.high ? grad_y[i] : 0;
        }
    });
}

}  // namespace axnn
