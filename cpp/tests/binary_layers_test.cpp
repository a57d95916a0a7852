// Binary layers through the C ABI against the plain loops of support/reference.hpp: every input and output
// must be equal on every tier and thread count.
#include <axnn/axnn.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/layers_fixture.hpp"
#include "support/random.hpp"
#include "support/reference.hpp"

namespace axnn::test {
namespace {

// ---- Binary layers -------------------------------------------------------------------------------

// Bytes that malloc has given out; 0 where a sanitizer has taken its place.
size_t heap_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

// An axnn.h bit image of floats NCHW; the trailing bits, which no one may look at, are `trailing`.
std::vector<uint8_t> bit_image(const std::vector<float>& x, int32_t n, int32_t channels, size_t pixels,
                               bool trailing = false) {
    const size_t bytes = (static_cast<size_t>(channels) + 7) / 8;
    std::vector<uint8_t> bits(static_cast<size_t>(n) * pixels * bytes, trailing ? 0xff : 0);
    for (size_t i = 0; i < x.size(); i++) {
        const size_t image = i / pixels / static_cast<size_t>(channels);
        const size_t channel = i / pixels % static_cast<size_t>(channels);
        uint8_t& byte = bits[(image * pixels + i % pixels) * bytes + channel / 8];
        const auto mask = static_cast<uint8_t>(1 << channel % 8);
        byte = static_cast<uint8_t>(x[i] >= 0 ? byte | mask : byte & ~mask);
    }
    return bits;
}

size_t pixels_of(const Conv& c) { return size_t{1} * c.out_h() * c.out_w(); }

template <typename X, typename Y>
std::vector<Y> run_binary(const axnn_plan* plan, const Conv& c, uint32_t x_type, const std::vector<X>& x,
                          uint32_t y_type, size_t y_count, const axnn_quantization* quantization = nullptr) {
    std::vector<Y> y(y_count, Y{77});
    require(axnn_binary_execute(plan, x_type, x.data(), x.size() * sizeof(X), c.n, c.h, c.w, y_type,
                                quantization, y.data(), y.size() * sizeof(Y)));
    return y;
}

class BinaryLayers : public Layers {
  protected:
    // All outputs, of floats and of bits.
    static void expect_layer(const BinaryLayer& layer, const Conv& c, const std::vector<float>& x,
                             bool linear) {
        SCOPED_TRACE(text_of(c) + ", padding value " + std::to_string(layer.padding_value()));
        const std::vector<int64_t> sums = sign_sums(c, x, layer.w, layer.padding_value());
        const std::vector<float> y = expected_of(layer, c, sums);
        const std::vector<int32_t> narrow(sums.begin(), sums.end());
        const axnn_quantization q = {sizeof q, 0.75f, 3, -128, 127};
        std::vector<uint8_t> codes;
        for (float v : y)
            codes.push_back(static_cast<uint8_t>(quantize(v, q.scale, q.zero_point, q.code_min, q.code_max)));
        const std::vector<uint8_t> bits = bit_image(y, c.n, c.out_channels, pixels_of(c));
        const std::vector<uint8_t> x_bits = bit_image(x, c.n, c.in_channels, size_t{1} * c.h * c.w, true);
        for_each_context([&](const axnn_context* context) {
            const Plan owned = layer.make(context, c, linear);
            const axnn_plan* plan = owned.get();
            EXPECT_TRUE(all_equal(execute_sums(plan, c, x), sums));
            EXPECT_TRUE(all_equal(execute(plan, c, x), y));
            const auto expect_from = [&](uint32_t type, const auto& input) {
                using X = typename std::decay_t<decltype(input)>::value_type;
                SCOPED_TRACE(type == AXNN_BITS ? "from bits" : "from floats");
                EXPECT_TRUE(all_equal(run_binary<X, float>(plan, c, type, input, AXNN_FLOAT32, y.size()), y));
                EXPECT_TRUE(
                    all_equal(run_binary<X, int32_t>(plan, c, type, input, AXNN_INT32, y.size()), narrow));
                EXPECT_TRUE(
                    all_equal(run_binary<X, uint8_t>(plan, c, type, input, AXNN_CODES, y.size(), &q), codes));
                EXPECT_TRUE(
                    all_equal(run_binary<X, uint8_t>(plan, c, type, input, AXNN_BITS, bits.size()), bits));
            };
            expect_from(AXNN_FLOAT32, x);
            expect_from(AXNN_BITS, x_bits);
        });
    }

