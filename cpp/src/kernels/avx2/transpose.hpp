// In-register transposes. AVX2's unpack instructions work within 128-bit lanes, and so do these: each
// lane is a matrix of its own.
#pragma once

#include <immintrin.h>

namespace axnn::avx2 {

// Both lanes: 8 rows of 8 words; row i of the result is column i of the rows given. 24 unpacks.
static inline void transpose_8x8_words(__m256i (&row)[8]) {
    __m256i pair[8], quad[8];
    for (int i = 0; i < 4; i++) {
        pair[i] = _mm256_unpacklo_epi16(row[2 * i], row[2 * i + 1]);
        pair[i + 4] = _mm256_unpackhi_epi16(row[2 * i], row[2 * i + 1]);
    }
    for (int i = 0; i < 4; i++) {
        quad[i] = _mm256_unpacklo_epi32(pair[2 * i], pair[2 * i + 1]);
        quad[i + 4] = _mm256_unpackhi_epi32(pair[2 * i], pair[2 * i + 1]);
    }
    // quad[0], quad[1]: columns 0, 1 of rows 0..3, 4..7; quad[4], [5]: columns 2, 3; quad[2], [3]:
    // columns 4, 5; quad[6], [7]: columns 6, 7.
    constexpr int order[4] = {0, 4, 2, 6};
    for (int i = 0; i < 4; i++) {
        row[2 * i] = _mm256_unpacklo_epi64(quad[order[i]], quad[order[i] + 1]);
        row[2 * i + 1] = _mm256_unpackhi_epi64(quad[order[i]], quad[order[i] + 1]);
    }
}

// Both lanes: 4 rows of 4 double words. 8 unpacks.
static inline void transpose_4x4_dwords(__m256i (&row)[4]) {
    const __m256i lo01 = _mm256_unpacklo_epi32(row[0], row[1]);
    const __m256i hi01 = _mm256_unpackhi_epi32(row[0], row[1]);
    const __m256i lo23 = _mm256_unpacklo_epi32(row[2], row[3]);
    const __m256i hi23 = _mm256_unpackhi_epi32(row[2], row[3]);
    row[0] = _mm256_unpacklo_epi64(lo01, lo23);
    row[1] = _mm256_unpackhi_epi64(lo01, lo23);
    row[2] = _mm256_unpacklo_epi64(hi01, hi23);
    row[3] = _mm256_unpackhi_epi64(hi01, hi23);
}

// 8 rows of 8 double words; row i of the result is column i of the rows given. 16 unpacks, 8 permutes.
static inline void transpose_8x8_dwords(__m256i (&row)[8]) {
    __m256i upper[4] = {row[0], row[1], row[2], row[3]};
    __m256i lower[4] = {row[4], row[5], row[6], row[7]};
    transpose_4x4_dwords(upper);
    transpose_4x4_dwords(lower);
    for (int i = 0; i < 4; i++) {
        row[i] = _mm256_permute2x128_si256(upper[i], lower[i], 0x20);
        row[i + 4] = _mm256_permute2x128_si256(upper[i], lower[i], 0x31);
    }
}

// Lanes from two places: low from `low`, high from `high`.
static inline __m256i load_lanes(const void* low, const void* high) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(static_cast<const __m128i*>(low))),
                                   _mm_loadu_si128(static_cast<const __m128i*>(high)), 1);
}

}  // namespace axnn::avx2
