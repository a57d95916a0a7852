#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {

Kernels kernels() {
    Kernels k = avx2::kernels();
    k.map_bytes = map_bytes;
    k.lut_gemm_int15.name = "vector_table_int15_16x8_avx512";
    k.lut_gemm_int15.run = run_lut_gemm_int15;
    k.lut_gemm_int16.name = "vector_table_int16_16x8_avx512";
    k.lut_gemm_int16.run = run_lut_gemm_int16;
    k.lut_planes_uint8 = lut_planes_uint8;
    k.lut_planes_int16 = lut_planes_int16;
    k.lut_depthwise_int16 = lut_depthwise_int16;
    k.int8_depthwise = int8_depthwise;
    k.float_depthwise = float_depthwise;
    k.pack_bits = pack_bits;
    k.pack_signs = pack_signs;
    k.threshold_bits = threshold_bits;
    k.binary_gemm = binary_gemm;
    k.float_gemm = float_gemm;
    k.add_noise = add_noise;
    k.table_gradient = table_gradient;
    k.float_panel = float_panel;
    k.int8_panel = int8_panel;
    k.int8_panel_7bit = int8_panel_7bit;
    k.int16_panel = int16_panel;
    return k;
}

}  // namespace axnn::avx512
