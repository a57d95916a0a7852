// One depthwise convolution of codes with one table of products.
#pragma once

#include <vector>

#include "baselines.hpp"
#include "layer.hpp"
#include "shape.hpp"
#include "table_class.hpp"
#include "table_work.hpp"
#include "workload.hpp"

namespace axnn::bench {

// A plane and a kernel for each channel, as whole numbers whose sums are exact.
// The shape is that of all channels; each has its own K.
struct DepthwiseWork : TableOperands {
    DepthwiseWork(TableClass table_class, const ConvShape& conv_shape)
        : TableOperands(table_class, conv_shape) {
        const std::vector<uint8_t> columns = im2col(conv, codes(image), uint8_t{0});
        std::vector<int32_t> sums(shape.n);
        for (size_t m = 0; m < shape.m; m++) {
            b0_triple_loop(products.data(), weight_codes.data() + m * shape.k,
                           columns.data() + m * shape.k * shape.n, shape.n, {1, shape.k, shape.n},
                           sums.data());
            expected.insert(expected.end(), sums.begin(), sums.end());
        }
    }

    std::vector<float> expected;  // [channels][pixels]
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
