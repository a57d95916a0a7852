#include <immintrin.h>

#include "baselines.hpp"

namespace axnn::bench {

void b1_gather(const int32_t* table, const uint8_t* w, const uint8_t* x, size_t x_stride, GemmShape shape,
               int32_t* y) {
    for (size_t m = 0; m < shape.m; m++) {
        const uint8_t* weights = w + m * shape.k;
        size_t n = 0;
        for (; n + 8 <= shape.n; n += 8) {
            __m256i sums = _mm256_setzero_si256();
            for (size_t k = 0; k < shape.k; k++) {
                const __m256i index = _mm256_cvtepu8_epi32(
                    _mm_loadl_epi64(reinterpret_cast<const __m128i*>(x + k * x_stride + n)));
                sums = _mm256_add_epi32(sums, _mm256_i32gather_epi32(table + 256 * weights[k], index, 4));
            }
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(y + m * shape.n + n), sums);
        }
        for (; n < shape.n; n++) {
            uint32_t sum = 0;
            for (size_t k = 0; k < shape.k; k++)
                sum += (uint32_t)table[256 * weights[k] + x[k * x_stride + n]];
            y[m * shape.n + n] = (int32_t)sum;
        }
    }
}

}  // namespace axnn::bench
