// Gradients of the exact float convolution: im2col tiles and GEMM.
#pragma once

#include <stddef.h>

#include <functional>

#include "layers/plan.hpp"

namespace axnn {

// The factors that the weights meet in the place of x.
struct InputFactors {
    // Those of `count` elements of x; called by many threads at once.
    std::function<void(const float* x, size_t count, float* factors)> convert;
    float padding;  // that of a padded tap
};

// x itself, padded with 0.
InputFactors plain_inputs();

// Computes the gradients that are asked for, with weights OIHW, which only grad_x reads.
void float_gradients(const Context& context, const ConvGeometry& geometry, const float* weights,
                     const InputFactors& inputs, const Gradients& gradients);

}  // namespace axnn
