#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {

Kernels kernels() {
    Kernels k = avx2::kernels();
    k.float_gemm = float_gemm;
    k.table_gradient = table_gradient;
    k.float_panel = float_panel;
    k.int8_panel = int8_panel;
    return k;
}

}  // namespace axnn::avx512
