// Signs and comparisons to bits: a comparison of 16 values gives a mask, which adds the plane's bit to 16
// columns. Signs by an ordered comparison v >= 0, not the sign bit: -0.0 gives 1 and NaN 0.
//
// Instructions for 16 elements: vcmpps or vpcmpd from memory and a masked vpord.
#include <immintrin.h>

#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {
namespace {

__mmask16 first_columns(size_t count) {
    return count < 16 ? (__mmask16)((1u << count) - 1) : (__mmask16)0xffff;
}

// Bits of up to 32 planes for up to 16 columns: bit p = test(p).
template <typename Test>
__m512i pack_planes(uint32_t first, uint32_t planes, const Test& test) {
    __m512i bits = _mm512_setzero_si512();
    __m512i bit = _mm512_set1_epi32(1);
    for (uint32_t p = first; p < first + planes; p++, bit = _mm512_add_epi32(bit, bit))
        bits = _mm512_mask_or_epi32(bits, test(p), bits, bit);
    return bits;
}

// words[n] bit p = test(p, n, columns) for the columns from n on.
template <typename Test>
void pack_words(uint32_t planes, size_t count, const Test& test, uint64_t* words) {
    const uint32_t low_planes = planes < 32 ? planes : 32;
    for (size_t n = 0; n < count; n += 16) {
        const __mmask16 columns = first_columns(count - n);
        const auto of_plane = [&](uint32_t p) { return test(p, n, columns); };
        const __m512i low = pack_planes(0, low_planes, of_plane);
        const __m512i high = pack_planes(low_planes, planes - low_planes, of_plane);
        // Columns 0-7 and 8-15: low and high double words by turns.
        const __m512i first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
        _mm512_mask_storeu_epi64(words + n, (__mmask8)columns, _mm512_permutex2var_epi32(low, first, high));
        if (columns > 0xff)
            _mm512_mask_storeu_epi64(words + n + 8, (__mmask8)(columns >> 8),
                                     _mm512_permutex2var_epi32(low, second, high));
    }
}

__mmask16 non_negative(const float* v, __mmask16 present) {
    return _mm512_mask_cmp_ps_mask(present, _mm512_maskz_loadu_ps(present, v), _mm512_setzero_ps(),
                                   _CMP_GE_OQ);
}

__mmask16 above(__mmask16 present, const int32_t* sums, __m512i threshold) {
    return _mm512_mask_cmpgt_epi32_mask(present, _mm512_maskz_loadu_epi32(present, sums), threshold);
}

// The channels of a column side by side.
void threshold_columns(const Threshold& t) {
    for (size_t n = 0; n < t.columns; n++) {
        uint64_t word = 0;
        for (uint32_t c = 0; c < t.channels; c += 16) {
            const __mmask16 present = first_columns(t.channels - c);
            const __m512i threshold = _mm512_maskz_loadu_epi32(present, t.threshold + c);
            word |= (uint64_t)above(present, t.sums + n * t.column_stride + c, threshold) << c;
        }
        t.words[n] = word ^ t.falling;
    }
}

}  // namespace

void pack_bits(const float* x, size_t plane_stride, uint32_t planes, size_t count, uint64_t* words) {
    pack_words(
        planes, count,
        [=](uint32_t p, size_t n, __mmask16 columns) {
            return non_negative(x + p * plane_stride + n, columns);
        },
        words);
}

void threshold_bits(const Threshold& t) {
    if (t.channel_stride == 1) return threshold_columns(t);
    pack_words(
        t.channels, t.columns,
        [&t](uint32_t c, size_t n, __mmask16 columns) {
            return above(columns, t.sums + c * t.channel_stride + n, _mm512_set1_epi32(t.threshold[c]));
        },
        t.words);
    for (size_t n = 0; n < t.columns; n++) t.words[n] ^= t.falling;
}

void pack_signs(const float* x, size_t count, uint8_t* bits) {
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 signs = non_negative(x + i, first_columns(count - i));
        bits[i / 8] = (uint8_t)signs;
        if (count - i > 8) bits[i / 8 + 1] = (uint8_t)(signs >> 8);
    }
}

}  // namespace axnn::avx512
