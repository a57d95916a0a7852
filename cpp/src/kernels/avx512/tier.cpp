#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {

Kernels kernels() {
    Kernels k = avx2::kernels();
    k.int8_depthwise = int8_depthwise;
    k.float_depthwise = float_depthwise;
    k.float_gemm = float_gemm;
    return k;
}

}  // namespace axnn::avx512
