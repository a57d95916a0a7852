#include "layers/channel_copy.hpp"

#include <math.h>

#include <algorithm>

namespace axnn {
namespace {

// Floats that are copied, then looked at while they are in the first cache.
constexpr size_t block = 2048;

}  // namespace

void copy_channels(const Context& context, const float* x, size_t channels, size_t count, float* y,
                   float* magnitudes) {
    context.run_without_workspace(channels, [&](size_t channel) {
        const float* from = x + channel * count;
        float* to = y + channel * count;
        float largest = 0;
        for (size_t i = 0; i < count; i += block) {
            const size_t n = std::min(block, count - i);
            if (to != from) std::copy_n(from + i, n, to + i);
            const float magnitude = context.kernels().largest_magnitude(to + i, n);
            // Neither side of the comparison may lose a NaN.
            largest = isnan(largest) || magnitude <= largest ? largest : magnitude;
        }
        magnitudes[channel] = largest;
    });
}

}  // namespace axnn
