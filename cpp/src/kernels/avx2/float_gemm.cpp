#include "kernels/avx2/avx2.hpp"
#include "kernels/float_gemm_eigen.hpp"

namespace axnn::avx2 {

void float_gemm(const FloatGemm& g) { eigen_float_gemm(g); }

}  // namespace axnn::avx2
