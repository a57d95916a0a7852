// The benchmarks: each function measures one shape and gives the rows that `wanted` asks for.
#pragma once

#include <vector>

#include "harness.hpp"
#include "shape.hpp"
#include "table_class.hpp"
#include "tiers.hpp"

namespace axnn::bench {

// lut_gemm/<class>, approx_conv2d/<class> and their baselines B0 and B1.
std::vector<Result> bench_table(TableClass table_class, const ConvShape& shape,
                                const std::vector<Tier>& tiers, const Wanted& wanted);
// lut_gemm/<class> and approx_conv2d/<class> of a structured class, through the table and the structure.
std::vector<Result> bench_structure(TableClass table_class, const ConvShape& shape,
                                    const std::vector<Tier>& tiers, const Wanted& wanted);
// wide_conv2d/<multiplier>: layers of 12 and 16 bits, beside the exact one of 16.
std::vector<Result> bench_wide(const ConvShape& shape, const std::vector<Tier>& tiers, const Wanted& wanted);
// quant_gemm, quant_conv2d, the same with activations 0..127 (.../7bit), and their baseline B1.
std::vector<Result> bench_quant(const ConvShape& shape, const std::vector<Tier>& tiers, const Wanted& wanted);
// binary_gemm, binary_conv2d (padding by -1; /true_zero; /bits: in and out) and their baselines P0 and P1b.
std::vector<Result> bench_binary(const ConvShape& shape, const std::vector<Tier>& tiers,
                                 const Wanted& wanted);
// binary_network: a whole one, with one thread and two.
std::vector<Result> bench_network(const Tier& tier, const Wanted& wanted);
// float_conv2d.
std::vector<Result> bench_float(const ConvShape& shape, const std::vector<Tier>& tiers, const Wanted& wanted);
// depthwise_conv2d/<class> and depthwise_conv2d/float, beside the scalar tier.
std::vector<Result> bench_depthwise(const ConvShape& shape, const std::vector<Tier>& tiers,
                                    const Wanted& wanted);
// float_conv2d_backward: gradients of input and weights.
std::vector<Result> bench_gradients(const ConvShape& shape, const std::vector<Tier>& tiers,
                                    const Wanted& wanted);

// approx_conv2d/int16, .../int16_7bit, quant_conv2d, float_conv2d and binary_conv2d with two threads, beside
// one. `wanted` gets the shape with " threads" behind it.
std::vector<Result> bench_threads(const ConvShape& shape, const Tier& tier, const Wanted& wanted);
// Those of binary_conv2d.
std::vector<Result> bench_binary_threads(const ConvShape& shape, const Tier& tier, const Wanted& wanted);
// growth/k, growth/n, growth/m, growth/batch and growth/threads.
std::vector<Result> bench_growth(const Tier& tier, const Wanted& wanted);

}  // namespace axnn::bench
