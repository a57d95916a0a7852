// Signs as bytes: an ordered comparison v >= 0 gives 0 or -1, packed to bytes; twice that and minus one,
// negated, is -1 or 1. 32 elements take 4 vcmpps from memory, 3 packs and a permutation.
#include <immintrin.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/scalar/scalar.hpp"

namespace axnn::avx2 {
namespace {

// -1 where v >= 0.
__m256i non_negative(const float* v) {
    return _mm256_castps_si256(_mm256_cmp_ps(_mm256_loadu_ps(v), _mm256_setzero_ps(), _CMP_GE_OQ));
}

// 1 for the byte -1, -1 for 0.
__m256i signs_of(__m256i masks) {
    const __m256i twice_and_one = _mm256_add_epi8(_mm256_add_epi8(masks, masks), _mm256_set1_epi8(1));
    return _mm256_sub_epi8(_mm256_setzero_si256(), twice_and_one);
}

}  // namespace

void sign_codes(const float* x, size_t count, uint8_t* codes) {
    const __m256i in_order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        const __m256i low = _mm256_packs_epi32(non_negative(x + i), non_negative(x + i + 8));
        const __m256i high = _mm256_packs_epi32(non_negative(x + i + 16), non_negative(x + i + 24));
        const __m256i masks = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), in_order);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(codes + i), signs_of(masks));
    }
    for (; i < count && count >= 8; i += 8) {  // the last eight overlap those before
        if (i > count - 8) i = count - 8;
        const __m256i masks = _mm256_packs_epi16(
            _mm256_packs_epi32(non_negative(x + i), _mm256_setzero_si256()), _mm256_setzero_si256());
        const __m256i together = _mm256_permutevar8x32_epi32(masks, in_order);
        const __m256i signs = signs_of(together);
        _mm_storel_epi64(reinterpret_cast<__m128i*>(codes + i), _mm256_castsi256_si128(signs));
    }
    scalar::sign_codes(x + i, count - i, codes + i);
}

}  // namespace axnn::avx2
