// Depthwise sums of signs: sums[b][i][j] += sum_(r, s) weight * value, both of -1, 0 and 1.
//
// vpsignb negates 32 values where the weight is -1, and clears them where it is 0: a load with it and a
// vpaddb for 32 products, a bound of 64 a cycle. Operand layout: bytes in place in the patch.
//
// Overflow rule: byte sums take 127 products, then int32 takes them.
#include <immintrin.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/scalar/scalar.hpp"

namespace axnn::avx2 {
namespace {

using Pass = DepthwisePass<uint8_t, int32_t>;

constexpr size_t block_columns = sizeof(__m256i);

// sums[j] += bytes[j] for j < count.
void add_bytes(__m256i bytes, size_t count, int32_t* sums) {
    alignas(32) int8_t stored[block_columns];
    _mm256_store_si256(reinterpret_cast<__m256i*>(stored), bytes);
    size_t j = 0;
    for (; j + 8 <= count; j += 8) {
        __m256i* sum = reinterpret_cast<__m256i*>(sums + j);
        const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(stored + j));
        _mm256_storeu_si256(sum, _mm256_add_epi32(_mm256_loadu_si256(sum), _mm256_cvtepi8_epi32(eight)));
    }
    for (; j < count; j++) sums[j] += stored[j];
}

// `count` columns of one row; values beyond them are read too.
void add_block(const Pass& pass, const uint8_t* values, size_t count, int32_t* sums) {
    constexpr int most = 127;
    __m256i bytes = _mm256_setzero_si256();
    int products = 0;
    for (size_t r = 0; r < pass.rs; r++) {
        const uint8_t* row = values + r * pass.dilation_h * pass.row_step;
        const uint8_t* weights = pass.weights + r * pass.weight_stride;
        for (size_t s = 0; s < pass.ss; s++) {
            const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + s * pass.dilation_w));
            bytes = _mm256_add_epi8(bytes, _mm256_sign_epi8(v, _mm256_set1_epi8((char)weights[s])));
            if (++products < most) continue;
            add_bytes(bytes, count, sums);
            bytes = _mm256_setzero_si256();
            products = 0;
        }
    }
    add_bytes(bytes, count, sums);
}

void run(const Pass& pass) {
    if (pass.stride_w != 1) return scalar::sign_depthwise.run(pass);
    int32_t* sums = pass.sums;
    for (size_t b = 0; b < pass.images; b++)
        for (size_t i = 0; i < pass.rows; i++, sums += pass.cols) {
            const uint8_t* values = pass.values + b * pass.image_step + i * pass.stride_h * pass.row_step;
            for (size_t j = 0; j < pass.cols; j += block_columns) {
                const size_t left = pass.cols - j;
                add_block(pass, values + j, left < block_columns ? left : block_columns, sums + j);
            }
        }
}

}  // namespace

const IntegerDepthwise sign_depthwise = {"avx2_sign_depthwise", 0, run};

}  // namespace axnn::avx2
