// Whole plans through the C ABI with every buffer next to an unmapped page: nothing is read or written
// outside of the sizes that the caller names. kernels_test does the same for single kernels.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/guarded_buffer.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/random.hpp"
#include "support/reference.hpp"

namespace axnn::test {
namespace {

// Remainders of every vector width, one pixel, one channel, borders on all sides, strides and groups.
const std::vector<Conv> shapes = {
    {},
    {.in_channels = 3,
     .h = 5,
     .w = 7,
     .out_channels = 5,
     .kernel_h = 3,
     .kernel_w = 3,
     .pad_top = 1,
     .pad_bottom = 1,
     .pad_left = 1,
     .pad_right = 1},
    {.n = 3, .in_channels = 17, .h = 1, .w = 1, .out_channels = 33},
    {.n = 2,
     .in_channels = 65,
     .h = 6,
     .w = 9,
     .out_channels = 17,
     .kernel_h = 2,
     .kernel_w = 3,
     .stride_h = 2,
     .stride_w = 3,
     .pad_right = 2},
    {.in_channels = 6,
     .h = 9,
     .w = 33,
     .out_channels = 8,
     .kernel_h = 3,
     .kernel_w = 2,
     .stride_w = 2,
     .dilation_h = 2,
     .dilation_w = 5,
     .pad_top = 3,
     .groups = 2},
    {.in_channels = 19,
     .h = 16,
     .w = 16,
     .out_channels = 19,
     .kernel_h = 3,
     .kernel_w = 3,
     .pad_top = 1,
     .pad_left = 1,
     .groups = 19},
    {.in_channels = 2, .h = 67, .w = 129, .out_channels = 16, .kernel_h = 1, .kernel_w = 1},
};

class GuardPages : public ::testing::TestWithParam<Guard> {
  protected:
    // Calls body(context, shape) on every tier, with one and with two threads.
    template <typename Body>
    static void for_each_shape(Body body) {
        for (uint32_t tier : available_tiers())
            for (uint32_t threads : {1, 2}) {
                const Context context = make_context(tier, threads);
                for (size_t i = 0; i < shapes.size(); i++) {
                    SCOPED_TRACE(std::string("tier ") + tier_name(tier) + ", threads " +
                                 std::to_string(threads) + ", shape " + std::to_string(i));
                    body(context.get(), shapes[i]);
                }
            }
    }

    std::vector<float> guarded_execute(const axnn_plan* plan, const Conv& c,
                                       const std::vector<float>& values) {
        const GuardedBuffer<float> x(values, GetParam());
        GuardedBuffer<float> y(c.outputs(), GetParam());
        require(axnn_plan_execute(plan, x.data(), x.bytes(), c.n, c.h, c.w, y.data(), y.bytes()));
        return y.values();
    }

