// Panel GEMMs on 256-bit registers.
//
//   float       tiles of 4 channels x 3 vectors of 8 columns: 12 vfmadd231ps for 3 + 4 loads, bound 16
//               products/cycle with two FMA units
//   int8        values and weights widened to int16 when they are packed, tiles of 6 channels x 2 vectors
//               of 8 columns: 12 vpmaddwd (two products to a lane) and 12 vpaddd for 2 + 6 loads, bound 24
//               products/cycle with three vector ports. A pair of products fits int32 (2 * 128 * 255).
//   int16       the same tiles on words. Of all pairs of products only (-32768)^2 twice, 2^31, does not fit
//               int32; it wraps, as all sums do.
//   int8_7bit   weights and values stay bytes, tiles of 4 channels x 2 vectors of 8 columns: 8 vpmaddubsw
//               (pairs of products in int16, which values of 7 bits never saturate: 2 * 127 * 128 = 32512),
//               8 vpmaddwd with ones (four products to a lane) and 8 vpaddd for 2 + 4 loads, bound 32
//               products/cycle with three vector ports, two of which multiply
//
// int32 sums wrap modulo 2^32. Zen 3 has four vector ports but spreads additions over those that multiply
// too: the bare instructions reach 25.5 and 30.5 products/cycle there.
#include <immintrin.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/avx2/panel_pack.hpp"
#include "kernels/panel_tile.hpp"

namespace axnn::avx2 {
namespace {

constexpr int float_channels = 4;
constexpr int int8_channels = 6;
constexpr int int8_7bit_channels = 4;

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

// 32-bit sums of integer products.
struct Int8Sums {
    using Sum = int32_t;
    using Vector = __m256i;
    static constexpr int lanes = 8;
    static Vector zero() { return _mm256_setzero_si256(); }
    static Vector load(const Sum* sums) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums)); }
    static void store(Sum* sums, Vector v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums), v); }
    static Vector values(const void* units) { return _mm256_loadu_si256(static_cast<const __m256i*>(units)); }
    static Vector spread(const void* unit) { return _mm256_set1_epi32(*static_cast<const int32_t*>(unit)); }
};

struct Int16Pairs : Int8Sums {
    static Vector madd(Vector sum, Vector w, Vector x) {
        return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
    }
};

struct Int8Quads : Int8Sums {
    static Vector madd(Vector sum, Vector w, Vector x) {
        const Vector pairs = _mm256_maddubs_epi16(x, w);
        return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
};

void pack_float_weights_4(const float* const* rows, size_t taps, void* packed) {
    const size_t done = pack_units<float_channels>(
        taps, packed, [&](size_t c, size_t unit) { return load_units(rows[c], unit); });
    pack_float_weights(rows, float_channels, done, taps, packed);
}

void run_float(const PanelGemmPass<float>& pass) { panel_tiles<Float, float_channels, 3>(pass); }

void pack_int8_weights_6x2(const uint8_t* const* rows, size_t taps, void* packed) {
    const size_t done = pack_units<int8_channels>(taps / 2, packed, [&](size_t c, size_t unit) {
        if (!rows[c]) return _mm256_setzero_si256();
        const auto* codes = reinterpret_cast<const __m128i*>(rows[c] + unit * 2);
        return _mm256_cvtepi8_epi16(_mm_loadu_si128(codes));
    });
    pack_integer_weights<int16_t>(rows, int8_channels, 2, done, taps, packed);
}

void pack_int16_weights_6x2(const int16_t* const* rows, size_t taps, void* packed) {
    const size_t done = pack_units<int8_channels>(
        taps / 2, packed, [&](size_t c, size_t unit) { return load_units(rows[c], unit); });
    pack_integer_weights<int16_t>(rows, int8_channels, 2, done, taps, packed);
}

void run_pairs(const PanelGemmPass<int32_t>& pass) { panel_tiles<Int16Pairs, int8_channels, 2>(pass); }

void pack_int8_weights_4x4(const uint8_t* const* rows, size_t taps, void* packed) {
    const size_t done = pack_units<int8_7bit_channels>(
        taps / 4, packed, [&](size_t c, size_t unit) { return load_units(rows[c], unit); });
    pack_integer_weights<int8_t>(rows, int8_7bit_channels, 4, done, taps, packed);
}

void run_int8_7bit(const PanelGemmPass<int32_t>& pass) {
    panel_tiles<Int8Quads, int8_7bit_channels, 2>(pass);
}

}  // namespace

const FloatPanelGemm float_panel = {"fma_4x24_avx2",      float_channels,    Float::lanes, 1, 4, 4, 14,
                                    pack_float_weights_4, pack_float_values, run_float};
const Int8PanelGemm int8_panel = {"maddwd_6x16_avx2",    int8_channels,       Int8Sums::lanes, 2, 2, 2, 21,
                                  pack_int8_weights_6x2, pack_values_2_words, run_pairs};
const Int8PanelGemm int8_panel_7bit = {
    "maddubs_4x16_avx2",   int8_7bit_channels,  Int8Sums::lanes, 4, 1, 1, 27,
    pack_int8_weights_4x4, pack_values_4_bytes, run_int8_7bit};
const Int16PanelGemm int16_panel = {
    "maddwd_6x16_words_avx2", int8_channels,          Int8Sums::lanes, 2, 2, 2, 21,
    pack_int16_weights_6x2,   pack_values_2_of_words, run_pairs};

}  // namespace axnn::avx2
