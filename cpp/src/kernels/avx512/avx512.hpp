// The kernels of the avx512 tier (those of avx2, and AVX-512 F, BW, DQ, VL, VBMI, VNNI, VPOPCNTDQ, BITALG).
#pragma once

#include "kernels/kernels.hpp"

namespace axnn::avx512 {

// In place of those of the avx2 tier's kernels, whose tables and indices they take.
void run_lut_gemm_int15(const LutGemmPass& pass);
void run_lut_gemm_int16(const LutGemmPass& pass);
void map_bytes(const uint8_t* codes, size_t count, const uint8_t* table, uint8_t* values);
extern const LutGemm lut_planes_uint8;
extern const LutGemm lut_planes_int16;
extern const IntegerDepthwise lut_depthwise_int16;
extern const IntegerDepthwise int8_depthwise;
extern const FloatDepthwise float_depthwise;
void pack_bits(const float* x, size_t plane_stride, uint32_t planes, size_t count, uint64_t* words);
void pack_signs(const float* x, size_t count, uint8_t* bits);
void threshold_bits(const Threshold& t);
extern const BinaryGemm binary_gemm;
void float_gemm(const FloatGemm& g);
void add_noise(const Noise& n);
extern const TableGradient table_gradient;
extern const FloatPanelGemm float_panel;
extern const Int8PanelGemm int8_panel;
extern const Int8PanelGemm int8_panel_7bit;
extern const Int16PanelGemm int16_panel;

}  // namespace axnn::avx512