    std::vector<int64_t> guarded_execute_sums(const axnn_plan* plan, const Conv& c,
                                              const std::vector<float>& values) {
        const GuardedBuffer<float> x(values, GetParam());
        GuardedBuffer<int64_t> sums(c.outputs(), GetParam());
        require(axnn_plan_execute_sums(plan, x.data(), x.bytes(), c.n, c.h, c.w, sums.data(), sums.bytes()));
        return sums.values();
    }
};

INSTANTIATE_TEST_SUITE_P(Pages, GuardPages, ::testing::Values(Guard::after, Guard::before),
                         [](const auto& guard) { return guard.param == Guard::after ? "after" : "before"; });

TEST_P(GuardPages, Approx) {
    Random random(40);
    const GuardedBuffer<int32_t> table(random_table(random, -30'000, 30'000), GetParam());
    for_each_shape([&](const axnn_context* context, const Conv& c) {
        ApproxLayer layer;
        layer.table = table.values();
        layer.w = random.reals(c.weights(), -2, 2);
        const auto channels = static_cast<size_t>(c.out_channels);
        layer.w_scale = random.reals(channels, 0.01f, 0.02f);
        layer.w_zero_point.assign(channels, 3);
        layer.bias = random.reals(channels, -1, 1);
        const std::vector<float> x = random.reals(c.inputs(), -2, 2);

        const GuardedBuffer<float> w(layer.w, GetParam());
        const GuardedBuffer<float> w_scale(layer.w_scale, GetParam());
        const GuardedBuffer<int32_t> w_zero_point(layer.w_zero_point, GetParam());
        const GuardedBuffer<float> bias(layer.bias, GetParam());
        axnn_multiplier* handle = nullptr;
        require(axnn_multiplier_create(&layer.operands, table.data(), table.bytes(), &handle));
        const Multiplier multiplier(handle);
        const axnn_conv2d_desc conv = c.desc();
        const Plan plan = make_plan([&](axnn_plan** out) {
            return axnn_approx_conv2d_create(context, &conv, &layer.desc, handle, w.data(), w.bytes(),
                                             w_scale.data(), w_scale.bytes(), w_zero_point.data(),
                                             w_zero_point.bytes(), bias.data(), bias.bytes(), out);
        });
        const ApproxExpected expected = expected_of(layer, c, x);
        EXPECT_TRUE(all_equal(guarded_execute(plan.get(), c, x), expected.y));
        EXPECT_TRUE(all_equal(guarded_execute_sums(plan.get(), c, x), expected.sums));
    });
}

TEST_P(GuardPages, Binary) {
    Random random(41);
    for_each_shape([&](const axnn_context* context, const Conv& c) {
        BinaryLayer layer;
        layer.desc.padding_value = AXNN_PAD_TRUE_ZERO;
        layer.w = random_signs(random, c.weights());
        const auto channels = static_cast<size_t>(c.out_channels);
        layer.scale = random.reals(channels, -1, 1);
        layer.bias = random.reals(channels, -1, 1);
        const std::vector<float> x = random_signs(random, c.inputs());

        const GuardedBuffer<float> w(layer.w, GetParam());
        GuardedBuffer<uint8_t> bits(channels * ((c.fan_in() + 7) / 8), GetParam());
        require(
            axnn_binary_pack(context, w.data(), w.bytes(), channels, c.fan_in(), bits.data(), bits.bytes()));
        const GuardedBuffer<float> scale(layer.scale, GetParam());
        const GuardedBuffer<float> bias(layer.bias, GetParam());
        const axnn_conv2d_desc conv = c.desc();
        const Plan plan = make_plan([&](axnn_plan** out) {
            return axnn_binary_conv2d_create(context, &conv, &layer.desc, bits.data(), bits.bytes(),
                                             scale.data(), scale.bytes(), bias.data(), bias.bytes(), out);
        });
        const std::vector<int64_t> sums = sign_sums(c, x, layer.w, 0);
        EXPECT_TRUE(all_equal(guarded_execute(plan.get(), c, x), expected_of(layer, c, sums)));
        EXPECT_TRUE(all_equal(guarded_execute_sums(plan.get(), c, x), sums));

        // From bits to bits, and a pooling of them.
        const auto bytes_of = [](int32_t count) { return (static_cast<size_t>(count) + 7) / 8; };
        const GuardedBuffer<float> image(x, GetParam());
        GuardedBuffer<uint8_t> x_bits(size_t{1} * c.n * c.h * c.w * bytes_of(c.in_channels), GetParam());
        require(axnn_binary_pack_image(context, image.data(), image.bytes(), c.n, c.in_channels, c.h, c.w,
                                       x_bits.data(), x_bits.bytes()));
        const size_t pixels = size_t{1} * c.n * c.out_h() * c.out_w();
        GuardedBuffer<uint8_t> y_bits(pixels * bytes_of(c.out_channels), GetParam());
        require(axnn_binary_execute(plan.get(), AXNN_BITS, x_bits.data(), x_bits.bytes(), c.n, c.h, c.w,
                                    AXNN_BITS, nullptr, y_bits.data(), y_bits.bytes()));
        const std::vector<float> y = expected_of(layer, c, sums);
        for (size_t i = 0; i < y.size(); i++) {
            const size_t plane = size_t{1} * c.out_h() * c.out_w(), o = c.channel_of(i);
            const size_t pixel = i / plane / channels * plane + i % plane;
            EXPECT_EQ(y_bits[pixel * bytes_of(c.out_channels) + o / 8] >> o % 8 & 1, y[i] >= 0);
        }
        axnn_conv2d_desc window = conv;
        window.in_channels = window.out_channels = window.groups = c.in_channels;
        GuardedBuffer<uint8_t> pooled(pixels * bytes_of(c.in_channels), GetParam());
        require(axnn_binary_max_pool(context, &window, x_bits.data(), x_bits.bytes(), c.n, c.h, c.w, nullptr,
                                     0, pooled.data(), pooled.bytes()));
    });
}

TEST_P(GuardPages, BinaryBackward) {
    Random random(44);
    const axnn_sign_desc signs = {sizeof signs, AXNN_SIGN_SWISH, 5, AXNN_SIGN_STE, 0.5f};
    for_each_shape([&](const axnn_context* context, const Conv& c) {
        BinaryLayer layer;
        layer.w = random_signs(random, c.weights());
        const Plan plan = layer.make(context, c);
        const GuardedBuffer<float> w(layer.w, GetParam());
        const GuardedBuffer<float> x(random_signs(random, c.inputs()), GetParam());
        const GuardedBuffer<float> grad_out(random.reals(c.outputs(), -1, 1), GetParam());
        const auto channels = static_cast<size_t>(c.out_channels);
        GuardedBuffer<float> grad_x(c.inputs(), GetParam()), grad_weights(c.weights(), GetParam()),
            grad_scales(channels, GetParam()), grad_bias(channels, GetParam());
        require(axnn_binary_backward(plan.get(), &signs, w.data(), w.bytes(), x.data(), x.bytes(), c.n, c.h,
                                     c.w, grad_out.data(), grad_out.bytes(), grad_x.data(), grad_x.bytes(),
                                     grad_weights.data(), grad_weights.bytes(), grad_scales.data(),
                                     grad_scales.bytes(), grad_bias.data(), grad_bias.bytes()));
        BinaryGradients expected = BinaryGradients::all(c);
        require(binary_backward(plan.get(), signs, c, layer.w, x.values(), grad_out.values(), expected));
        EXPECT_TRUE(all_equal(grad_x.values(), expected.x));
        EXPECT_TRUE(all_equal(grad_weights.values(), expected.weights));
        EXPECT_TRUE(all_equal(grad_scales.values(), expected.scales));
        EXPECT_TRUE(all_equal(grad_bias.values(), expected.bias));
    });
}

TEST_P(GuardPages, LatentWeights) {
    Random random(45);
    const Context context = make_context(AXNN_TIER_BEST, 2);
    for (size_t rows = 1; rows < 4; rows++)
        for (size_t row = 1; row < 40; row++) {
            const GuardedBuffer<float> x(random.reals(rows * row, -2, 2), GetParam());
            GuardedBuffer<float> alpha(rows, GetParam()), y(rows * row, GetParam());
            require(axnn_mean_magnitudes(context.get(), x.data(), x.bytes(), rows, row, alpha.data(),
                                         alpha.bytes()));
            require(axnn_clip(context.get(), 1, x.data(), x.bytes(), rows * row, y.data(), y.bytes()));
            for (size_t i = 0; i < x.size(); i++) EXPECT_EQ(y[i], std::clamp(x[i], -1.0f, 1.0f));
        }
}

TEST_P(GuardPages, Float) {
    Random random(42);
    for_each_shape([&](const axnn_context* context, const Conv& c) {
        const GuardedBuffer<float> w(random.reals(c.weights(), -1, 1), GetParam());
        const GuardedBuffer<float> bias(random.reals(static_cast<size_t>(c.out_channels), -1, 1), GetParam());
        const std::vector<float> x = random.reals(c.inputs(), -1, 1);
        const axnn_conv2d_desc conv = c.desc();
        const Plan plan = make_plan([&](axnn_plan** out) {
            return axnn_float_conv2d_create(context, &conv, w.data(), w.bytes(), bias.data(), bias.bytes(),
                                            out);
        });
        EXPECT_TRUE(
            all_close(guarded_execute(plan.get(), c, x), float_conv(c, x, w.values(), bias.values())));
    });
}

TEST_P(GuardPages, QuantizeAndPackAndText) {
    Random random(43);
    for (uint32_t tier : available_tiers()) {
        const Context context = make_context(tier, 1);
        for (size_t count = 1; count < 100; count++) {
            SCOPED_TRACE(std::string(tier_name(tier)) + ", count " + std::to_string(count));
            const GuardedBuffer<float> x(random.reals(count, -1, 1), GetParam());
            GuardedBuffer<uint8_t> codes(count, GetParam());
            const axnn_quantization quantization = {sizeof quantization, 1.0f / 64, 0, -128, 127};
            require(axnn_quantize(context.get(), &quantization, x.data(), x.bytes(), count, codes.data(),
                                  codes.bytes()));
            std::vector<uint8_t> expected;
            for (size_t i = 0; i < count; i++)
                expected.push_back(static_cast<uint8_t>(quantize(x[i], 1.0f / 64, 0, -128, 127)));
            EXPECT_TRUE(all_equal(codes.values(), expected));

            GuardedBuffer<uint8_t> bits((count + 7) / 8, GetParam());
            require(
                axnn_binary_pack(context.get(), x.data(), x.bytes(), 1, count, bits.data(), bits.bytes()));
            for (size_t i = 0; i < count; i++) EXPECT_EQ(bits[i / 8] >> (i % 8) & 1, x[i] >= 0);

            GuardedBuffer<char> version(count, GetParam());
            axnn_version(version.data(), version.bytes());
            EXPECT_LT(strnlen(version.data(), count), count);
        }
    }
}

}  // namespace
}  // namespace axnn::test
