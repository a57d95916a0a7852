// The convolutions that are measured, and the matrix products that they are.
#pragma once

#include <stddef.h>

#include <string>

namespace axnn::bench {

// Output channels, inputs of an output, output pixels of the whole batch.
struct GemmShape {
    size_t m;
    size_t k;
    size_t n;
    double products() const { return (double)m * (double)k * (double)n; }
    std::string text() const { return std::to_string(m) + "/" + std::to_string(k) + "/" + std::to_string(n); }
};

// A convolution of square images with square kernels. A linear layer is one with images of one pixel.
struct ConvShape {
    size_t in_channels;
    size_t edge;
    size_t out_channels;
    size_t groups = 1;
    size_t kernel = 3;
    size_t stride = 1;
    size_t padding = 1;
    size_t batch = 1;

    size_t out_edge() const { return (edge + 2 * padding - kernel) / stride + 1; }
    size_t out_pixels() const { return out_edge() * out_edge(); }
    size_t input_size() const { return batch * in_channels * edge * edge; }
    GemmShape gemm() const {
        return {out_channels, in_channels / groups * kernel * kernel, batch * out_pixels()};
    }
    std::string text() const {
        const auto x = [](size_t a, size_t b) { return std::to_string(a) + "x" + std::to_string(b); };
        return x(batch, in_channels) + "x" + x(edge, edge) + "/" + x(out_channels, kernel) + "x" +
               std::to_string(kernel) + "/s" + std::to_string(stride) + "p" + std::to_string(padding);
    }
};

// The inner convolutions of ResNet-18 on 224 x 224 images.
inline constexpr ConvShape resnet_shapes[] = {{64, 56, 64}, {128, 28, 128}, {256, 14, 256}, {512, 7, 512}};

// Other convolutions that users run.
inline constexpr ConvShape other_shapes[] = {
    // ResNet's first one.
    {.in_channels = 3, .edge = 224, .out_channels = 64, .kernel = 7, .stride = 2, .padding = 3},
    // Eight images at once.
    {.in_channels = 128, .edge = 32, .out_channels = 128, .batch = 8},
    // Pointwise ones of MobileNet.
    {.in_channels = 256, .edge = 14, .out_channels = 256, .kernel = 1, .padding = 0},
    {.in_channels = 512, .edge = 7, .out_channels = 1024, .kernel = 1, .padding = 0},
    // A LeNet for Fashion-MNIST with its linear layer, 16 images at once.
    {.in_channels = 1, .edge = 28, .out_channels = 16, .batch = 16},
    {.in_channels = 16, .edge = 14, .out_channels = 32, .batch = 16},
    {.in_channels = 32, .edge = 7, .out_channels = 64, .batch = 16},
    {.in_channels = 64, .edge = 7, .out_channels = 64, .batch = 16},
    {.in_channels = 576, .edge = 1, .out_channels = 10, .kernel = 1, .padding = 0, .batch = 16},
    // ResNet's linear layer, 64 images at once.
    {.in_channels = 512, .edge = 1, .out_channels = 1000, .kernel = 1, .padding = 0, .batch = 64}};

// The convolutions that bitorch-engine's tests run on the CPU; batches of 16 and more are cut so that a
// shape's products stay below some billions.
inline constexpr ConvShape bitorch_shapes[] = {
    {.in_channels = 128, .edge = 128, .out_channels = 64, .kernel = 1, .padding = 0, .batch = 8},
    {.in_channels = 32, .edge = 64, .out_channels = 32, .kernel = 1, .padding = 3, .batch = 8},
    {.in_channels = 64, .edge = 16, .out_channels = 128, .kernel = 1, .padding = 0, .batch = 8},
    {.in_channels = 32, .edge = 64, .out_channels = 32, .stride = 2, .padding = 0},
    {.in_channels = 64, .edge = 128, .out_channels = 128, .stride = 2, .padding = 0, .batch = 8},
    {.in_channels = 32, .edge = 128, .out_channels = 32, .stride = 2, .padding = 0, .batch = 8},
    {.in_channels = 128, .edge = 8, .out_channels = 32, .kernel = 5, .stride = 2, .batch = 16},
    {.in_channels = 64, .edge = 128, .out_channels = 32, .kernel = 7, .stride = 2, .batch = 2}};

// Depthwise convolutions of MobileNet.
inline constexpr ConvShape depthwise_shapes[] = {
    {.in_channels = 256, .edge = 28, .out_channels = 256, .groups = 256},
    {.in_channels = 64, .edge = 112, .out_channels = 64, .groups = 64},
    {.in_channels = 64, .edge = 112, .out_channels = 64, .groups = 64, .stride = 2},
    {.in_channels = 512, .edge = 14, .out_channels = 512, .groups = 512},
    {.in_channels = 512, .edge = 7, .out_channels = 512, .groups = 512}};

}  // namespace axnn::bench
