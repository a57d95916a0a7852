#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {
namespace {

// y = clamp((float)(sum + offset) * scale + bias, lower, upper); element strides for n and c.
void dequantize(const Dequantize& d, size_t sum_channel_stride, size_t sum_column_stride) {
    for (size_t c = 0; c < d.channels; c++) {
        for (size_t n = 0; n < d.columns; n++) {
            uint32_t sum = (uint32_t)d.sums[c * sum_channel_stride + n * sum_column_stride];
            float v = (float)(int32_t)(sum + (uint32_t)d.offset[c]) * d.scale[c] + d.bias[c];
            v = d.lower > v ? d.lower : v;
            v = d.upper < v ? d.upper : v;
            d.y[c * d.channel_stride + n * d.column_stride] = v;
        }
    }
}

}  // namespace

void dequantize_interleaved(const Dequantize& d) { dequantize(d, 1, d.sum_stride); }

void dequantize_planar(const Dequantize& d) { dequantize(d, d.sum_stride, 1); }

}  // namespace axnn::scalar
