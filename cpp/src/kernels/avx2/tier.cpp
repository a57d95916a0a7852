#include "kernels/avx2/avx2.hpp"

namespace axnn::avx2 {

Kernels kernels() {
    Kernels k = scalar::kernels();
    k.quantize = quantize;
    k.quantize_words = quantize_words;
    k.map_bytes = map_bytes;
    k.lut_gemm_uint8 = lut_gemm_uint8;
    k.lut_gemm_int13 = lut_gemm_int13;
    k.lut_gemm_int15 = lut_gemm_int15;
    k.lut_gemm_int16 = lut_gemm_int16;
    k.lut_gemm_int32 = lut_gemm_int32;
    k.lut_depthwise_int16 = lut_depthwise_int16;
    k.lut_depthwise_int32 = lut_depthwise_int32;
    k.int8_depthwise = int8_depthwise;
    k.sign_depthwise = sign_depthwise;
    k.float_depthwise = float_depthwise;
    k.dequantize_interleaved = dequantize_interleaved;
    k.dequantize_planar = dequantize_planar;
    k.pack_bits = pack_bits;
    k.pack_signs = pack_signs;
    k.sign_codes = sign_codes;
    k.threshold_bits = threshold_bits;
    k.binary_gemm = binary_gemm;
    k.float_gemm = float_gemm;
    k.largest_magnitude = largest_magnitude;
    k.add_noise = add_noise;
    k.table_gradient = table_gradient;
    k.float_panel = float_panel;
    k.int8_panel = int8_panel;
    k.int8_panel_7bit = int8_panel_7bit;
    k.int16_panel = int16_panel;
    return k;
}

}  // namespace axnn::avx2
