// Noise: its numbers through the kernels, its scale through layers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/noise.hpp"
#include "support/compare.hpp"
#include "support/layers.hpp"
#include "support/tiers.hpp"

namespace axnn::test {
namespace {

// The published known answers of Philox 4x32-10.
TEST(Noise, PhiloxKnownAnswers) {
    struct Answer {
        uint32_t counter[4];
        uint64_t key;
        uint32_t words[4];
    };
    constexpr uint32_t ones = UINT32_MAX;
    for (const Answer& answer :
         {Answer{{0, 0, 0, 0}, 0, {0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}},
          Answer{{ones, ones, ones, ones}, UINT64_MAX, {0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD}},
          Answer{{0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344},
                 0x299F31D0A4093822,
                 {0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}}})
        for (const size_t lane : {size_t{0}, noise_lanes - 1}) {
            uint32_t word[4][noise_lanes] = {};
            for (int i = 0; i < 4; i++) word[i][lane] = answer.counter[i];
            philox(answer.key, word);
            for (int i = 0; i < 4; i++) EXPECT_EQ(word[i][lane], answer.words[i]) << i;
        }
}

std::vector<float> normals(const Kernels& kernels, uint64_t first, size_t count, uint64_t seed) {
    std::vector<float> y(count);
    kernels.add_noise({y.data(), count, first, seed, 1, 0});
    return y;
}

TEST(Noise, SameBitsOnEveryTierAndFromEveryStart) {
    const uint64_t seed = 0x123456789ABCDEF0;
    const std::vector<float> all = normals(scalar::kernels(), 0, 2000, seed);
    for (const Tier& tier : kernel_tiers()) {
        SCOPED_TRACE(tier.name);
        EXPECT_TRUE(all_equal(normals(tier.kernels, 0, 2000, seed), all));
        for (const size_t first : {1, 2, 3, 4, 5, 127, 128, 129, 1003})
            for (const size_t count : {1, 3, 4, 125, 128, 131, 700}) {
                const std::vector<float> part(all.begin() + static_cast<ptrdiff_t>(first),
                                              all.begin() + static_cast<ptrdiff_t>(first + count));
                EXPECT_TRUE(all_equal(normals(tier.kernels, first, count, seed), part));
            }
    }
    EXPECT_FALSE(all_equal(normals(scalar::kernels(), 0, 2000, seed + 1), all));
    // Beyond 2^34 elements the second word of the counter matters.
    EXPECT_FALSE(all_equal(normals(scalar::kernels(), uint64_t{1} << 34, 2000, seed), all));
}

// Moments and tails of a million numbers, within six standard errors.
TEST(Noise, IsStandardNormal) {
    const size_t count = 1 << 20;
    const std::vector<float> values = normals(scalar::kernels(), 0, count, 7);
    double sum = 0, squares = 0, cubes = 0, fourths = 0, neighbours = 0;
    size_t beyond[4] = {};
    for (size_t i = 0; i < count; i++) {
        const double v = values[i];
        sum += v;
        squares += v * v;
        cubes += v * v * v;
        fourths += v * v * v * v;
        if (i > 0) neighbours += v * values[i - 1];
        for (int sigma = 1; sigma <= 4; sigma++) beyond[sigma - 1] += std::fabs(v) > sigma;
    }
    const double n = count, error = 1 / std::sqrt(n);
    EXPECT_NEAR(sum / n, 0, 6 * error);
    EXPECT_NEAR(squares / n, 1, 6 * error * std::sqrt(2.0));
    EXPECT_NEAR(cubes / n, 0, 6 * error * std::sqrt(15.0));
    EXPECT_NEAR(fourths / n, 3, 6 * error * std::sqrt(96.0));
    EXPECT_NEAR(neighbours / n, 0, 6 * error);
    for (int sigma = 1; sigma <= 4; sigma++) {
        const double p = std::erfc(sigma / std::sqrt(2.0));
        EXPECT_NEAR(static_cast<double>(beyond[sigma - 1]), n * p, 6 * std::sqrt(n * p)) << sigma;
    }
}

// ---- Layers ----------------------------------------------------------------------------------------

std::vector<float> execute_noise(const axnn_plan* plan, const Conv& c, const std::vector<float>& x,
                                 float stdev, float mean, uint64_t seed) {
    const axnn_noise_desc noise = {sizeof noise, stdev, mean, static_cast<uint32_t>(seed),
                                   static_cast<uint32_t>(seed >> 32)};
    std::vector<float> y(c.outputs());
    require(axnn_plan_execute_noise(plan, &noise, x.data(), x.size() * sizeof(float), c.n, c.h, c.w, y.data(),
                                    y.size() * sizeof(float)));
    return y;
}

struct NoisyLayer {
    explicit NoisyLayer(Random& random) {
        layer.desc.products = AXNN_PRODUCTS_EXACT;
        layer.desc.input_zero_point = 5;
        layer.w = random.reals(conv.weights(), -1, 1);
        layer.bias = random.reals(7, -3, 3);
        x = random.reals(conv.inputs(), -1.5, 1.5);
    }
    // Without bias and limits.
    std::vector<float> scaled(const axnn_context* context) const {
        ApproxLayer bare = layer;
        bare.bias.clear();
        bare.desc.output_min = -infinity;
        bare.desc.output_max = infinity;
        return execute(bare.make(context, conv).get(), conv, x);
    }
    Conv conv = {.n = 3, .in_channels = 4, .h = 19, .w = 23, .out_channels = 7, .kernel_h = 3, .kernel_w = 3};
    ApproxLayer layer;
    std::vector<float> x;
};

TEST(Noise, IsRelativeToTheUnbiasedDeviationOfTheWholeOutput) {
    Random random(51);
    NoisyLayer noisy(random);
    noisy.layer.desc.output_min = -4;
    noisy.layer.desc.output_max = 5;
    const float stdev = 0.3f, mean = -0.25f;
    const uint64_t seed = 0xFEDCBA9876543210;
    std::vector<float> expected;
    {
        const Context context = make_context(AXNN_TIER_SCALAR, 1);
        expected = noisy.scaled(context.get());
        double sum = 0, squares = 0;
        for (const float v : expected) sum += v;
        const double average = sum / static_cast<double>(expected.size());
        for (const float v : expected) squares += (v - average) * (v - average);
        const auto sigma =
            static_cast<float>(std::sqrt(squares / static_cast<double>(expected.size() - 1)) * stdev);
        const std::vector<float> n = normals(scalar::kernels(), 0, expected.size(), seed);
        for (size_t i = 0; i < expected.size(); i++)
            expected[i] = std::clamp(
                expected[i] + n[i] * sigma + mean + noisy.layer.bias[noisy.conv.channel_of(i)], -4.0f, 5.0f);
    }
    std::vector<float> first;
    for (const uint32_t tier : available_tiers())
        for (const uint32_t threads : {1, 2, 3}) {
            const Context context = make_context(tier, threads);
            const Plan plan = noisy.layer.make(context.get(), noisy.conv);
            const std::vector<float> y = execute_noise(plan.get(), noisy.conv, noisy.x, stdev, mean, seed);
            EXPECT_TRUE(all_close(y, expected, 1e-6));
            if (first.empty()) first = y;
            EXPECT_TRUE(all_equal(y, first)) << tier_name(tier) << ", " << threads << " threads";
            EXPECT_FALSE(
                all_equal(execute_noise(plan.get(), noisy.conv, noisy.x, stdev, mean, seed + 1), first));
        }
}

TEST(Noise, NoneGivesTheQuantisedOutput) {
    Random random(52);
    NoisyLayer noisy(random);
    const Context context = make_context(AXNN_TIER_BEST, 2);
    const Plan plan = noisy.layer.make(context.get(), noisy.conv);
    EXPECT_TRUE(all_equal(execute_noise(plan.get(), noisy.conv, noisy.x, 0, 0, 1),
                          execute(plan.get(), noisy.conv, noisy.x)));
    // One output has no deviation: only the mean is added.
    const Conv one = {.n = 1, .in_channels = 2, .out_channels = 1};
    ApproxLayer layer;
    layer.desc.products = AXNN_PRODUCTS_EXACT;
    layer.w = {0.5f, -0.25f};
    const Plan small = layer.make(context.get(), one);
    const std::vector<float> x = {1, 1};
    EXPECT_EQ(execute_noise(small.get(), one, x, 3, 2, 1)[0], execute(small.get(), one, x)[0] + 2);
}

// An output that overflows has no finite deviation, which must not reach the elements where none is asked
// for.
TEST(Noise, WithoutDeviationInfiniteOutputsStayWhatTheyAre) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Conv c = {.n = 3, .in_channels = 1, .out_channels = 1};
    ApproxLayer layer;
    layer.desc.products = AXNN_PRODUCTS_EXACT;
    layer.desc.input_scale = 1;
    layer.w_scale = {1e35f};
    layer.w = {1e37f};
    const std::vector<float> x = {-100, 0, 100};
    const Plan plan = layer.make(context.get(), c);
    const std::vector<float> y = execute(plan.get(), c, x);
    EXPECT_TRUE(all_equal(y, std::vector<float>{-infinity, 0, infinity}));
    EXPECT_TRUE(all_equal(execute_noise(plan.get(), c, x, 0, 0, 1), y));
    EXPECT_TRUE(
        all_equal(execute_noise(plan.get(), c, x, 0, 2, 1), std::vector<float>{-infinity, 2, infinity}));
}

TEST(Noise, TablePlansHaveItAndOtherPlansDoNot) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Conv c = {.n = 2, .in_channels = 3, .out_channels = 2};
    const std::vector<float> w(c.weights(), 0.5f), x(c.inputs(), 0.25f);
    ApproxLayer layer;
    layer.table = exact_table();
    layer.w = w;
    const Plan table = layer.make(context.get(), c);
    EXPECT_TRUE(all_equal(execute_noise(table.get(), c, x, 0, 1, 1), std::vector<float>(4, 1.375f)));
    std::vector<float> y(c.outputs(), 42.0f);
    const Plan plan = make_float_plan(context.get(), c, w, {});
    const auto run = [&](axnn_noise_desc noise, const axnn_plan* p) {
        return axnn_plan_execute_noise(p, &noise, x.data(), x.size() * sizeof(float), 2, 1, 1, y.data(),
                                       y.size() * sizeof(float));
    };
    const uint32_t size = sizeof(axnn_noise_desc);
    EXPECT_EQ(run({size, 1, 0, 0, 0}, plan.get()), AXNN_ERROR_UNSUPPORTED);
    EXPECT_EQ(run({size - 4, 1, 0, 0, 0}, table.get()), AXNN_ERROR_STRUCT_SIZE);
    for (const float bad : {-1.0f, infinity, std::nanf("")})
        EXPECT_EQ(run({size, bad, 0, 0, 0}, table.get()), AXNN_ERROR_INVALID_ARGUMENT);
    for (const float bad : {-infinity, infinity, std::nanf("")})
        EXPECT_EQ(run({size, 1, bad, 0, 0}, table.get()), AXNN_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(axnn_plan_execute_noise(table.get(), nullptr, x.data(), x.size() * sizeof(float), 2, 1, 1,
                                      y.data(), y.size() * sizeof(float)),
              AXNN_ERROR_NULL_POINTER);
    EXPECT_TRUE(all_equal(y, std::vector<float>(c.outputs(), 42.0f)));
}

}  // namespace
}  // namespace axnn::test
