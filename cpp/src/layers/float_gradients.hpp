// Gradients of the exact float convolution: im2col tiles and GEMM.
#pragma once

#include "layers/plan.hpp"

namespace axnn {

// Computes the gradients that are asked for, with weights OIHW. rounding: null, or a quantisation that x
// goes through first, code to float again; padding: the value of a padded tap.
void float_gradients(const Context& context, const ConvGeometry& geometry, const float* weights,
                     const Gradients& gradients, const axnn_quantization* rounding = nullptr,
                     float padding = 0);

}  // namespace axnn
