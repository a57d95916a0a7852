// A copy of weights that looks at them on its way: new weights are read from memory once, not twice.
#pragma once

#include <stddef.h>

#include "runtime/context.hpp"

namespace axnn {

// See axnn_copy_channels; a channel has `count` floats. In parallel.
void copy_channels(const Context& context, const float* x, size_t channels, size_t count, float* y,
                   float* magnitudes);

}  // namespace axnn
