// Table GEMM, one table load per product: sums[n] += table[lane[k]][index[k][n]].
//
// Operand layout: indices [taps][index_stride] (step 1), a block of one lane.
// Overflow rule: sums wrap modulo 2^32; the caller proves that the final sum fits.
#include <limits.h>

#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {
namespace {

#include "kernels/lut_table.hpp"

void pack(const uint8_t* const* taps, size_t count, size_t stride, uint16_t* packed) {
    const uint8_t* bytes = taps[0];
    for (size_t n = 0; n < count; n++) packed[n] = bytes ? bytes[n * stride] : 0;
}

template <typename Entry>
void run(const LutGemmPass& pass) {
    const Entry* table = static_cast<const Entry*>(pass.table);
    for (size_t k = 0; k < pass.taps; k++) {
        const Entry* row = table + size_t{256} * pass.lanes[k];
        const uint16_t* indices = pass.indices + k * pass.index_stride;
        for (size_t n = 0; n < pass.count; n++)
            pass.sums[n] = (int32_t)((uint32_t)pass.sums[n] + (uint32_t)(int32_t)row[indices[n]]);
    }
}

template <typename Entry>
constexpr LutGemm gemm(const char* name, int32_t entry_min, int32_t entry_max) {
    return {name, 1, 1,    entry_min,         entry_max, sizeof(Entry) << 16,
            0,    4, 1.8f, make_table<Entry>, pack,      run<Entry>};
}

}  // namespace

const LutGemm lut_gemm_uint8 = gemm<uint8_t>("scalar_uint8", 0, UINT8_MAX);
const LutGemm lut_gemm_int13 = gemm<int16_t>("scalar_int13", -(1 << 12), (1 << 12) - 1);
const LutGemm lut_gemm_int15 = gemm<int16_t>("scalar_int15", -(1 << 14), (1 << 14) - 1);
const LutGemm lut_gemm_int16 = gemm<int16_t>("scalar_int16", INT16_MIN, INT16_MAX);
const LutGemm lut_gemm_int32 = gemm<int32_t>("scalar_int32", INT32_MIN, INT32_MAX);
const LutGemm lut_planes_uint8 = gemm<uint8_t>("scalar_uint8", 0, UINT8_MAX);
const LutGemm lut_planes_int16 = gemm<int16_t>("scalar_int16", INT16_MIN, INT16_MAX);

}  // namespace axnn::scalar
