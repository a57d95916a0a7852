// Fake quantisation: to a code and back to a float, and its straight-through gradient.
#pragma once

#include <stddef.h>

#include "axnn/axnn.h"
#include "runtime/context.hpp"

namespace axnn {

// See axnn_fake_quantize and axnn_fake_quantize_backward; the quantisation is checked.
void fake_quantize(const Context& context, const axnn_quantization& quantization, const float* x,
                   size_t count, float* y);
void fake_quantize_backward(const Context& context, const axnn_quantization& quantization, const float* x,
                            const float* grad_y, size_t count, float* grad_x);

}  // namespace axnn
