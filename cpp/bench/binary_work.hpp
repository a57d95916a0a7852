// One binary convolution: what binary GEMMs and layers are measured on.
#pragma once

#include <stdint.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "baselines.hpp"
#include "layer.hpp"
#include "workload.hpp"

namespace axnn::bench {

inline constexpr size_t word_bits = 64;

// One binary convolution, as a layer and as a GEMM of the same bits: +1 is bit 1, padding is -1. The
// order of the taps does not matter to a sum; K is a multiple of 64.
struct BinaryWork {
    // The kernels are measured on whole words and whole blocks of channels.
    static bool possible(const ConvShape& conv) {
        return conv.gemm().k % word_bits == 0 && conv.out_channels % 8 == 0;
    }

    explicit BinaryWork(const ConvShape& conv_shape)
        : conv(conv_shape), shape(conv.gemm()), words(shape.k / word_bits) {
        std::mt19937 random = random_source();
        std::uniform_real_distribution<float> value(-1, 1);
        image = random_values<float>(conv.input_size(), [&] { return value(random); });
        weights = random_values<float>(shape.m * shape.k, [&] { return value(random); });
        weight_bits = pack(weights, shape.m, shape.k, 1);
        const std::vector<float> columns = im2col(conv, image, -1.0f);
        activation_bits = pack(columns, shape.n, 1, shape.n);
        expected.resize(shape.m * shape.n);
        p0_byte_popcount(weight_bits.data(), activation_bits.data(), shape, expected.data());
    }

    // `rows` rows of K values to bits; element k of row r is values[r * row_stride + k * stride].
    std::vector<uint64_t> pack(const std::vector<float>& values, size_t rows, size_t row_stride,
                               size_t stride) const {
        std::vector<uint64_t> bits(rows * words);
        for (size_t r = 0; r < rows; r++)
            for (size_t k = 0; k < shape.k; k++)
                bits[r * words + k / word_bits] |= (uint64_t)(values[r * row_stride + k * stride] >= 0)
                                                   << (k % word_bits);
        return bits;
    }

    ConvShape conv;
    GemmShape shape;
    size_t words;  // of K
    std::vector<float> image;
    std::vector<float> weights;
    std::vector<uint64_t> weight_bits;      // [M][words]
    std::vector<uint64_t> activation_bits;  // [N][words]
    std::vector<int32_t> expected;          // mismatches [M][N]
};

struct BinaryLayerRun {
    BinaryLayerRun(const BinaryWork& binary_work, Layer binary_layer)
        : work(binary_work), layer(std::move(binary_layer)), y(work.expected.size()) {}
    void run() { layer.execute(work.image, y); }
    bool correct() const {
        const std::vector<int32_t> expected = nchw(work.conv, work.expected);
        return std::equal(y.begin(), y.end(), expected.begin(), [this](float value, int32_t mismatches) {
            return value == (float)((int32_t)work.shape.k - 2 * mismatches);
        });
    }

    const BinaryWork& work;
    Layer layer;
    std::vector<float> y;
};

}  // namespace axnn::bench
