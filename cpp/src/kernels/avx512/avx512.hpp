// The kernels of the avx512 tier (those of avx2, and AVX-512 F, BW, DQ, VL, VBMI, VNNI, VPOPCNTDQ, BITALG).
#pragma once

#include "kernels/kernels.hpp"

namespace axnn::avx512 {

extern const IntegerDepthwise lut_depthwise_int16;
extern const IntegerDepthwise int8_depthwise;
extern const FloatDepthwise float_depthwise;
void float_gemm(const FloatGemm& g);
void add_noise(const Noise& n);
extern const TableGradient table_gradient;
extern const FloatPanelGemm float_panel;
extern const Int8PanelGemm int8_panel;
extern const Int8PanelGemm int8_panel_7bit;

}  // namespace axnn::avx512
