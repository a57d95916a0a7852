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
// order of the taps does not matter to a sum. Rows of bits end with zeros where K does not fill words.
struct BinaryWork {
    // The kernels are measured on whole blocks of channels.
    static bool possible(const ConvShape& conv) { return conv.out_channels % 8 == 0; }

    explicit BinaryWork(const ConvShape& conv_shape)
        : conv(conv_shape), shape(conv.gemm()), words((shape.k + word_bits - 1) / word_bits) {
        std::mt19937 random = random_source();
        std::uniform_real_distribution<float> value(-1, 1);
        image = random_values<float>(conv.input_size(), [&] { return value(random); });
        weights = random_values<float>(shape.m * shape.k, [&] { return value(random); });
        weight_bits = pack(weights, shape.m, shape.k, 1);
        activation_bits = columns(-1);
        expected = mismatches(activation_bits);
    }

    // The bits of all columns, where padding has such a sign.
    std::vector<uint64_t> columns(float padding) const {
        return pack(im2col(conv, image, padding), shape.n, 1, shape.n);
    }
    std::vector<int32_t> mismatches(const std::vector<uint64_t>& columns) const {
        std::vector<int32_t> counts(shape.m * shape.n);
        p0_byte_popcount(weight_bits.data(), columns.data(), in_words(), counts.data());
        return counts;
    }
    // The GEMM with K rounded up to words, as the baselines take it.
    GemmShape in_words() const { return {shape.m, words * word_bits, shape.n}; }

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

// A layer from floats to floats, whose results are those of a reference.
template <typename Expected>
struct FloatsRun {
    FloatsRun(const BinaryWork& binary_work, Layer binary_layer)
        : work(binary_work), layer(std::move(binary_layer)), y(work.expected.size()) {}
    void run() { layer.execute(work.image, y); }
    bool correct() const {
        const std::vector<int32_t> sums = nchw(work.conv, Expected::sums(work));
        return std::equal(y.begin(), y.end(), sums.begin(),
                          [](float value, int32_t sum) { return value == (float)sum; });
    }

    const BinaryWork& work;
    Layer layer;
    std::vector<float> y;
};

struct MinusOnePadding {
    static std::vector<int32_t> sums(const BinaryWork& work) {
        std::vector<int32_t> sums = work.expected;
        for (int32_t& sum : sums) sum = (int32_t)work.shape.k - 2 * sum;
        return sums;
    }
};
// The mean of what padding by -1 and by +1 gives.
struct TrueZeroPadding {
    static std::vector<int32_t> sums(const BinaryWork& work) {
        std::vector<int32_t> sums = work.mismatches(work.columns(1));
        for (size_t i = 0; i < sums.size(); i++) sums[i] = (int32_t)work.shape.k - work.expected[i] - sums[i];
        return sums;
    }
};
using BinaryLayerRun = FloatsRun<MinusOnePadding>;
using TrueZeroLayerRun = FloatsRun<TrueZeroPadding>;

// A layer from bits to bits: a bit is 1 where the sum is not negative.
struct BitsLayerRun {
    BitsLayerRun(const BinaryWork& binary_work, Layer binary_layer)
        : work(binary_work),
          layer(std::move(binary_layer)),
          x(bit_image(work.image, work.conv.in_channels, work.conv.edge * work.conv.edge)) {
        y.resize(work.conv.batch * work.conv.out_pixels() * ((work.conv.out_channels + 7) / 8));
    }
    void run() { layer.execute_bits(x, y); }
    bool correct() const {
        const std::vector<int32_t> sums = nchw(work.conv, MinusOnePadding::sums(work));
        return y == bit_image(sums, work.conv.out_channels, work.conv.out_pixels());
    }

    template <typename T>
    static std::vector<uint8_t> bit_image(const std::vector<T>& values, size_t channels, size_t pixels) {
        const size_t bytes = (channels + 7) / 8;
        std::vector<uint8_t> bits(values.size() / channels * bytes);
        for (size_t i = 0; i < values.size(); i++) {
            const size_t image = i / pixels / channels, channel = i / pixels % channels;
            bits[(image * pixels + i % pixels) * bytes + channel / 8] |=
                (uint8_t)((values[i] >= 0) << channel % 8);
        }
        return bits;
    }

    const BinaryWork& work;
    Layer layer;
    std::vector<uint8_t> x;
    std::vector<uint8_t> y;
};

}  // namespace axnn::bench
