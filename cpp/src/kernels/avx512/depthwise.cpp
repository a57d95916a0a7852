// Depthwise sums in 512-bit vectors: exact products and floats as plain loops, int16 tables by permutation.
//
// Formula of a table: sums[i][j] += sum_(r, s) table[weight[r][s]][value at column j of that tap].
// Operand layout: codes in place in the patch, four runs of up to 16 columns at a time, whichever rows they
// are of. A weight's row of the table is in registers as two planes of 256 bytes, the low and the high bytes
// of its entries; taps pass by in pairs, sums go through memory once a pair.
// Instructions for 128 products, 64 columns of two taps: 8 vpermi2b look up, 4 blends choose by the codes'
// top bit, 8 vpunpck put the bytes of both taps side by side, 4 vpdpwssd add; 6 vinserti and 2 vpermd bring
// the codes into the order that vpunpck undoes. Bound: 24 of them on one shuffle port, 5.3 products per
// cycle. Overflow rule: sums wrap modulo 2^32.
#include <immintrin.h>
#include <string.h>

#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {
namespace {

constexpr size_t lanes = 16;
#include "kernels/depthwise_loops.hpp"

constexpr size_t run_columns = 16;
constexpr size_t runs = 4;  // of a vector of codes

// A row of the table.
struct Planes {
    __m512i low[4];
    __m512i high[4];
};

Planes planes_of(const int16_t* row) {
    alignas(64) static constexpr auto even = [] {
        struct {
            uint8_t index[64];
        } e = {};
        for (size_t i = 0; i < 64; i++) e.index[i] = (uint8_t)(2 * i);
        return e;
    }();
    const __m512i low = _mm512_load_si512(even.index);
    const __m512i high = _mm512_or_si512(low, _mm512_set1_epi8(1));
    Planes planes;
    for (size_t i = 0; i < 4; i++) {
        const __m512i a = _mm512_loadu_si512(row + 64 * i);
        const __m512i b = _mm512_loadu_si512(row + 64 * i + 32);
        planes.low[i] = _mm512_permutex2var_epi8(a, low, b);
        planes.high[i] = _mm512_permutex2var_epi8(a, high, b);
    }
    return planes;
}

__m512i look_up(const __m512i (&plane)[4], __m512i codes) {
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes),
                                  _mm512_permutex2var_epi8(plane[0], codes, plane[1]),
                                  _mm512_permutex2var_epi8(plane[2], codes, plane[3]));
}

// Columns of a row of the output.
struct Run {
    size_t values;  // offset of its first column in the patch
    size_t sums;    // likewise in the sums
    size_t columns;
    __mmask16 mask() const { return (__mmask16)((1u << columns) - 1); }
};

__m128i load_codes(const uint8_t* codes, size_t step, const Run& run) {
    if (step == 1) return _mm_maskz_loadu_epi8(run.mask(), codes + run.values);
    alignas(16) uint8_t moved[run_columns] = {};
    for (size_t j = 0; j < run.columns; j++) moved[j] = codes[run.values + j * step];
    return _mm_load_si128(reinterpret_cast<const __m128i*>(moved));
}

// Of column 16 q + 4 l + e, which is byte 4 l + e of run q, the code is byte 16 l + 4 q + e.
__m512i load_codes(const uint8_t* codes, size_t step, const Run (&run)[runs]) {
    __m512i v = _mm512_castsi128_si512(load_codes(codes, step, run[0]));
    v = _mm512_inserti32x4(v, load_codes(codes, step, run[1]), 1);
    v = _mm512_inserti32x4(v, load_codes(codes, step, run[2]), 2);
    v = _mm512_inserti32x4(v, load_codes(codes, step, run[3]), 3);
    const __m512i transposed = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    // Masked, though all pass: GCC 12 warns of the plain form.
    return _mm512_maskz_permutexvar_epi32((__mmask16)0xffff, transposed, v);
}

void add(int32_t* sums, const Run& run, __m512i products) {
    const __m512i sum = _mm512_maskz_loadu_epi32(run.mask(), sums + run.sums);
    _mm512_mask_storeu_epi32(sums + run.sums, run.mask(),
                             _mm512_dpwssd_epi32(sum, products, _mm512_set1_epi16(1)));
}

// visit(runs) for all columns of the output.
template <typename Visit>
void for_each_runs(const DepthwisePass<uint8_t, int32_t>& pass, const Visit& visit) {
    Run run[runs] = {};
    size_t count = 0;
    size_t sums = 0;
    for (size_t b = 0; b < pass.images; b++)
        for (size_t i = 0; i < pass.rows; i++, sums += pass.cols) {
            const size_t values = b * pass.image_step + i * pass.stride_h * pass.row_step;
            for (size_t j = 0; j < pass.cols; j += run_columns) {
                const size_t rest = pass.cols - j;
                run[count++] = {values + j * pass.stride_w, sums + j,
                                rest < run_columns ? rest : run_columns};
                if (count < runs) continue;
                visit(run);
                count = 0;
            }
        }
    if (count == 0) return;
    while (count < runs) run[count++].columns = 0;
    visit(run);
}

void run_lut_int16(const DepthwisePass<uint8_t, int32_t>& pass) {
    const auto* table = static_cast<const int16_t*>(pass.table);
    const auto planes = [&](size_t tap) {
        return planes_of(table +
                         size_t{256} * pass.weights[tap / pass.ss * pass.weight_stride + tap % pass.ss]);
    };
    const auto values = [&](size_t tap) {
        return pass.values + tap / pass.ss * pass.dilation_h * pass.row_step +
               tap % pass.ss * pass.dilation_w;
    };
    const size_t taps = pass.rs * pass.ss;
    for (size_t tap = 0; tap < taps; tap += 2) {
        // A last tap without a partner is paired with products of 0.
        const bool paired = tap + 1 < taps;
        const Planes a = planes(tap), b = paired ? planes(tap + 1) : Planes{};
        const uint8_t* const a_values = values(tap);
        const uint8_t* const b_values = values(paired ? tap + 1 : tap);
        for_each_runs(pass, [&](const Run(&run)[runs]) {
            const __m512i a_codes = load_codes(a_values, pass.stride_w, run);
            const __m512i b_codes = load_codes(b_values, pass.stride_w, run);
            const __m512i a_low = look_up(a.low, a_codes), a_high = look_up(a.high, a_codes);
            const __m512i b_low = look_up(b.low, b_codes), b_high = look_up(b.high, b_codes);
            const __m512i a01 = _mm512_unpacklo_epi8(a_low, a_high);
            const __m512i a23 = _mm512_unpackhi_epi8(a_low, a_high);
            const __m512i b01 = _mm512_unpacklo_epi8(b_low, b_high);
            const __m512i b23 = _mm512_unpackhi_epi8(b_low, b_high);
            add(pass.sums, run[0], _mm512_unpacklo_epi16(a01, b01));
            add(pass.sums, run[1], _mm512_unpackhi_epi16(a01, b01));
            add(pass.sums, run[2], _mm512_unpacklo_epi16(a23, b23));
            add(pass.sums, run[3], _mm512_unpackhi_epi16(a23, b23));
        });
    }
}

}  // namespace

const IntegerDepthwise lut_depthwise_int16 = {"avx512_permute_depthwise", 0, run_lut_int16};
const IntegerDepthwise int8_depthwise = {"avx512_int8_depthwise", 0, run_int8};
const FloatDepthwise float_depthwise = {"avx512_float_depthwise", 0, run_float};

}  // namespace axnn::avx512
