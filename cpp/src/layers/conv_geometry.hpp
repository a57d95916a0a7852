// The shape of a convolution, checked once; a linear layer is a 1 x 1 convolution of 1 x 1 images.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "axnn/axnn.h"

namespace axnn {

struct ImageSize {
    int32_t h;
    int32_t w;
    size_t pixels() const { return (size_t)h * (size_t)w; }
};

struct ConvGeometry {
    int32_t in_channels;
    int32_t out_channels;
    int32_t kernel_h;
    int32_t kernel_w;
    int32_t stride_h;
    int32_t stride_w;
    int32_t dilation_h;
    int32_t dilation_w;
    int32_t pad_top;
    int32_t pad_bottom;
    int32_t pad_left;
    int32_t pad_right;
    int32_t groups;
    bool linear;

    // Throw AXNN_ERROR_INVALID_ARGUMENT, AXNN_ERROR_SHAPE or AXNN_ERROR_SIZE_OVERFLOW.
    static ConvGeometry of(const axnn_conv2d_desc& desc);
    static ConvGeometry of(const axnn_linear_desc& desc);

    size_t group_inputs() const { return (size_t)(in_channels / groups); }
    size_t group_outputs() const { return (size_t)(out_channels / groups); }
    size_t kernel_size() const { return (size_t)kernel_h * (size_t)kernel_w; }
    // K, the products summed for one output: at most 2^31 - 1.
    size_t taps() const { return group_inputs() * kernel_size(); }
    size_t weight_count() const { return (size_t)out_channels * taps(); }
    // Each group has one input plane.
    bool depthwise() const { return groups == in_channels && (groups > 1 || out_channels == 1); }
    bool padded() const { return pad_top || pad_bottom || pad_left || pad_right; }

    // The output's size; throws AXNN_ERROR_SHAPE where there is no output pixel.
    ImageSize output(ImageSize input) const;
};

// a * b; throws AXNN_ERROR_SIZE_OVERFLOW, naming what was computed, beyond 2^63 - 1.
size_t checked_product(size_t a, size_t b, const char* what);

// Elements of n x channels x pixels, checked.
size_t tensor_size(int32_t n, int32_t channels, ImageSize image, const char* what);

}  // namespace axnn
