#include "kernels/float_gemm_eigen.hpp"
#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {

void float_gemm(const FloatGemm& g) { eigen_float_gemm(g); }

}  // namespace axnn::scalar
