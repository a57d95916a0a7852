// Depthwise sums of exact products and of floats in 512-bit vectors.
#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {
namespace {

#include "kernels/depthwise_loops.hpp"

}  // namespace

const IntegerDepthwise int8_depthwise = {"avx512_int8_depthwise", run_int8};
const FloatDepthwise float_depthwise = {"avx512_float_depthwise", run_float};

}  // namespace axnn::avx512
