// Quantisation of whole tensors: to codes, to codes and back, and the straight-through gradient of that.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "axnn/axnn.h"
#include "runtime/context.hpp"

namespace axnn {

// Codes are bytes, or of any range int32. See axnn_quantize, axnn_fake_quantize and
// axnn_fake_quantize_backward; the quantisation is checked. In parallel.
void quantize(const Context& context, const axnn_quantization& quantization, const float* x, size_t count,
              uint8_t* codes);
void quantize(const Context& context, const axnn_quantization& quantization, const float* x, size_t count,
              int32_t* codes);
void fake_quantize(const Context& context, const axnn_quantization& quantization, const float* x,
                   size_t count, float* y);
void fake_quantize_backward(const Context& context, const axnn_quantization& quantization, const float* x,
                            const float* grad_y, size_t count, float* grad_x);

// A part of a tensor, in this thread.
void fake_quantize(const Kernels& kernels, const axnn_quantization& quantization, const float* x,
                   size_t count, float* y);

}  // namespace axnn
