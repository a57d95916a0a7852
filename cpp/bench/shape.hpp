#pragma once

#include <stddef.h>

#include <string>

namespace axnn::bench {

// Output channels, inputs of an output, output pixels.
struct GemmShape {
    size_t m;
    size_t k;
    size_t n;
    double products() const { return (double)m * (double)k * (double)n; }
    std::string text() const { return std::to_string(m) + "/" + std::to_string(k) + "/" + std::to_string(n); }
};

// A 3x3 convolution with stride 1 and padding 1 of one square image.
struct ConvShape {
    size_t in_channels;
    size_t edge;
    size_t out_channels;
    size_t groups = 1;
    static constexpr size_t kernel = 3;
    static constexpr size_t padding = 1;
    GemmShape gemm() const { return {out_channels, in_channels / groups * kernel * kernel, edge * edge}; }
    std::string text() const {
        const std::string e = std::to_string(edge);
        return "1x" + std::to_string(in_channels) + "x" + e + "x" + e + "/" + std::to_string(out_channels) +
               "x3x3/s1p1";
    }
};

// The inner convolutions of ResNet-18 on 224 x 224 images.
inline constexpr ConvShape resnet_shapes[] = {{64, 56, 64}, {128, 28, 128}, {256, 14, 256}, {512, 7, 512}};

// A depthwise convolution in the middle of MobileNet.
inline constexpr ConvShape depthwise_shape = {256, 28, 256, 256};

}  // namespace axnn::bench
