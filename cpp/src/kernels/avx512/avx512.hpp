// The kernels of the avx512 tier (those of avx2, and AVX-512 F, BW, DQ, VL, VBMI, VNNI, VPOPCNTDQ, BITALG).
#pragma once

#include "kernels/kernels.hpp"

namespace axnn::avx512 {

void float_gemm(const FloatGemm& g);
extern const TableGradient table_gradient;
extern const FloatPanelGemm float_panel;
extern const Int8PanelGemm int8_panel;

}  // namespace axnn::avx512
