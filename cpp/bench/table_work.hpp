// One convolution of codes with one table of products: what table GEMMs and layers are measured on.
#pragma once

#include <stdint.h>

#include <algorithm>
#include <random>
#include <vector>

#include "baselines.hpp"
#include "layer.hpp"
#include "table_class.hpp"
#include "workload.hpp"

namespace axnn::bench {

// A table of some class, and codes for a convolution as whole numbers.
struct TableOperands {
    TableOperands(TableClass table_class, const ConvShape& conv_shape)
        : conv(conv_shape), shape(conv.gemm()), code_min(smallest_activation(table_class)) {
        std::mt19937 random = random_source();
        products = random_table(table_class, random);
        std::uniform_int_distribution<int> code(-128, 127), input(code_min, 127);
        image = random_values<float>(conv.input_size(), [&] { return input(random); });
        weights = random_values<float>(shape.m * shape.k, [&] { return code(random); });
        weight_codes = codes(weights);
    }

    static std::vector<uint8_t> codes(const std::vector<float>& values) {
        std::vector<uint8_t> bytes;
        for (const float value : values) bytes.push_back((uint8_t)(int)value);
        return bytes;
    }

    ConvShape conv;
    GemmShape shape;
    int code_min;  // of the activations; the largest is 127
    std::vector<int32_t> products;
    std::vector<float> image;
    std::vector<float> weights;
    std::vector<uint8_t> weight_codes;  // [M][K]
};

// One convolution with one table, as a layer and as a GEMM of the same codes.
struct TableWork : TableOperands {
    TableWork(TableClass table_class, const ConvShape& conv_shape) : TableOperands(table_class, conv_shape) {
        activation_codes = im2col(conv, codes(image), uint8_t{0});
        expected.resize(shape.m * shape.n);
        table_baselines().back().run(products.data(), weight_codes.data(), activation_codes.data(), shape.n,
                                     shape, expected.data());
    }

    std::vector<uint8_t> activation_codes;  // [K][N]
    std::vector<int32_t> expected;          // [M][N]
};

// A baseline on as many output channels as take some milliseconds. Its channels do not depend on each other,
// so all of them take in proportion longer. Its rows of codes are kept apart: where they follow each other at
// a power of two they would fall into the same few places of the cache.
struct TableBaselineRun {
    static constexpr double most_products = 16e6;

    TableBaselineRun(const TableWork& table_work, TableBaseline table_baseline)
        : work(table_work), baseline(table_baseline), part(work.shape), x_stride(part.n + 64) {
        const double channel_products = (double)part.k * (double)part.n;
        part.m = std::clamp((size_t)(most_products / channel_products), size_t{1}, part.m);
        sums.resize(part.m * part.n);
        x.resize(part.k * x_stride);
        for (size_t k = 0; k < part.k; k++)
            std::copy_n(work.activation_codes.begin() + (ptrdiff_t)(k * part.n), part.n,
                        x.begin() + (ptrdiff_t)(k * x_stride));
    }
    void run() {
        baseline.run(work.products.data(), work.weight_codes.data(), x.data(), x_stride, part, sums.data());
    }
    bool correct() const { return std::equal(sums.begin(), sums.end(), work.expected.begin()); }
    double share() const { return (double)part.m / (double)work.shape.m; }

    const TableWork& work;
    TableBaseline baseline;
    GemmShape part;
    size_t x_stride;
    std::vector<uint8_t> x;
    std::vector<int32_t> sums;
};

struct TableLayerRun {
    TableLayerRun(const TableWork& table_work, Layer table_layer)
        : work(table_work), layer(std::move(table_layer)), y(work.expected.size()) {}
    void run() { layer.execute(work.image, y); }
    bool correct() const {
        const std::vector<int32_t> expected = nchw(work.conv, work.expected);
        return std::equal(y.begin(), y.end(), expected.begin(),
                          [](float value, int32_t sum) { return value == (float)sum; });
    }

    const TableWork& work;
    Layer layer;
    std::vector<float> y;
};

}  // namespace axnn::bench
