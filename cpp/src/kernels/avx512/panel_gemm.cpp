// Panel GEMMs on 512-bit registers, tiles of 8 channels x 3 vectors of 16 columns.
//
//   float  24 vfmadd231ps for 3 + 8 loads: bound 32 products/cycle with two FMA units
//   int8   values u8, weights s8, 24 vpdpbusd (four products to a lane) for 3 + 8 loads: bound 128
//          products/cycle. vpdpbusd does not saturate; sums wrap modulo 2^32.
#include <immintrin.h>

#include "kernels/avx2/transpose.hpp"
#include "kernels/avx512/avx512.hpp"
#include "kernels/panel_tile.hpp"

namespace axnn::avx512 {
namespace {

constexpr int channels = 8;
constexpr int vectors = 3;

struct Float {
    using Sum = float;
    using Vector = __m512;
    static constexpr int lanes = 16;
    static Vector zero() { return _mm512_setzero_ps(); }
    static Vector load(const Sum* sums) { return _mm512_loadu_ps(sums); }
    static void store(Sum* sums, Vector v) { _mm512_storeu_ps(sums, v); }
    static Vector values(const void* units) { return _mm512_loadu_ps(units); }
    static Vector spread(const void* unit) { return _mm512_set1_ps(*static_cast<const float*>(unit)); }
    static Vector madd(Vector sum, Vector w, Vector x) { return _mm512_fmadd_ps(w, x, sum); }
};

struct Int8 {
    using Sum = int32_t;
    using Vector = __m512i;
    static constexpr int lanes = 16;
    static Vector zero() { return _mm512_setzero_si512(); }
    static Vector load(const Sum* sums) { return _mm512_loadu_si512(sums); }
    static void store(Sum* sums, Vector v) { _mm512_storeu_si512(sums, v); }
    static Vector values(const void* units) { return _mm512_loadu_si512(units); }
    static Vector spread(const void* unit) { return _mm512_set1_epi32(*static_cast<const int32_t*>(unit)); }
    static Vector madd(Vector sum, Vector w, Vector x) { return _mm512_dpbusd_epi32(sum, x, w); }
};

// Units of 8 rows side by side, [units][8]; null rows are zeros. Returns the units packed, a multiple of 8.
size_t pack_units_8(const void* const* rows, size_t units, void* packed) {
    auto* out = static_cast<__m256i*>(packed);
    size_t unit = 0;
    for (; unit + 8 <= units; unit += 8) {
        __m256i row[8];
        for (int c = 0; c < 8; c++)
            row[c] = rows[c] ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(
                                   static_cast<const char*>(rows[c]) + unit * panel_unit))
                             : _mm256_setzero_si256();
        avx2::transpose_8x8_dwords(row);
        for (int i = 0; i < 8; i++) _mm256_storeu_si256(out++, row[i]);
    }
    return unit;
}

void pack_float_weights_8(const float* const* rows, size_t taps, void* packed) {
    const size_t done = pack_units_8(reinterpret_cast<const void* const*>(rows), taps, packed);
    pack_float_weights(rows, channels, done, taps, packed);
}

void run_float(const PanelGemmPass<float>& pass) { panel_tiles<Float, channels, vectors>(pass); }

void pack_int8_weights_8x4(const uint8_t* const* rows, size_t taps, void* packed) {
    const size_t done = pack_units_8(reinterpret_cast<const void* const*>(rows), taps / 4, packed);
    pack_int8_weights<int8_t>(rows, channels, 4, done, taps, packed);
}

// Columns of four taps side by side, 16 columns at a time.
void pack_int8_values_4(const uint8_t* const* taps, size_t columns, size_t stride, uint8_t flip,
                        void* packed) {
    auto* out = static_cast<uint8_t*>(packed);
    size_t n = 0;
    if (stride == 1) {
        const __m128i flips = _mm_set1_epi8((char)flip);
        const auto load = [&](int j, size_t at) {
            return taps[j]
                       ? _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(taps[j] + at)), flips)
                       : _mm_setzero_si128();
        };
        for (; n + 16 <= columns; n += 16) {
            const __m128i a = load(0, n), b = load(1, n), c = load(2, n), d = load(3, n);
            const __m128i ab0 = _mm_unpacklo_epi8(a, b), ab1 = _mm_unpackhi_epi8(a, b);
            const __m128i cd0 = _mm_unpacklo_epi8(c, d), cd1 = _mm_unpackhi_epi8(c, d);
            auto* to = reinterpret_cast<__m128i*>(out + n * 4);
            _mm_storeu_si128(to, _mm_unpacklo_epi16(ab0, cd0));
            _mm_storeu_si128(to + 1, _mm_unpackhi_epi16(ab0, cd0));
            _mm_storeu_si128(to + 2, _mm_unpacklo_epi16(ab1, cd1));
            _mm_storeu_si128(to + 3, _mm_unpackhi_epi16(ab1, cd1));
        }
    }
    for (; n < columns; n++)
        for (int j = 0; j < 4; j++) out[n * 4 + j] = taps[j] ? (uint8_t)(taps[j][n * stride] ^ flip) : 0;
}

void run_int8(const PanelGemmPass<int32_t>& pass) { panel_tiles<Int8, channels, vectors>(pass); }

}  // namespace

const FloatPanelGemm float_panel = {"fma_8x48_avx512",    channels,          Float::lanes, 1, 4, 4,
                                    pack_float_weights_8, pack_float_values, run_float};
const Int8PanelGemm int8_panel = {"vnni_8x48_avx512",    channels,           Int8::lanes, 4, 1, 1,
                                  pack_int8_weights_8x4, pack_int8_values_4, run_int8};

}  // namespace axnn::avx512
