// One exact float32 convolution and its results in double precision.
#pragma once

#include <math.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "layer.hpp"
#include "workload.hpp"

namespace axnn::bench {

struct FloatWork {
    explicit FloatWork(const ConvShape& conv_shape) : conv(conv_shape), shape(conv.gemm()) {
        std::mt19937 random = random_source();
        std::uniform_real_distribution<float> value(-1, 1);
        image = random_values<float>(conv.input_size(), [&] { return value(random); });
        weights = random_values<float>(shape.m * shape.k, [&] { return value(random); });
        const std::vector<float> columns = im2col(conv, image, 0.0f);
        std::vector<double> sums(shape.m * shape.n);
        for (size_t m = 0; m < shape.m; m++)
            for (size_t k = 0; k < shape.k; k++)
                for (size_t n = 0; n < shape.n; n++)
                    sums[m * shape.n + n] += (double)weights[m * shape.k + k] * columns[k * shape.n + n];
        expected = nchw(conv, sums);
    }

    ConvShape conv;
    GemmShape shape;
    std::vector<float> image;
    std::vector<float> weights;
    std::vector<double> expected;  // as the layer orders it
};

struct FloatLayerRun {
    FloatLayerRun(const FloatWork& float_work, Layer float_layer)
        : work(float_work), layer(std::move(float_layer)), y(work.expected.size()) {}
    void run() { layer.execute(work.image, y); }
    bool correct() const {
        double largest = 0, error = 0;
        for (size_t i = 0; i < y.size(); i++) {
            largest = std::max(largest, fabs(work.expected[i]));
            error = std::max(error, fabs(work.expected[i] - y[i]));
        }
        return error <= 1e-5 * largest;
    }

    const FloatWork& work;
    Layer layer;
    std::vector<float> y;
};

}  // namespace axnn::bench
