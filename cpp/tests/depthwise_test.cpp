// The depthwise kernels of every tier against plain loops, on random shapes of taps, steps and columns.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"
#include "support/random.hpp"

namespace axnn::test {
namespace {

std::vector<Kernels> tiers() {
    std::vector<Kernels> all = {scalar::kernels()};
    if (__builtin_cpu_supports("avx2")) all.push_back(avx2::kernels());
    if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bitalg"))
        all.push_back(avx512::kernels());
    return all;
}

template <typename Element, typename Sum, typename Product>
void expect_sums(const DepthwiseKernel<Element, Sum>& kernel, DepthwisePass<Element, Sum> pass,
                 std::vector<Sum> sums, const Product& product) {
    std::vector<Sum> expected = sums;
    for (size_t i = 0; i < pass.rows; i++)
        for (size_t j = 0; j < pass.cols; j++)
            for (size_t r = 0; r < pass.rs; r++)
                for (size_t s = 0; s < pass.ss; s++)
                    expected[i * pass.cols + j] +=
                        product(pass.weights[r * pass.weight_stride + s],
                                pass.values[i * pass.row_step + j * pass.col_step + r * pass.tap_row_step +
                                            s * pass.tap_col_step]);
    pass.sums = sums.data();
    kernel.run(pass);
    EXPECT_EQ(sums, expected) << kernel.name << ", " << pass.rows << "x" << pass.cols << " columns, "
                              << pass.rs << "x" << pass.ss << " taps, step " << pass.col_step;
}

template <typename Element, typename Sum, typename Run>
void on_random_passes(uint64_t stream, const Run& run) {
    Random random(stream);
    for (int repeat = 0; repeat < 200; repeat++) {
        DepthwisePass<Element, Sum> pass = {};
        const auto draw = [&](int64_t high) { return static_cast<size_t>(random.integer(1, high)); };
        pass.rs = draw(5);
        pass.ss = draw(5);
        pass.weight_stride = pass.ss + draw(3) - 1;
        pass.rows = draw(6);
        pass.cols = draw(40);
        pass.col_step = draw(3);
        pass.tap_col_step = draw(3);
        const size_t width = (pass.cols - 1) * pass.col_step + (pass.ss - 1) * pass.tap_col_step + 1;
        pass.tap_row_step = draw(3) * width;
        pass.row_step = draw(2) * width;
        const size_t count = (pass.rows - 1) * pass.row_step + (pass.rs - 1) * pass.tap_row_step + width;
        std::vector<Element> values, weights;
        for (size_t i = 0; i < count; i++) values.push_back(static_cast<Element>(random.integer(0, 255)));
        for (size_t i = 0; i < pass.rs * pass.weight_stride; i++)
            weights.push_back(static_cast<Element>(random.integer(0, 255)));
        std::vector<Sum> sums;
        for (size_t i = 0; i < pass.rows * pass.cols; i++)
            sums.push_back(static_cast<Sum>(random.integer(-1000, 1000)));
        pass.values = values.data();
        pass.weights = weights.data();
        run(pass, sums, random);
    }
}

template <typename Entry>
void expect_table_sums(IntegerDepthwise Kernels::* member, int64_t largest) {
    Random random(41);
    std::vector<Entry> table(size_t{256} * 256);
    for (Entry& entry : table) entry = static_cast<Entry>(random.integer(-largest, largest - 1));
    for (const Kernels& kernels : tiers())
        on_random_passes<uint8_t, int32_t>(42, [&](auto pass, const auto& sums, Random&) {
            pass.table = table.data();
            expect_sums(kernels.*member, pass, sums,
                        [&](uint8_t w, uint8_t v) -> int32_t { return table[size_t{256} * w + v]; });
        });
}

TEST(Depthwise, Int16Table) { expect_table_sums<int16_t>(&Kernels::lut_depthwise_int16, 32768); }
TEST(Depthwise, Int32Table) { expect_table_sums<int32_t>(&Kernels::lut_depthwise_int32, 1 << 24); }

TEST(Depthwise, ExactCodes) {
    for (const Kernels& kernels : tiers())
        on_random_passes<uint8_t, int32_t>(43, [&](auto pass, const auto& sums, Random& random) {
            pass.signed_weights = random.chance(0.5);
            pass.signed_values = random.chance(0.5);
            const auto value = [](uint8_t byte, bool is_signed) {
                return is_signed ? int32_t{static_cast<int8_t>(byte)} : int32_t{byte};
            };
            expect_sums(kernels.int8_depthwise, pass, sums, [&](uint8_t w, uint8_t v) {
                return value(w, pass.signed_weights) * value(v, pass.signed_values);
            });
        });
}

// Whole numbers, whose float sums are exact.
TEST(Depthwise, Floats) {
    for (const Kernels& kernels : tiers())
        on_random_passes<float, float>(44, [&](auto pass, const auto& sums, Random&) {
            expect_sums(kernels.float_depthwise, pass, sums, [](float w, float v) { return w * v; });
        });
}

}  // namespace
}  // namespace axnn::test
