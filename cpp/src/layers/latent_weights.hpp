// What training does with the float weights behind the signs of a binary layer.
#pragma once

#include <stddef.h>

#include "runtime/context.hpp"

namespace axnn {

// See axnn_mean_magnitudes and axnn_clip. In parallel.
void mean_magnitudes(const Context& context, const float* x, size_t rows, size_t row_elements, float* alpha);
void clip(const Context& context, float limit, const float* x, size_t count, float* y);

}  // namespace axnn
