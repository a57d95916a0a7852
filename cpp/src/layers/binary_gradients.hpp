// Gradients of a binary layer: those of the float convolution of signs, times what stands for the derivative
// of sign.
//
// With g = grad_out, s the signs of the padded input, and est the estimator of each operand:
//   grad_x             = est(x) * sum_o g[o] * scale[o] * sign(w[o])
//   grad_weights[o][k] = est(w[o][k]) * scale[o] * G[o][k]
//   grad_scales[o]     = sum_k sign(w[o][k]) * G[o][k], in double
//   G[o][k]            = sum_n g[o][n] * s[k][n]
// grad_scales are the sums of g times those of the forward pass, sum_k sign(w[o][k]) * s[k][n].
#pragma once

#include "layers/binary_layer.hpp"

namespace axnn {

// What stands for the derivative of sign(v); see axnn_sign_estimator.
struct SignEstimator {
    axnn_sign_estimator kind;
    float parameter;
};

// The arguments of axnn_binary_backward; null gradients are not computed.
struct BinaryGradients {
    SignEstimator input;
    SignEstimator weight;
    const float* weights;  // null where the estimator of the weights needs none
    const float* x;
    int32_t n;
    ImageSize image;
    const float* grad_out;
    float* grad_x;
    float* grad_weights;
    float* grad_scales;
    float* grad_bias;
};

void binary_gradients(const BinaryLayer& layer, const BinaryGradients& gradients);

}  // namespace axnn
