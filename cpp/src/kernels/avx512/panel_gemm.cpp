// Panel GEMMs on 512-bit registers, tiles of 8 channels x 3 vectors of 16 columns.
//
//   float  24 vfmadd231ps for 3 + 8 loads: bound 32 products/cycle with two FMA units
//   int16  24 vpdpwssd (two products to a lane) for 3 + 8 loads: bound 64 products/cycle. Neither it nor
//          vpdpbusd saturates; sums wrap modulo 2^32.
//   int8   values u8, weights s8, 24 vpdpbusd (four products to a lane) for 3 + 8 loads: bound 128
//          products/cycle
#include <immintrin.h>

#include "kernels/avx2/panel_pack.hpp"
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

struct Int16 : Int8 {
    static Vector madd(Vector sum, Vector w, Vector x) { return _mm512_dpwssd_epi32(sum, x, w); }
};

void pack_float_weights_8(const float* const* rows, size_t taps, void* packed) {
    const size_t done = avx2::pack_units<channels>(
        taps, packed, [&](size_t c, size_t unit) { return avx2::load_units(rows[c], unit); });
    pack_float_weights(rows, channels, done, taps, packed);
}

void run_float(const PanelGemmPass<float>& pass) { panel_tiles<Float, channels, vectors>(pass); }

void pack_int8_weights_8x4(const uint8_t* const* rows, size_t taps, void* packed) {
    const size_t done = avx2::pack_units<channels>(
        taps / 4, packed, [&](size_t c, size_t unit) { return avx2::load_units(rows[c], unit); });
    pack_integer_weights<int8_t>(rows, channels, 4, done, taps, packed);
}

// Four taps of 16 columns in one register, [tap][column], put in order by one vpermb.
void pack_values_4_bytes(const PanelValues<uint8_t>& v) {
    alignas(64) uint8_t order[64];
    for (int i = 0; i < 64; i++) order[i] = (uint8_t)(i % 4 * 16 + i / 4);
    const __m512i by_column = _mm512_load_si512(order);
    avx2::for_each_codes<4>(v, [&](size_t column, const __m128i(&codes)[4]) {
        __m512i taps = _mm512_castsi128_si512(codes[0]);
        taps = _mm512_inserti32x4(taps, codes[1], 1);
        taps = _mm512_inserti32x4(taps, codes[2], 2);
        taps = _mm512_inserti32x4(taps, codes[3], 3);
        _mm512_storeu_si512(static_cast<uint8_t*>(v.packed) + column * 4,
                            _mm512_permutexvar_epi8(by_column, taps));
    });
}

void run_int8(const PanelGemmPass<int32_t>& pass) { panel_tiles<Int8, channels, vectors>(pass); }

void pack_int16_weights_8x2(const int16_t* const* rows, size_t taps, void* packed) {
    const size_t done = avx2::pack_units<channels>(
        taps / 2, packed, [&](size_t c, size_t unit) { return avx2::load_units(rows[c], unit); });
    pack_integer_weights<int16_t>(rows, channels, 2, done, taps, packed);
}

void run_int16(const PanelGemmPass<int32_t>& pass) { panel_tiles<Int16, channels, vectors>(pass); }

}  // namespace

const FloatPanelGemm float_panel = {"fma_8x48_avx512",    channels,          Float::lanes, 1, 4, 4, 24,
                                    pack_float_weights_8, pack_float_values, run_float};
constexpr Int8PanelGemm int8_kernel = {
    "vnni_8x48_avx512",  channels, Int8::lanes, 4, 1, 1, 55, pack_int8_weights_8x4,
    pack_values_4_bytes, run_int8};
const Int8PanelGemm int8_panel = int8_kernel;
const Int8PanelGemm int8_panel_7bit = int8_kernel;
const Int16PanelGemm int16_panel = {
    "vnni_8x48_words_avx512",     channels, Int16::lanes, 2, 2, 2, 28, pack_int16_weights_8x2,
    avx2::pack_values_2_of_words, run_int16};

}  // namespace axnn::avx512
