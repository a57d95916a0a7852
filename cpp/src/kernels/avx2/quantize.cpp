// codes[i] = clamp(round_half_even(x[i] / scale + zero_point), code_min, code_max), 32 elements a step.
//
// Instructions for eight elements: vdivps (one in 5 cycles, the bound), vaddps, vcmpps and vblendvps for
// NaN, vmaxps, vminps, vcvtps2dq, which rounds half to even in the default rounding mode. A reciprocal
// would be faster and wrong: the division must round as the scalar one does.
#include <immintrin.h>

#include <string.h>

#include "kernels/avx2/avx2.hpp"

namespace axnn::avx2 {
namespace {

constexpr size_t lanes = 8;
constexpr size_t step = 32;

struct Quantizer {
    explicit Quantizer(const QuantizeParameters& q)
        : scale(_mm256_set1_ps(q.scale)),
          zero_point(_mm256_set1_ps(q.zero_point)),
          code_min(_mm256_set1_ps(q.code_min)),
          code_max(_mm256_set1_ps(q.code_max)) {}

    // Eight codes as int32.
    __m256i integers(__m256 x) const {
        __m256 v = _mm256_add_ps(_mm256_div_ps(x, scale), zero_point);
        v = _mm256_blendv_ps(v, zero_point, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
        v = _mm256_min_ps(code_max, _mm256_max_ps(code_min, v));
        return _mm256_cvtps_epi32(v);
    }
    // Cut to their low bytes.
    __m256i codes(const float* x) const { return codes(_mm256_loadu_ps(x)); }
    __m256i codes(__m256 x) const { return _mm256_and_si256(integers(x), _mm256_set1_epi32(0xff)); }
    // Their low words.
    __m128i words(__m256 x) const {
        const __m256i low = _mm256_and_si256(integers(x), _mm256_set1_epi32(0xffff));
        return _mm_packus_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
    }

    __m256 scale, zero_point, code_min, code_max;
};

// The low bytes of eight int32.
uint64_t low_bytes(__m256i codes) {
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1));
    return (uint64_t)_mm_cvtsi128_si64(_mm_packus_epi16(words, words));
}

// Fewer than a step of codes: rows of small images.
void quantize_few(const float* x, size_t count, const Quantizer& quantizer, uint8_t* codes) {
    for (; count >= lanes; x += lanes, codes += lanes, count -= lanes) {
        const uint64_t bytes = low_bytes(quantizer.codes(x));
        memcpy(codes, &bytes, lanes);
    }
    if (count == 0) return;
    const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i present = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), index);
    const uint64_t bytes = low_bytes(quantizer.codes(_mm256_maskload_ps(x, present)));
    memcpy(codes, &bytes, count);
}

}  // namespace

void quantize(const float* x, size_t count, const QuantizeParameters& q, uint8_t* codes) {
    const Quantizer quantizer(q);
    if (count < step) return quantize_few(x, count, quantizer, codes);
    // The packs work within lanes: their result holds the elements in groups of four as 0 2 4 6 | 1 3 5 7.
    const __m256i in_order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    for (size_t i = 0; i < count; i += step) {
        // The last step overlaps the one before it.
        if (i > count - step) i = count - step;
        const __m256i low = _mm256_packus_epi32(quantizer.codes(x + i), quantizer.codes(x + i + 8));
        const __m256i high = _mm256_packus_epi32(quantizer.codes(x + i + 16), quantizer.codes(x + i + 24));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(codes + i),
                            _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), in_order));
    }
}

void quantize_words(const float* x, size_t count, const QuantizeParameters& q, uint16_t* codes) {
    const Quantizer quantizer(q);
    size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        _mm_storeu_si128(reinterpret_cast<__m128i*>(codes + i), quantizer.words(_mm256_loadu_ps(x + i)));
    if (i == count) return;
    const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i present = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(count - i)), index);
    uint16_t rest[lanes];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(rest), quantizer.words(_mm256_maskload_ps(x + i, present)));
    memcpy(codes + i, rest, (count - i) * sizeof *codes);
}

}  // namespace axnn::avx2
