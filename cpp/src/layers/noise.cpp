#include "layers/noise.hpp"

#include <math.h>

#include <algorithm>
#include <numeric>

#include "layers/tiling.hpp"

namespace axnn {
namespace {

constexpr size_t max_blocks = 1024;

// Elements of a block of an array, the same on every thread count; a multiple of 4, so that no two blocks
// share a random word.
size_t block_size(size_t count) { return std::max<size_t>(4096, round_up(ceil_div(count, max_blocks), 4)); }

// Calls part(block, first, last) for all blocks of [0, count), in parallel.
template <typename Part>
void for_each_block(const Context& context, size_t count, const Part& part) {
    const size_t size = block_size(count);
    context.run_without_workspace(ceil_div(count, size), [&](size_t block) {
        part(block, block * size, std::min(count, (block + 1) * size));
    });
}

// The sum of term(value) over all values: one partial sum a block, then these in order.
template <typename Term>
double block_sum(const Context& context, const float* values, size_t count, const Term& term) {
    double partial[max_blocks];
    for_each_block(context, count, [&](size_t block, size_t first, size_t last) {
        double sum = 0;
        for (size_t i = first; i < last; i++) sum += term(values[i]);
        partial[block] = sum;
    });
    return std::accumulate(partial, partial + ceil_div(count, block_size(count)), 0.0);
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
    for_each_block(context, p.planes * p.plane_size, [&](size_t, size_t first, size_t last) {
        context.kernels().add_noise({p.y + first, last - first, first, seed, sigma, mean});
        for (size_t i = first; i < last;) {
            const size_t plane = i / p.plane_size;
            const size_t end = std::min(last, (plane + 1) * p.plane_size);
            const float bias = p.bias[plane % p.channels];
            for (; i < end; i++) {
                const float v = p.y[i] + bias;
                const float above = p.lower > v ? p.lower : v;
                p.y[i] = p.upper < above ? p.upper : above;
            }
        }
    });
}

}  // namespace axnn
