#include "kernels/avx512/avx512.hpp"
#include "kernels/float_gemm_eigen.hpp"

namespace axnn::avx512 {

void float_gemm(const FloatGemm& g) { eigen_float_gemm(g); }

}  // namespace axnn::avx512
