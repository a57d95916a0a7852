// Table GEMM, one table load per product: sums[n][c] += table[w[c][k]][code[k][n]].
//
// Operand layout: codes [taps][columns] (step 1), a block of one output channel.
// Overflow rule: sums wrap modulo 2^32; the caller proves that the final sum fits.
#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {
namespace {

void pack(const uint8_t* const* taps, size_t columns, size_t stride, uint16_t* packed) {
    const uint8_t* codes = taps[0];
    for (size_t n = 0; n < columns; n++) packed[n] = codes ? codes[n * stride] : 0;
}

template <typename Entry>
void run(const LutGemmPass& pass) {
    const Entry* table = static_cast<const Entry*>(pass.table);
    for (size_t k = 0; k < pass.taps; k++) {
        const Entry* row = table + size_t{256} * pass.weights[k];
        const uint16_t* codes = pass.codes + k * pass.columns;
        for (size_t n = 0; n < pass.columns; n++)
            pass.sums[n] = (int32_t)((uint32_t)pass.sums[n] + (uint32_t)(int32_t)row[codes[n]]);
    }
}

}  // namespace

const LutGemm lut_gemm_int16 = {"scalar_1x1", 1, 1, 0, pack, run<int16_t>};
const LutGemm lut_gemm_int32 = {"scalar_1x1", 1, 1, 0, pack, run<int32_t>};

}  // namespace axnn::scalar
