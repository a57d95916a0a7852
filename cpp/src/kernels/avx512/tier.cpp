#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {

Kernels kernels() {
    Kernels k = avx2::kernels();
    k.lut_depthwise_int16 = lut_depthwise_int16;
    k.int8_depthwise = int8_depthwise;
    k.float_depthwise = float_depthwise;
    k.float_gemm = float_gemm;
    k.add_noise = add_noise;
    k.table_gradient = table_gradient;
    k.float_panel = float_panel;
    k.int8_panel = int8_panel;
    k.int8_panel_7bit = int8_panel_7bit;
    return k;
}

}  // namespace axnn::avx512
