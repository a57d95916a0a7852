// The benchmarks: each function measures one shape and gives the rows that `wanted` asks for.
#pragma once

#include <vector>

#include "harness.hpp"
#include "shape.hpp"
#include "tiers.hpp"

namespace axnn::bench {

// Classes of multiplier tables, by the entries that they hold.
// .._7bit: with activations 0..127.
enum class TableClass { int16, int16_7bit, int32, exact, exact_7bit };

// lut_gemm/<class>, approx_conv2d/<class> and their baselines B0 and B1.
std::vector<Result> bench_table(TableClass table_class, const ConvShape& shape,
                                const std::vector<Tier>& tiers, const Wanted& wanted);
// quant_gemm, quant_conv2d, the same with activations 0..127 (.../7bit) and their baseline B1.
std::vector<Result> bench_quant(const ConvShape& shape, const std::vector<Tier>& tiers, const Wanted& wanted);
// binary_gemm, binary_conv2d and their baselines P0 and P1b.
std::vector<Result> bench_binary(const ConvShape& shape, const std::vector<Tier>& tiers,
                                 const Wanted& wanted);
// float_conv2d.
std::vector<Result> bench_float(const ConvShape& shape, const std::vector<Tier>& tiers, const Wanted& wanted);
// depthwise_conv2d/<class> and depthwise_conv2d/float, beside the scalar tier.
std::vector<Result> bench_depthwise(const ConvShape& shape, const std::vector<Tier>& tiers,
                                    const Wanted& wanted);
// float_conv2d_backward: gradients of input and weights.
std::vector<Result> bench_gradients(const ConvShape& shape, const std::vector<Tier>& tiers,
                                    const Wanted& wanted);

}  // namespace axnn::bench
