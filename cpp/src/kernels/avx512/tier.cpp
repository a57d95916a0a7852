#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {

Kernels kernels() {
    Kernels k = avx2::kernels();
    k.float_gemm = float_gemm;
    return k;
}

}  // namespace axnn::avx512
