// Packing for the integer panel GEMMs: codes of several taps side by side, 16 columns at a time, and rows
// of weights side by side.
#pragma once

#include <immintrin.h>

#include "kernels/avx2/transpose.hpp"
#include "kernels/kernels.hpp"

namespace axnn::avx2 {

// 16 codes `stride` apart, of which the first `count` matter; Stride is 1, 2 or, for any other, 0.
template <size_t Stride>
static inline __m128i load_codes(const uint8_t* in, size_t stride, size_t count) {
    const auto load = [](const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); };
    if constexpr (Stride == 1) return load(in);
    if constexpr (Stride == 2) {
        const __m128i even = _mm_set1_epi16(0xff);
        return _mm_packus_epi16(_mm_and_si128(load(in), even), _mm_and_si128(load(in + 16), even));
    }
    uint8_t codes[16] = {};
    for (size_t i = 0; i < 16 && i < count; i++) codes[i] = in[i * stride];
    return load(codes);
}

// Calls store(column, codes) for each 16 columns of each row, codes those of Taps taps.
template <size_t Taps, size_t Stride, typename Store>
static inline void for_each_codes(const PanelValues<uint8_t>& v, const Store& store) {
    const __m128i flips = _mm_set1_epi8((char)v.flip);
    for (size_t r = 0; r < v.rows; r++)
        for (size_t n = 0; n < v.columns; n += 16) {
            __m128i codes[Taps];
#pragma GCC unroll 4
            for (size_t j = 0; j < Taps; j++)
                codes[j] = v.taps[j]
                               ? _mm_xor_si128(load_codes<Stride>(v.taps[j] + r * v.row_stride + n * v.stride,
                                                                  v.stride, v.columns - n),
                                               flips)
                               : _mm_setzero_si128();
            store(r * v.columns + n, codes);
        }
}
template <size_t Taps, typename Store>
static inline void for_each_codes(const PanelValues<uint8_t>& v, const Store& store) {
    if (v.stride == 1) for_each_codes<Taps, 1>(v, store);
    else if (v.stride == 2) for_each_codes<Taps, 2>(v, store);
    else for_each_codes<Taps, 0>(v, store);
}

// Two taps as int16.
static inline void pack_values_2_words(const PanelValues<uint8_t>& v) {
    for_each_codes<2>(v, [&](size_t column, const __m128i(&codes)[2]) {
        auto* to = reinterpret_cast<__m256i*>(static_cast<int16_t*>(v.packed) + column * 2);
        _mm256_storeu_si256(to, _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(codes[0], codes[1])));
        _mm256_storeu_si256(to + 1, _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(codes[0], codes[1])));
    });
}

// Two taps of words, 8 columns at a time; Stride is 1 or, for any other, 0.
template <size_t Stride>
static inline __m128i load_words(const int16_t* in, size_t stride, size_t count) {
    if constexpr (Stride == 1) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    int16_t words[8] = {};
    for (size_t i = 0; i < 8 && i < count; i++) words[i] = in[i * stride];
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(words));
}
template <size_t Stride>
static inline void interleave_words(const PanelValues<int16_t>& v) {
    for (size_t r = 0; r < v.rows; r++)
        for (size_t n = 0; n < v.columns; n += 8) {
            __m128i words[2];
            for (size_t j = 0; j < 2; j++)
                words[j] = v.taps[j] ? load_words<Stride>(v.taps[j] + r * v.row_stride + n * v.stride,
                                                          v.stride, v.columns - n)
                                     : _mm_setzero_si128();
            auto* to = reinterpret_cast<__m128i*>(static_cast<int16_t*>(v.packed) + (r * v.columns + n) * 2);
            _mm_storeu_si128(to, _mm_unpacklo_epi16(words[0], words[1]));
            _mm_storeu_si128(to + 1, _mm_unpackhi_epi16(words[0], words[1]));
        }
}
static inline void pack_values_2_of_words(const PanelValues<int16_t>& v) {
    v.stride == 1 ? interleave_words<1>(v) : interleave_words<0>(v);
}

// Four taps as bytes.
static inline void pack_values_4_bytes(const PanelValues<uint8_t>& v) {
    for_each_codes<4>(v, [&](size_t column, const __m128i(&codes)[4]) {
        const __m128i ab0 = _mm_unpacklo_epi8(codes[0], codes[1]);
        const __m128i ab1 = _mm_unpackhi_epi8(codes[0], codes[1]);
        const __m128i cd0 = _mm_unpacklo_epi8(codes[2], codes[3]);
        const __m128i cd1 = _mm_unpackhi_epi8(codes[2], codes[3]);
        auto* to = reinterpret_cast<__m128i*>(static_cast<uint8_t*>(v.packed) + column * 4);
        _mm_storeu_si128(to, _mm_unpacklo_epi16(ab0, cd0));
        _mm_storeu_si128(to + 1, _mm_unpackhi_epi16(ab0, cd0));
        _mm_storeu_si128(to + 2, _mm_unpacklo_epi16(ab1, cd1));
        _mm_storeu_si128(to + 3, _mm_unpackhi_epi16(ab1, cd1));
    });
}

// Eight 32-bit units of a row; zeros where there is none.
static inline __m256i load_units(const void* row, size_t unit) {
    return row ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(static_cast<const int32_t*>(row) + unit))
               : _mm256_setzero_si256();
}

// Packs rows of 32-bit units side by side, [units][Channels], from load(channel, unit): eight units of a
// row. Returns how many units are done; the last few are left to the caller.
template <size_t Channels, typename Load>
static inline size_t pack_units(size_t units, void* packed, const Load& load) {
    static_assert(Channels <= 8);
    // A store writes eight channels: those that do not exist are written over by the next.
    constexpr size_t spare = 7 / Channels;
    auto* out = static_cast<int32_t*>(packed);
    size_t unit = 0;
    for (; unit + 8 + spare <= units; unit += 8) {
        __m256i row[8];
        for (size_t c = 0; c < 8; c++) row[c] = c < Channels ? load(c, unit) : _mm256_setzero_si256();
        transpose_8x8_dwords(row);
        for (size_t i = 0; i < 8; i++, out += Channels)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), row[i]);
    }
    return unit;
}

}  // namespace axnn::avx2
