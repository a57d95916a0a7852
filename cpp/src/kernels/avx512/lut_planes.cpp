// Table GEMM by permutation of byte planes: sums[n][l] += sum_k table[lane[k][l]][index[k][n]].
//
// Made for few columns, where vector tables do not pay: nothing is made for a tap. For index byte w the table
// holds the entries of all 256 lane bytes as byte planes, four registers each: entry + 32768 as lower and
// upper bytes, or the entry alone where it is 0..255. 64 lanes are looked up at once, four vpermb a plane, of
// which each but the first replaces the lanes whose upper two bits select its quarter.
//
// Operand layout: indices [taps][index_stride] (step 1), 64 lanes a block. For four indices at a time two
// 16-bit sums stay in registers for each plane: of the bytes as words, and of the upper bytes alone.
// Instructions for an index, a tap and a plane: 4 loads, 4 vpermb, 1 shift, 2 additions; vpermb bounds it:
// 64 products in 8 cycles with two planes, 8 a cycle; 16 with one. Lane bytes below 128 need half of it.
// Overflow rule: 256 bytes fit 16 bits, then they are added to the sums, which wrap modulo 2^32.
#include <immintrin.h>
#include <limits.h>

#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {
namespace {

constexpr uint32_t lanes = 64;
constexpr size_t lane_values = 256;
constexpr size_t narrow_taps = 256;

// Quarters of 64 lane bytes: the upper two bits.
struct Quarters {
    __mmask64 second, third, fourth;
    explicit Quarters(__m512i bytes) {
        const __mmask64 bit7 = _mm512_movepi8_mask(bytes);
        const __mmask64 bit6 = _mm512_movepi8_mask(_mm512_add_epi8(bytes, bytes));
        second = _kandn_mask64(bit7, bit6);
        third = _kandn_mask64(bit6, bit7);
        fourth = _kand_mask64(bit6, bit7);
    }
};

template <bool seven_bits>
__m512i look_up(const uint8_t* plane, __m512i bytes, const Quarters& quarters) {
    __m512i v = _mm512_permutexvar_epi8(bytes, _mm512_load_si512(plane));
    v = _mm512_mask_permutexvar_epi8(v, quarters.second, bytes, _mm512_load_si512(plane + 64));
    if constexpr (!seven_bits) {
        v = _mm512_mask_permutexvar_epi8(v, quarters.third, bytes, _mm512_load_si512(plane + 128));
        v = _mm512_mask_permutexvar_epi8(v, quarters.fourth, bytes, _mm512_load_si512(plane + 192));
    }
    return v;
}

// Adds up to 256 taps of `count` indices.
template <int planes, int count, bool seven_bits>
void add_taps(const LutGemmPass& pass, size_t first_tap, size_t taps, size_t n) {
    const auto* table = static_cast<const uint8_t*>(pass.table);
    __m512i words[count][planes], upper[count][planes];
#pragma GCC unroll 4
    for (int i = 0; i < count; i++)
#pragma GCC unroll 2
        for (int p = 0; p < planes; p++) words[i][p] = upper[i][p] = _mm512_setzero_si512();
    for (size_t k = first_tap; k < first_tap + taps; k++) {
        const __m512i bytes = _mm512_loadu_si512(pass.lanes + k * lanes);
        const Quarters quarters(bytes);
        const uint16_t* indices = pass.indices + k * pass.index_stride + n;
#pragma GCC unroll 4
        for (int i = 0; i < count; i++) {
            const uint8_t* row = table + indices[i] * (planes * lane_values);
#pragma GCC unroll 2
            for (int p = 0; p < planes; p++) {
                const __m512i v = look_up<seven_bits>(row + p * lane_values, bytes, quarters);
                words[i][p] = _mm512_add_epi16(words[i][p], v);
                upper[i][p] = _mm512_add_epi16(upper[i][p], _mm512_srli_epi16(v, 8));
            }
        }
    }
    const uint32_t bias = planes == 2 ? (uint32_t)(taps * -(int64_t)INT16_MIN) : 0;
#pragma GCC unroll 4
    for (int i = 0; i < count; i++) {
        alignas(64) uint16_t even[2][lanes / 2] = {};  // of lanes 0, 2, ...
        alignas(64) uint16_t odd[2][lanes / 2] = {};
#pragma GCC unroll 2
        for (int p = 0; p < planes; p++) {
            const __m512i lower = _mm512_sub_epi16(words[i][p], _mm512_slli_epi16(upper[i][p], 8));
            _mm512_store_si512(even[p], lower);
            _mm512_store_si512(odd[p], upper[i][p]);
        }
        int32_t* sums = pass.sums + (n + (size_t)i) * lanes;
        for (size_t l = 0; l < lanes; l += 2) {
            sums[l] = (int32_t)((uint32_t)sums[l] + even[0][l / 2] + (uint32_t)even[1][l / 2] * 256 - bias);
            sums[l + 1] =
                (int32_t)((uint32_t)sums[l + 1] + odd[0][l / 2] + (uint32_t)odd[1][l / 2] * 256 - bias);
        }
    }
}

template <int planes, bool seven_bits>
void add_all(const LutGemmPass& pass) {
    for (size_t k = 0; k < pass.taps; k += narrow_taps) {
        const size_t taps = pass.taps - k < narrow_taps ? pass.taps - k : narrow_taps;
        size_t n = 0;
        for (; n + 4 <= pass.count; n += 4) add_taps<planes, 4, seven_bits>(pass, k, taps, n);
        for (; n < pass.count; n++) add_taps<planes, 1, seven_bits>(pass, k, taps, n);
    }
}

template <int planes>
void run(const LutGemmPass& pass) {
    pass.lane_end <= lane_values / 2 ? add_all<planes, true>(pass) : add_all<planes, false>(pass);
}

// [index byte][planes][lane byte]
template <int planes>
void make_table(const int32_t* entries, void* table) {
    auto* out = static_cast<uint8_t*>(table);
    for (size_t lane = 0; lane < lane_values; lane++)
        for (size_t index = 0; index < 256; index++) {
            const auto entry = (uint32_t)(entries[lane * 256 + index] - (planes == 2 ? INT16_MIN : 0));
            for (size_t p = 0; p < planes; p++)
                out[(index * planes + p) * lane_values + lane] = (uint8_t)(entry >> (8 * p));
        }
}

void pack(const uint8_t* const* taps, size_t count, size_t stride, uint16_t* packed) {
    for (size_t n = 0; n < count; n++) packed[n] = taps[0] ? taps[0][n * stride] : 0;
}

}  // namespace

const LutGemm lut_planes_uint8 = {"planes_uint8_64x1_avx512",
                                  lanes,
                                  1,
                                  0,
                                  UINT8_MAX,
                                  size_t{1} << 16,
                                  0,
                                  10,
                                  7.2f,
                                  make_table<1>,
                                  pack,
                                  run<1>};
const LutGemm lut_planes_int16 = {"planes_int16_64x1_avx512",
                                  lanes,
                                  1,
                                  INT16_MIN,
                                  INT16_MAX,
                                  size_t{2} << 16,
                                  0,
                                  10,
                                  15.2f,
                                  make_table<2>,
                                  pack,
                                  run<2>};

}  // namespace axnn::avx512
