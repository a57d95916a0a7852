// Depthwise table sums: sums[i][j] += sum_(r, s) table[weight[r][s]][value at column j of that tap].
//
// Operand layout: codes in place in the patch; 8 columns stay in a register while the taps pass by.
// Instructions: vpmovzxbd, vpgatherdd from the weight's row of the table. An int16 entry is gathered with its
// neighbour as an aligned pair, so that nothing outside the table is read, and moved to the top by vpsllvd,
// then down by vpsrad. Bound: 8 loads a gather on two load ports, 2 products per cycle.
// Overflow rule: sums wrap modulo 2^32.
#include <immintrin.h>
#include <string.h>

#include "kernels/avx2/avx2.hpp"

namespace axnn::avx2 {
namespace {

constexpr size_t lanes = 8;
#include "kernels/depthwise_loops.hpp"

__m256i load_codes(const uint8_t* codes, size_t step) {
    if (step == 1) return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes)));
    alignas(8) uint8_t moved[8];
    for (size_t j = 0; j < 8; j++) moved[j] = codes[j * step];
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(moved)));
}

__m256i look_up(const int32_t* row, __m256i codes) { return _mm256_i32gather_epi32(row, codes, 4); }

__m256i look_up(const int16_t* row, __m256i codes) {
    const __m256i pairs =
        _mm256_i32gather_epi32(reinterpret_cast<const int*>(row), _mm256_srli_epi32(codes, 1), 4);
    const __m256i is_even = _mm256_andnot_si256(codes, _mm256_set1_epi32(1));
    return _mm256_srai_epi32(_mm256_sllv_epi32(pairs, _mm256_slli_epi32(is_even, 4)), 16);
}

template <typename Entry>
void run_lut(const DepthwisePass<uint8_t, int32_t>& pass) {
    const Entry* table = static_cast<const Entry*>(pass.table);
    const auto for_each_tap = [&](const uint8_t* first, const auto& visit) {
        for (size_t r = 0; r < pass.rs; r++)
            for (size_t s = 0; s < pass.ss; s++)
                visit(table + size_t{256} * pass.weights[r * pass.weight_stride + s],
                      first + r * pass.tap_row_step + s * pass.tap_col_step);
    };
    for (size_t i = 0; i < pass.rows; i++) {
        const uint8_t* values = pass.values + i * pass.row_step;
        int32_t* sums = pass.sums + i * pass.cols;
        size_t j = 0;
        for (; j + 8 <= pass.cols; j += 8) {
            auto* target = reinterpret_cast<__m256i*>(sums + j);
            __m256i sum = _mm256_loadu_si256(target);
            for_each_tap(values + j * pass.col_step, [&](const Entry* row, const uint8_t* codes) {
                sum = _mm256_add_epi32(sum, look_up(row, load_codes(codes, pass.col_step)));
            });
            _mm256_storeu_si256(target, sum);
        }
        for (; j < pass.cols; j++)
            for_each_tap(values + j * pass.col_step, [&](const Entry* row, const uint8_t* code) {
                sums[j] = (int32_t)((uint32_t)sums[j] + (uint32_t)(int32_t)row[*code]);
            });
    }
}

}  // namespace

const IntegerDepthwise lut_depthwise_int16 = {"avx2_gather_depthwise", run_lut<int16_t>};
const IntegerDepthwise lut_depthwise_int32 = {"avx2_gather_depthwise", run_lut<int32_t>};
const IntegerDepthwise int8_depthwise = {"avx2_int8_depthwise", run_int8};
const FloatDepthwise float_depthwise = {"avx2_float_depthwise", run_float};

}  // namespace axnn::avx2
