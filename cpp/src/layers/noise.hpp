// Standard deviation of a tensor and noise in proportion to it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/context.hpp"

namespace axnn {

// The unbiased standard deviation of count >= 1 values, 0 for one: in double, mean first, then squared
// deviations, in blocks that depend on count only, so the same bits on every thread count.
double standard_deviation(const Context& context, const float* values, size_t count);

// A tensor [planes / channels][channels][plane_size] and what is done to it after the noise of
// kernels/noise.hpp: y = clamp(y + bias), its limits kept as in Dequantize.
struct NoisyPlanes {
    float* y;
    size_t planes;
    size_t channels;
    size_t plane_size;
    const float* bias;  // one a channel
    float lower;
    float upper;
};
void add_noise(const Context& context, const NoisyPlanes& planes, float sigma, float mean, uint64_t seed);

}  // namespace axnn
