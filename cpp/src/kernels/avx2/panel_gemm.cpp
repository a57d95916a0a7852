// Panel GEMMs on 256-bit registers.
//
//   float  tiles of 4 channels x 3 vectors of 8 columns: 12 vfmadd231ps for 3 + 4 loads, bound 16
//          products/cycle with two FMA units
//   int8   values and weights widened to int16 when they are packed, tiles of 4 channels x 2 vectors of 8
//          columns: 8 vpmaddwd (two products to a lane) and 8 vpaddd for 2 + 4 loads, bound 24
//          products/cycle with three vector ports. A pair of products fits int32 (2 * 128 * 255); sums wrap
//          modulo 2^32.
#include <immintrin.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/avx2/transpose.hpp"
#include "kernels/panel_tile.hpp"

namespace axnn::avx2 {
namespace {

constexpr int channels = 4;

struct Float {
    using Sum = float;
    using Vector = __m256;
    static constexpr int lanes = 8;
    static Vector zero() { return _mm256_setzero_ps(); }
    static Vector load(const Sum* sums) { return _mm256_loadu_ps(sums); }
    static void store(Sum* sums, Vector v) { _mm256_storeu_ps(sums, v); }
    static Vector values(const void* units) { return _mm256_loadu_ps(static_cast<const float*>(units)); }
    static Vector spread(const void* unit) { return _mm256_broadcast_ss(static_cast<const float*>(unit)); }
    static Vector madd(Vector sum, Vector w, Vector x) { return _mm256_fmadd_ps(w, x, sum); }
};

struct Int16Pairs {
    using Sum = int32_t;
    using Vector = __m256i;
    static constexpr int lanes = 8;
    static Vector zero() { return _mm256_setzero_si256(); }
    static Vector load(const Sum* sums) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums)); }
    static void store(Sum* sums, Vector v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums), v); }
    static Vector values(const void* units) { return _mm256_loadu_si256(static_cast<const __m256i*>(units)); }
    static Vector spread(const void* unit) { return _mm256_set1_epi32(*static_cast<const int32_t*>(unit)); }
    static Vector madd(Vector sum, Vector w, Vector x) {
        return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
    }
};

// 8 units of 4 rows side by side, [8][4].
void store_units_4x8(__m256i (&row)[4], void* packed) {
    transpose_4x4_dwords(row);
    auto* out = static_cast<__m128i*>(packed);
    for (int i = 0; i < 4; i++) {
        _mm_storeu_si128(out + i, _mm256_castsi256_si128(row[i]));
        _mm_storeu_si128(out + 4 + i, _mm256_extracti128_si256(row[i], 1));
    }
}

void pack_float_weights_4(const float* const* rows, size_t taps, void* packed) {
    size_t k = 0;
    for (; k + 8 <= taps; k += 8) {
        __m256i row[4];
        for (int c = 0; c < 4; c++)
            row[c] = rows[c] ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[c] + k))
                             : _mm256_setzero_si256();
        store_units_4x8(row, static_cast<float*>(packed) + k * channels);
    }
    pack_float_weights(rows, channels, k, taps, packed);
}

void run_float(const PanelGemmPass<float>& pass) { panel_tiles<Float, channels, 3>(pass); }

void pack_int8_weights_4x2(const uint8_t* const* rows, size_t taps, void* packed) {
    size_t k = 0;
    for (; k + 16 <= taps; k += 16) {
        __m256i row[4];
        for (int c = 0; c < 4; c++)
            row[c] =
                rows[c] ? _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[c] + k)))
                        : _mm256_setzero_si256();
        store_units_4x8(row, static_cast<int16_t*>(packed) + k * channels);
    }
    pack_int8_weights<int16_t>(rows, channels, 2, k / 2, taps, packed);
}

// Columns of two taps side by side as int16, 16 columns at a time.
void pack_int8_values_2(const uint8_t* const* taps, size_t columns, size_t stride, uint8_t flip,
                        void* packed) {
    auto* out = static_cast<int16_t*>(packed);
    size_t n = 0;
    if (stride == 1) {
        const __m128i flips = _mm_set1_epi8((char)flip);
        const auto load = [&](int j, size_t at) {
            return taps[j]
                       ? _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(taps[j] + at)), flips)
                       : _mm_setzero_si128();
        };
        for (; n + 16 <= columns; n += 16) {
            const __m128i a = load(0, n), b = load(1, n);
            auto* to = reinterpret_cast<__m256i*>(out + n * 2);
            _mm256_storeu_si256(to, _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b)));
            _mm256_storeu_si256(to + 1, _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b)));
        }
    }
    for (; n < columns; n++)
        for (int j = 0; j < 2; j++)
            out[n * 2 + (size_t)j] = taps[j] ? (int16_t)(uint8_t)(taps[j][n * stride] ^ flip) : 0;
}

void run_int8(const PanelGemmPass<int32_t>& pass) { panel_tiles<Int16Pairs, channels, 2>(pass); }

}  // namespace

const FloatPanelGemm float_panel = {"fma_4x24_avx2",      channels,          Float::lanes, 1, 4, 4,
                                    pack_float_weights_4, pack_float_values, run_float};
const Int8PanelGemm int8_panel = {"maddwd_4x16_avx2",    channels,           Int16Pairs::lanes, 2, 2, 2,
                                  pack_int8_weights_4x2, pack_int8_values_2, run_int8};

}  // namespace axnn::avx2
