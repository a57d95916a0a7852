// The kernels of the avx2 tier (AVX2, FMA, F16C, POPCNT, BMI1, BMI2).
#pragma once

#include "kernels/kernels.hpp"

namespace axnn::avx2 {

void quantize(const float* x, size_t count, const QuantizeParameters& q, uint8_t* codes);
void quantize_words(const float* x, size_t count, const QuantizeParameters& q, uint16_t* codes);
void map_bytes(const uint8_t* codes, size_t count, const uint8_t* table, uint8_t* values);
extern const LutGemm lut_gemm_uint8;
extern const LutGemm lut_gemm_int13;
extern const LutGemm lut_gemm_int15;
extern const LutGemm lut_gemm_int16;
extern const LutGemm lut_gemm_int32;
extern const IntegerDepthwise lut_depthwise_int16;
extern const IntegerDepthwise lut_depthwise_int32;
extern const IntegerDepthwise int8_depthwise;
extern const IntegerDepthwise sign_depthwise;
extern const FloatDepthwise float_depthwise;
void dequantize_interleaved(const Dequantize& d);
void dequantize_planar(const Dequantize& d);
void pack_bits(const float* x, size_t plane_stride, uint32_t planes, size_t count, uint64_t* words);
void sign_codes(const float* x, size_t count, uint8_t* codes);
void pack_signs(const float* x, size_t count, uint8_t* bits);
void threshold_bits(const Threshold& t);
extern const BinaryGemm binary_gemm;
void float_gemm(const FloatGemm& g);
float largest_magnitude(const float* x, size_t count);
void add_noise(const Noise& n);
extern const TableGradient table_gradient;
extern const FloatPanelGemm float_panel;
extern const Int8PanelGemm int8_panel;
extern const Int8PanelGemm int8_panel_7bit;
extern const Int16PanelGemm int16_panel;

}  // namespace axnn::avx2