    // Scales and biases that matter to a sign: some near the edge of a step, negative, zero.
    static void draw_epilogue(BinaryLayer& layer, const Conv& c, Random& random) {
        const auto channels = static_cast<size_t>(c.out_channels);
        if (random.chance(0.6)) {
            layer.scale = random.reals(channels, -2, 2);
            for (float& scale : layer.scale)
                if (random.chance(0.2)) scale = random.pick({0.0f, -0.0f, 1e-40f, -1e-40f});
        }
        if (random.chance(0.6)) {
            layer.bias = random.reals(channels, -20, 20);
            for (size_t o = 0; o < channels; o++)
                if (random.chance(0.4))
                    layer.bias[o] = -(layer.scale.empty() ? 1.0f : layer.scale[o]) *
                                    static_cast<float>(random.integer(-5, 5));
        }
        layer.desc.output_min = random.pick({-infinity, -infinity, 0.0f, -10.0f});
        layer.desc.output_max = random.pick({infinity, infinity, 15.0f, -0.5f});
        if (layer.desc.output_min > layer.desc.output_max) layer.desc.output_min = -infinity;
    }
};

constexpr axnn_padding_value padding_values[] = {AXNN_PAD_MINUS_ONE, AXNN_PAD_TRUE_ZERO, AXNN_PAD_PLUS_ONE};

TEST_F(BinaryLayers, RandomLayers) {
    Random random(20);
    for (int repeat = 0; repeat < 100; repeat++) {
        const Conv c = random_conv(random);
        BinaryLayer layer;
        layer.w = random_signs(random, c.weights());
        draw_epilogue(layer, c, random);
        const std::vector<float> x = random_signs(random, c.inputs());
        for (uint32_t padding_value : padding_values) {
            layer.desc.padding_value = padding_value;
            expect_layer(layer, c, x, false);
        }
        if (HasFailure()) return;
    }
}

TEST_F(BinaryLayers, ChannelCountsAtTheEdgesOfWordsAndTiles) {
    Random random(21);
    for (int32_t in_channels : {1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129})
        for (int32_t out_channels : {1, 3, 4, 5, 17, 65}) {
            const Conv c = {.n = 2,
                            .in_channels = in_channels,
                            .h = 3,
                            .w = 5,
                            .out_channels = out_channels,
                            .kernel_h = 2,
                            .kernel_w = 2,
                            .pad_top = 1,
                            .pad_right = 1};
            BinaryLayer layer;
            layer.desc.padding_value = padding_values[random.integer(0, 2)];
            layer.w = random_signs(random, c.weights());
            expect_layer(layer, c, random_signs(random, c.inputs()), false);
        }
}

TEST_F(BinaryLayers, LargeShapes) {
    Random random(22);
    for (const Conv& c : large_shapes) {
        BinaryLayer layer;
        layer.desc.padding_value = AXNN_PAD_TRUE_ZERO;
        layer.w = random_signs(random, c.weights());
        expect_layer(layer, c, random_signs(random, c.inputs()), false);
    }
}

// All signs equal or all different: the largest counts.
TEST_F(BinaryLayers, LargestCounts) {
    for (int32_t in_channels : {64 * 31, 64 * 33, 64 * 256 + 1, 200'000})
        for (float activation : {1.0f, -1.0f}) {
            const Conv c = {.n = 9, .in_channels = in_channels, .out_channels = 5};
            BinaryLayer layer;
            layer.w.assign(c.weights(), 1.0f);
            expect_layer(layer, c, std::vector<float>(c.inputs(), activation), true);
        }
}

TEST_F(BinaryLayers, Linear) {
    Random random(23);
    for (int repeat = 0; repeat < 40; repeat++) {
        const Conv c = {.n = static_cast<int32_t>(random.integer(1, 40)),
                        .in_channels = static_cast<int32_t>(
                            random.pick({random.integer(1, 70), random.integer(500, 900)})),
                        .out_channels = static_cast<int32_t>(random.integer(1, 70))};
        BinaryLayer layer;
        layer.desc.padding_value = padding_values[random.integer(0, 2)];
        layer.w = random_signs(random, c.weights());
        expect_layer(layer, c, random_signs(random, c.inputs()), true);
    }
}

// A scale that is NaN's or infinity's neighbour in the epilogue: the sign of NaN is -1.
TEST_F(BinaryLayers, BiasThatIsNotFinite) {
    Random random(24);
    const Conv c = {.in_channels = 70, .h = 3, .w = 11, .out_channels = 7};
    BinaryLayer layer;
    layer.w = random_signs(random, c.weights());
    layer.scale = {1, -1, 3e38f, -3e38f, 3e38f, 0, 1};
    layer.bias = {infinity, infinity, -infinity, infinity, 0, nan, nan};
    const std::vector<float> x = random_signs(random, c.inputs());
    const std::vector<float> y = expected_of(layer, c, sign_sums(c, x, layer.w, -1));
    for_each_context([&](const axnn_context* context) {
        const Plan plan = layer.make(context, c);
        const std::vector<uint8_t> bits = bit_image(y, c.n, c.out_channels, pixels_of(c));
        EXPECT_TRUE(all_equal(
            run_binary<float, uint8_t>(plan.get(), c, AXNN_FLOAT32, x, AXNN_BITS, bits.size()), bits));
    });
}

// Kernels that no tile holds whole: one word a position, and zero padding by two passes.
TEST_F(BinaryLayers, KernelsLargerThanATile) {
    Random random(25);
    const Conv shapes[] = {
        {.in_channels = 3,
         .h = 31,
         .w = 36,
         .out_channels = 2,
         .kernel_h = 35,
         .kernel_w = 30,
         .pad_top = 3,
         .pad_bottom = 2,
         .pad_left = 1,
         .pad_right = 2},
        {.n = 2,
         .in_channels = 130,
         .h = 2,
         .w = 2,
         .out_channels = 4,
         .kernel_h = 2,
         .kernel_w = 2,
         .dilation_h = 40'000,
         .pad_top = 20'000,
         .pad_bottom = 20'001,
         .pad_right = 1,
         .groups = 2},
        {.in_channels = 5,
         .h = 12,
         .w = 9,
         .out_channels = 3,
         .kernel_h = 3,
         .kernel_w = 3,
         .stride_h = 2,
         .dilation_h = 200,
         .dilation_w = 200,
         .pad_top = 200,
         .pad_bottom = 200,
         .pad_left = 200,
         .pad_right = 201},
        {.in_channels = 67,
         .h = 40,
         .w = 3,
         .out_channels = 5,
         .kernel_h = 1025,
         .kernel_w = 1,
         .pad_top = 500,
         .pad_bottom = 490},
        {.in_channels = 67,
         .h = 40,
         .w = 3,
         .out_channels = 5,
         .kernel_h = 1024,
         .kernel_w = 1,
         .pad_top = 500,
         .pad_bottom = 490},
    };
    for (const Conv& c : shapes)
        for (uint32_t padding_value : padding_values) {
            BinaryLayer layer;
            layer.desc.padding_value = padding_value;
            layer.w = random_signs(random, c.weights());
            draw_epilogue(layer, c, random);
            expect_layer(layer, c, random_signs(random, c.inputs()), false);
        }
}

// ---- Chains --------------------------------------------------------------------------------------

// Two layers, and a pooling between: bits all the way against floats and signs.
TEST_F(BinaryLayers, ChainsInBitsEqualChainsOfFloats) {
    Random random(26);
    for (int repeat = 0; repeat < 60; repeat++) {
        const auto draw = [&](int64_t low, int64_t high) {
            return static_cast<int32_t>(random.integer(low, high));
        };
        Conv first = random_conv(random);
        first.out_channels = first.groups * random.pick({1, 3, 8, 16});
        Conv second = {.n = first.n,
                       .in_channels = first.out_channels,
                       .h = first.out_h(),
                       .w = first.out_w(),
                       .out_channels = draw(1, 40),
                       .kernel_h = 2,
                       .kernel_w = 2,
                       .pad_top = 1,
                       .pad_left = 1};
        BinaryLayer layers[2];
        const Conv* shapes[] = {&first, &second};
        for (int i = 0; i < 2; i++) {
            layers[i].desc.padding_value = padding_values[random.integer(0, 2)];
            layers[i].w = random_signs(random, shapes[i]->weights());
            draw_epilogue(layers[i], *shapes[i], random);
        }
        SCOPED_TRACE(text_of(first) + "; " + text_of(second));
        const std::vector<float> x = random_signs(random, first.inputs());
        for_each_context([&](const axnn_context* context) {
            const Plan a = layers[0].make(context, first), b = layers[1].make(context, second);
            const std::vector<float> y = execute(b.get(), second, execute(a.get(), first, x));
            const size_t bytes =
                first.n * pixels_of(first) * ((static_cast<size_t>(first.out_channels) + 7) / 8);
            const auto bits = run_binary<float, uint8_t>(a.get(), first, AXNN_FLOAT32, x, AXNN_BITS, bytes);
            EXPECT_TRUE(all_equal(
                run_binary<uint8_t, float>(b.get(), second, AXNN_BITS, bits, AXNN_FLOAT32, y.size()), y));
        });
        if (HasFailure()) return;
    }
}

// ---- Bit images ----------------------------------------------------------------------------------

TEST_F(BinaryLayers, PackImage) {
    Random random(27);
    for (int32_t channels : {1, 7, 8, 9, 63, 64, 65, 128, 130})
        for (int32_t h : {1, 3, 40}) {
            const int32_t n = static_cast<int32_t>(random.integer(1, 3)), w = h == 1 ? 1 : 9;
            const std::vector<float> x = random_signs(random, size_t{1} * n * channels * h * w);
            const std::vector<uint8_t> expected = bit_image(x, n, channels, size_t{1} * h * w);
            for_each_context([&](const axnn_context* context) {
                std::vector<uint8_t> bits(expected.size(), 0xa5);
                require(axnn_binary_pack_image(context, x.data(), x.size() * sizeof(float), n, channels, h, w,
                                               bits.data(), bits.size()));
                EXPECT_TRUE(all_equal(bits, expected));
            });
        }
}

// The sign of the maximum of values whose sign comes after a rising or a falling function.
TEST_F(BinaryLayers, MaxPool) {
    Random random(28);
    for (int repeat = 0; repeat < 80; repeat++) {
        Conv c = random_conv(random);
        c.groups = c.in_channels = c.out_channels =
            static_cast<int32_t>(random.pick({random.integer(1, 20), int64_t{64}, random.integer(500, 540)}));
        SCOPED_TRACE(text_of(c));
        const std::vector<float> x = random.reals(c.inputs(), -1, 1);
        std::vector<uint8_t> minimum((static_cast<size_t>(c.in_channels) + 7) / 8);
        for (uint8_t& byte : minimum) byte = static_cast<uint8_t>(random.integer(0, 255));
        for (const bool some_minima : {false, true}) {
            const auto falling = [&](size_t channel) {
                return some_minima && (minimum[channel / 8] >> channel % 8 & 1) != 0;
            };
            // A channel that falls: its sign is that of -v.
            std::vector<float> signs = x;
            for (size_t i = 0; i < x.size(); i++)
                if (falling(i / (size_t{1} * c.h * c.w) % static_cast<size_t>(c.in_channels)))
                    signs[i] = -x[i];
            std::vector<float> pooled;
            for (size_t o = 0; o < c.outputs(); o++) {
                const size_t pixels = pixels_of(c), channel = c.channel_of(o);
                const auto oy = static_cast<int64_t>(o % pixels) / c.out_w(),
                           ox = static_cast<int64_t>(o % pixels) % c.out_w();
                float largest = -infinity;
                for (int64_t r = 0; r < c.kernel_h; r++)
                    for (int64_t s = 0; s < c.kernel_w; s++) {
                        const int64_t y = oy * c.stride_h + r * c.dilation_h - c.pad_top;
                        const int64_t z = ox * c.stride_w + s * c.dilation_w - c.pad_left;
                        if (y < 0 || y >= c.h || z < 0 || z >= c.w) continue;
                        largest = std::max(
                            largest, x[(o / pixels * static_cast<size_t>(c.h) + static_cast<size_t>(y)) *
                                           static_cast<size_t>(c.w) +
                                       static_cast<size_t>(z)]);
                    }
                pooled.push_back(falling(channel) ? -largest : largest);
            }
            const std::vector<uint8_t> bits =
                bit_image(signs, c.n, c.in_channels, size_t{1} * c.h * c.w, true);
            const std::vector<uint8_t> expected = bit_image(pooled, c.n, c.out_channels, pixels_of(c));
            const axnn_conv2d_desc window = c.desc();
            for_each_context([&](const axnn_context* context) {
                std::vector<uint8_t> y(expected.size(), 0xa5);
                require(axnn_binary_max_pool(context, &window, bits.data(), bits.size(), c.n, c.h, c.w,
                                             some_minima ? minimum.data() : nullptr,
                                             some_minima ? minimum.size() : 0, y.data(), y.size()));
                EXPECT_TRUE(all_equal(y, expected));
            });
        }
        if (HasFailure()) return;
    }
}

// ---- What a plan keeps -----------------------------------------------------------------------------

TEST_F(BinaryLayers, ParametersComeBack) {
    Random random(29);
    for (int repeat = 0; repeat < 40; repeat++) {
        Conv c = random_conv(random);
        if (repeat % 3 == 0) c.in_channels = c.groups * static_cast<int32_t>(random.integer(60, 200));
        SCOPED_TRACE(text_of(c));
        BinaryLayer layer;
        layer.w = random_signs(random, c.weights());
        draw_epilogue(layer, c, random);
        const auto channels = static_cast<size_t>(c.out_channels);
        const size_t row = (c.fan_in() + 7) / 8;
        std::vector<uint8_t> expected(channels * row);
        for (size_t i = 0; i < layer.w.size(); i++)
            if (layer.w[i] >= 0) {
                uint8_t& byte = expected[i / c.fan_in() * row + i % c.fan_in() / 8];
                byte = static_cast<uint8_t>(byte | 1 << i % c.fan_in() % 8);
            }
        for_each_context([&](const axnn_context* context) {
            const Plan plan = layer.make(context, c);
            std::vector<uint8_t> bits(expected.size(), 0xa5);
            std::vector<float> scales(channels, 77), bias(channels, 77);
            require(axnn_binary_parameters(plan.get(), bits.data(), bits.size(), scales.data(),
                                           channels * sizeof(float), bias.data(), channels * sizeof(float)));
            EXPECT_TRUE(all_equal(bits, expected));
            EXPECT_TRUE(
                all_equal(scales, layer.scale.empty() ? std::vector<float>(channels, 1) : layer.scale));
            EXPECT_TRUE(all_equal(bias, layer.bias.empty() ? std::vector<float>(channels) : layer.bias));
            require(axnn_binary_parameters(plan.get(), nullptr, 0, nullptr, 0, nullptr, 0));
        });
    }
}

// Within 10 % of bits and scales where a channel has 1152 bits and channels come in 64s; elsewhere at most
// 64 bytes, a vector, more for a channel. The heap's own count says that the plan tells the truth.
TEST_F(BinaryLayers, Memory) {
    const Conv shapes[] = {
        {.in_channels = 128, .out_channels = 64, .kernel_h = 3, .kernel_w = 3, .pad_top = 1},
        {.in_channels = 64, .out_channels = 64, .kernel_h = 5, .kernel_w = 5, .pad_top = 2},
        {.in_channels = 1152, .out_channels = 64, .pad_left = 1},
        {.in_channels = 512, .out_channels = 512, .kernel_h = 3, .kernel_w = 3, .pad_top = 1},
        {.in_channels = 4096, .out_channels = 1024},
        {.in_channels = 3, .out_channels = 64, .kernel_h = 7, .kernel_w = 7, .pad_top = 3},
        {.in_channels = 100, .out_channels = 37, .kernel_h = 5, .kernel_w = 5, .pad_top = 1},
        {.in_channels = 256, .out_channels = 256, .kernel_h = 3, .kernel_w = 3, .pad_top = 1, .groups = 256},
        {.in_channels = 65, .out_channels = 65, .kernel_h = 3, .kernel_w = 3, .pad_top = 1},
        {.in_channels = 4096, .out_channels = 1},
        {.in_channels = 4096, .out_channels = 5},
        {.in_channels = 8192, .out_channels = 64, .kernel_h = 3, .kernel_w = 3, .pad_top = 1, .groups = 64},
        {.in_channels = 3,
         .h = 200,
         .w = 200,
         .out_channels = 64,
         .kernel_h = 3,
         .kernel_w = 3,
         .dilation_h = 99,
         .dilation_w = 99},
        {.in_channels = 9216, .out_channels = 4096},
    };
    for (const Conv& c : shapes)
        for (uint32_t padding_value : padding_values) {
            SCOPED_TRACE(text_of(c));
            BinaryLayer layer;
            layer.desc.padding_value = padding_value;
            layer.w.assign(c.weights(), 1.0f);
            const auto channels = static_cast<size_t>(c.out_channels);
            const double needed = static_cast<double>(channels) * (static_cast<double>(c.fan_in()) / 8 + 4);
            const bool wide = c.fan_in() >= 1152 && c.in_channels % 64 == 0 && c.out_channels % 64 == 0;
            // The object itself is the same for all shapes.
            const double allowed = wide ? 1.1 * needed : needed + 512 + 64.0 * static_cast<double>(channels);
            for_each_context([&](const axnn_context* context) {
                const size_t before = heap_bytes();
                const Plan plan = layer.make(context, c);
                const size_t held = heap_bytes() - before;
                uint64_t bytes = 0;
                require(axnn_binary_memory(plan.get(), &bytes));
                EXPECT_GE(static_cast<double>(bytes), needed);
                EXPECT_LE(static_cast<double>(bytes), allowed);
                // The heap rounds up and heads what it gives; large blocks begin on a huge page, and what
                // lies before them is never touched.
                if (before > 0 && bytes < size_t{2} << 20) {
                    EXPECT_LE(held, bytes + 512);
                }
            });
        }
}

}  // namespace
}  // namespace axnn::test
