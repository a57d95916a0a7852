// Signs and comparisons to bits. v >= 0 is true for both zeros and false for NaN, which is the library's
// sign().
#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {

void pack_bits(const float* x, size_t plane_stride, uint32_t planes, size_t count, uint64_t* words) {
    for (size_t i = 0; i < count; i++) {
        uint64_t word = 0;
        for (uint32_t p = 0; p < planes; p++) word |= (uint64_t)(x[p * plane_stride + i] >= 0) << p;
        words[i] = word;
    }
}

void pack_signs(const float* x, size_t count, uint8_t* bits) {
    for (size_t byte = 0; byte * 8 < count; byte++) {
        uint8_t value = 0;
        for (size_t i = 0; i < 8 && byte * 8 + i < count; i++)
            value |= (uint8_t)((x[byte * 8 + i] >= 0) << i);
        bits[byte] = value;
    }
}

void threshold_bits(const Threshold& t) {
    for (size_t n = 0; n < t.columns; n++) {
        uint64_t word = 0;
        for (uint32_t c = 0; c < t.channels; c++)
            word |= (uint64_t)(t.sums[c * t.channel_stride + n * t.column_stride] > t.threshold[c]) << c;
        t.words[n] = word ^ t.falling;
    }
}

}  // namespace axnn::scalar
