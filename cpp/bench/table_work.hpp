// One convolution of codes with one table of products: what table GEMMs and layers are measured on.
#pragma once

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "baselines.hpp"
#include "layer.hpp"
#include "suites.hpp"
#include "workload.hpp"

namespace axnn::bench {

inline constexpr size_t table_entries = 65536;

// One convolution with one table, as a layer and as a GEMM of the same codes.
struct TableWork {
    TableWork(TableClass table_class, const ConvShape& conv) : shape(conv.gemm()) {
        std::mt19937 random = random_source();
        products = table(table_class, random);
        std::uniform_int_distribution<int> code(-128, 127);
        code_min = table_class == TableClass::int16_7bit || table_class == TableClass::exact_7bit ? 0 : -128;
        std::uniform_int_distribution<int> input(code_min, 127);
        image = random_values<float>(conv.in_channels * conv.edge * conv.edge, [&] { return input(random); });
        weights = random_values<float>(shape.m * shape.k, [&] { return code(random); });
        weight_codes = codes(weights);
        activation_codes = im2col(conv, codes(image), uint8_t{0});
        expected.resize(shape.m * shape.n);
        b0_triple_loop(products.data(), weight_codes.data(), activation_codes.data(), shape, expected.data());
    }

    static std::vector<int32_t> table(TableClass table_class, std::mt19937& random) {
        if (table_class == TableClass::exact || table_class == TableClass::exact_7bit) {
            std::vector<int32_t> exact;
            for (size_t i = 0; i < table_entries; i++)
                exact.push_back(int32_t{(int8_t)(i / 256)} * (int8_t)(i % 256));
            return exact;
        }
        // int32: beyond int16, yet 4608 of them fit a 32-bit sum.
        const int32_t largest =
            table_class == TableClass::int32 ? 400'000 : std::numeric_limits<int16_t>::max();
        std::uniform_int_distribution<int32_t> entry(-largest, largest);
        return random_values<int32_t>(table_entries, [&] { return entry(random); });
    }

    static std::vector<uint8_t> codes(const std::vector<float>& values) {
        std::vector<uint8_t> bytes;
        for (const float value : values) bytes.push_back((uint8_t)(int)value);
        return bytes;
    }

    GemmShape shape;
    int code_min;  // of the activations; the largest is 127
    std::vector<int32_t> products;
    std::vector<float> image;
    std::vector<float> weights;
    std::vector<uint8_t> weight_codes;      // [M][K]
    std::vector<uint8_t> activation_codes;  // [K][N]
    std::vector<int32_t> expected;          // [M][N]
};

struct TableLayerRun {
    TableLayerRun(const TableWork& table_work, Layer table_layer)
        : work(table_work), layer(std::move(table_layer)), y(work.expected.size()) {}
    void run() { layer.execute(work.image, y); }
    bool correct() const {
        return std::equal(y.begin(), y.end(), work.expected.begin(),
                          [](float value, int32_t sum) { return value == (float)sum; });
    }

    const TableWork& work;
    Layer layer;
    std::vector<float> y;
};

}  // namespace axnn::bench
