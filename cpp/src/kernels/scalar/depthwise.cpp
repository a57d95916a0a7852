// Depthwise sums, one table load or multiplication per product; kernels.hpp has the formula.
//
// Operand layout: codes in place in the patch. Overflow rule: sums wrap modulo 2^32.
#include <string.h>

#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {
namespace {

constexpr size_t lanes = 4;
#include "kernels/depthwise_loops.hpp"

template <typename Entry>
void run_lut(const DepthwisePass<uint8_t, int32_t>& pass) {
    for (size_t i = 0; i < pass.rows; i++)
        for (size_t r = 0; r < pass.rs; r++)
            for (size_t s = 0; s < pass.ss; s++) {
                const Entry* row = static_cast<const Entry*>(pass.table) +
                                   size_t{256} * pass.weights[r * pass.weight_stride + s];
                const uint8_t* codes =
                    pass.values + i * pass.row_step + r * pass.tap_row_step + s * pass.tap_col_step;
                int32_t* sums = pass.sums + i * pass.cols;
                for (size_t j = 0; j < pass.cols; j++)
                    sums[j] = (int32_t)((uint32_t)sums[j] + (uint32_t)(int32_t)row[codes[j * pass.col_step]]);
            }
}

}  // namespace

const IntegerDepthwise lut_depthwise_int16 = {"scalar_depthwise", run_lut<int16_t>};
const IntegerDepthwise lut_depthwise_int32 = {"scalar_depthwise", run_lut<int32_t>};
const IntegerDepthwise int8_depthwise = {"scalar_int8_depthwise", run_int8};
const FloatDepthwise float_depthwise = {"scalar_float_depthwise", run_float};

}  // namespace axnn::scalar
