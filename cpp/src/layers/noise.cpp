#include "layers/noise.hpp"

#include <math.h>

#include <algorithm>
#include <numeric>

#include "layers/tiling.hpp"

namespace axnn {
namespace {

constexpr size_t max_blocks = 1024;
constexpr size_t least_block = 4096;

// The sum of term(value) over all values: one partial sum a block, then these in order.
template <typename Term>
double block_sum(const Context& context, const float* values, size_t count, const Term& term) {
    const size_t block = std::max(least_block, ceil_div(count, max_blocks));
    const size_t blocks = ceil_div(count, block);
    double partial[max_blocks];
    context.run_without_workspace(blocks, [&](size_t b) {
        double sum = 0;
        for (size_t i = b * block; i < std::min(count, (b + 1) * block); i++) sum += term(values[i]);
        partial[b] = sum;
    });
    return std::accumulate(partial, partial + blocks, 0.0);
}

}  // namespace

double standard_deviation(const Context& context, const float* values, size_t count) {
    if (count < 2) return 0;
    const double mean = block_sum(context, values, count, [](float v) { return (double)v; }) / (double)count;
    const double squares =
        block_sum(context, values, count, [mean](float v) { return (v - mean) * (v - mean); });
    return sqrt(squares / (double)(count - 1));
}

void add_noise(const Context& context, const NoisyPlanes& p, float sigma, float mean, uint64_t seed) {
    context.run_without_workspace(p.planes, [&](size_t plane) {
        const size_t first = plane * p.plane_size;
        context.kernels().add_noise({p.y + first, p.plane_size, first, seed, sigma, mean,
                                     p.bias[plane % p.channels], p.lower, p.upper});
    });
}

}  // namespace axnn
