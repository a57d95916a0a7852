// One depthwise convolution of codes with one table of products.
#pragma once

#include <random>
#include <vector>

#include "baselines.hpp"
#include "layer.hpp"
#include "shape.hpp"
#include "table_class.hpp"
#include "table_work.hpp"
#include "workload.hpp"

namespace axnn::bench {

// A plane and a kernel for each channel, as whole numbers whose sums are exact.
struct DepthwiseWork {
    DepthwiseWork(TableClass table_class, const ConvShape& conv_shape)
        : conv(conv_shape), shape(conv.gemm()), code_min(smallest_activation(table_class)) {
        std::mt19937 random = random_source();
        products = random_table(table_class, random);
        std::uniform_int_distribution<int> code(-128, 127), input(code_min, 127);
        image = random_values<float>(conv.input_size(), [&] { return input(random); });
        weights = random_values<float>(shape.m * shape.k, [&] { return code(random); });
        weight_codes = TableWork::codes(weights);
        const std::vector<uint8_t> columns = im2col(conv, TableWork::codes(image), uint8_t{0});
        std::vector<int32_t> sums(shape.n);
        for (size_t m = 0; m < shape.m; m++) {
            b0_triple_loop(products.data(), weight_codes.data() + m * shape.k,
                           columns.data() + m * shape.k * shape.n, shape.n, {1, shape.k, shape.n},
                           sums.data());
            expected.insert(expected.end(), sums.begin(), sums.end());
        }
    }

    ConvShape conv;
    GemmShape shape;  // of all channels: each has its own K
    int code_min;     // of the inputs; the largest is 127
    std::vector<int32_t> products;
    std::vector<float> image;
    std::vector<float> weights;
    std::vector<uint8_t> weight_codes;  // [channels][taps]
    std::vector<float> expected;        // [channels][pixels]
};

struct DepthwiseLayerRun {
    DepthwiseLayerRun(const DepthwiseWork& depthwise_work, Layer depthwise_layer)
        : work(depthwise_work), layer(std::move(depthwise_layer)), y(work.expected.size()) {}
    void run() { layer.execute(work.image, y); }
    bool correct() const { return y == work.expected; }

    const DepthwiseWork& work;
    Layer layer;
    std::vector<float> y;
};

}  // namespace axnn::bench
