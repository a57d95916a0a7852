// What the results look like.
#pragma once

#include <vector>

#include "chart.hpp"
#include "harness.hpp"

namespace axnn::bench {

// The GEMM kernels of the best tier under two bounds: their instructions, and what a core stores in a cycle
// (measured here) times the products that a kernel makes of a byte that it has to store.
Chart roofline(const std::vector<Result>& results);

// Time of an approximate layer as K, N, M, batch or threads grow, all relative to the smallest.
Chart growth(const std::vector<Result>& results);

// Binary GEMM and layers on ResNet's shapes: times the speed of 64-bit popcnt.
Chart binary(const std::vector<Result>& results);

}  // namespace axnn::bench
