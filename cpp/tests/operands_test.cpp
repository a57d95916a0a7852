// What a quantised layer multiplies, and quantisation of whole tensors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/layers.hpp"

namespace axnn::test {
namespace {

// ---- Unfold ----------------------------------------------------------------------------------------

// [n, groups, taps, pixels] by definition.
std::vector<uint8_t> unfolded(const ApproxLayer& layer, const Conv& c, const std::vector<float>& x) {
    const axnn_approx_desc& d = layer.desc;
    const int32_t pad = d.padding_code == AXNN_PAD_ZERO ? 0 : d.input_zero_point;
    std::vector<uint8_t> codes;
    const int32_t group_inputs = c.in_channels / c.groups;
    for (int32_t image = 0; image < c.n; image++)
        for (int32_t channel = 0; channel < c.in_channels; channel++)
            for (int32_t ky = 0; ky < c.kernel_h; ky++)
                for (int32_t kx = 0; kx < c.kernel_w; kx++)
                    for (int32_t oy = 0; oy < c.out_h(); oy++)
                        for (int32_t ox = 0; ox < c.out_w(); ox++) {
                            const int32_t y = oy * c.stride_h + ky * c.dilation_h - c.pad_top;
                            const int32_t col = ox * c.stride_w + kx * c.dilation_w - c.pad_left;
                            const bool inside = y >= 0 && y < c.h && col >= 0 && col < c.w;
                            const int32_t code =
                                !inside
                                    ? pad
                                    : quantize(
                                          x[((image * size_t{1} * c.in_channels + channel) * c.h + y) * c.w +
                                            col],
                                          d.input_scale, d.input_zero_point, d.input_code_min,
                                          d.input_code_max);
                            codes.push_back(static_cast<uint8_t>(code));
                        }
    EXPECT_EQ(codes.size(),
              size_t{1} * c.n * c.groups * group_inputs * c.kernel_h * c.kernel_w * c.out_h() * c.out_w());
    return codes;
}

void expect_operands(const ApproxLayer& layer, const Conv& c, const std::vector<float>& x) {
    const std::vector<uint8_t> expected = unfolded(layer, c, x);
    std::vector<int64_t> expected_counts(256);
    for (const uint8_t code : expected) expected_counts[code]++;
    std::vector<uint8_t> weights;
    for (size_t i = 0; i < layer.w.size(); i++)
        weights.push_back(static_cast<uint8_t>(
            quantize(layer.w[i], layer.weight_scale(i / c.fan_in()), layer.weight_zero_point(i / c.fan_in()),
                     layer.desc.weight_code_min, layer.desc.weight_code_max)));
    for (const uint32_t tier : available_tiers())
        for (const uint32_t threads : {1, 3}) {
            const Context context = make_context(tier, threads);
            const Plan plan = layer.make(context.get(), c);
            const size_t bytes = x.size() * sizeof(float);
            std::vector<uint8_t> codes(expected.size());
            require(axnn_plan_unfold(plan.get(), x.data(), bytes, c.n, c.h, c.w, codes.data(), codes.size()));
            EXPECT_TRUE(all_equal(codes, expected));
            std::vector<int64_t> counts(256, -1);
            require(axnn_plan_unfold_histogram(plan.get(), x.data(), bytes, c.n, c.h, c.w, counts.data(),
                                               counts.size() * sizeof(int64_t)));
            EXPECT_TRUE(all_equal(counts, expected_counts));
            std::vector<uint8_t> weight_codes(c.weights());
            require(axnn_plan_weight_codes(plan.get(), weight_codes.data(), weight_codes.size()));
            EXPECT_TRUE(all_equal(weight_codes, weights));
        }
}

TEST(Operands, UnfoldIsWhatTheProductsRead) {
    Random random(61);
    for (int repeat = 0; repeat < 40; repeat++) {
        Conv c;
        const auto draw = [&](int32_t low, int32_t high) {
            return static_cast<int32_t>(random.integer(low, high));
        };
        c.n = draw(1, 3);
        c.groups = draw(1, 3);
        c.in_channels = c.groups * draw(1, 5);
        c.out_channels = c.groups * draw(1, 4);
        c.kernel_h = draw(1, 3);
        c.kernel_w = draw(1, 4);
        c.stride_h = draw(1, 3);
        c.stride_w = draw(1, 2);
        c.dilation_h = draw(1, 2);
        c.dilation_w = draw(1, 3);
        c.pad_top = draw(0, 2);
        c.pad_bottom = draw(0, 2);
        c.pad_left = draw(0, 3);
        c.pad_right = draw(0, 1);
        c.h = draw(6, 14);
        c.w = draw(10, 17);
        ApproxLayer layer;
        layer.desc.products = random.pick({AXNN_PRODUCTS_EXACT, AXNN_PRODUCTS_TABLE});
        if (layer.desc.products == AXNN_PRODUCTS_TABLE) layer.table = exact_table();
        layer.desc.padding_code = static_cast<uint32_t>(random.integer(0, 1));
        layer.desc.input_zero_point = draw(-128, 127);
        layer.w = random.reals(c.weights(), -2, 2);
        SCOPED_TRACE("layer " + std::to_string(repeat));
        expect_operands(layer, c, random.reals(c.inputs(), -3, 3));
        if (::testing::Test::HasFailure()) return;
    }
}

// More columns than a tile and more planes than a window have.
TEST(Operands, UnfoldOfManyTiles) {
    Random random(62);
    const Conv c = {
        .n = 2, .in_channels = 90, .h = 90, .w = 80, .out_channels = 1, .kernel_h = 5, .kernel_w = 5};
    ApproxLayer layer;
    layer.desc.products = AXNN_PRODUCTS_EXACT;
    layer.w = random.reals(c.weights(), -2, 2);
    expect_operands(layer, c, random.reals(c.inputs(), -2, 2));
}

// Images of one pixel with one channel and with several; a kernel that is taken tap by tap; a row that is
// cut.
TEST(Operands, UnfoldAtTheEdgesOfTiles) {
    Random random(64);
    for (const Conv& c :
         {Conv{.n = 5, .in_channels = 6}, Conv{.n = 5, .in_channels = 6, .out_channels = 4, .groups = 2},
          Conv{.n = 2, .in_channels = 3, .h = 3, .w = 2, .kernel_h = 3, .kernel_w = 2},
          Conv{.h = 301, .w = 302, .kernel_h = 300, .kernel_w = 300, .pad_top = 1},
          Conv{.n = 2, .h = 2, .w = 200'000, .kernel_w = 3, .stride_w = 2, .pad_left = 1}}) {
        SCOPED_TRACE("image " + std::to_string(c.h) + "x" + std::to_string(c.w) + ", " +
                     std::to_string(c.out_channels) + " output channels");
        ApproxLayer layer;
        layer.desc.products = AXNN_PRODUCTS_EXACT;
        layer.desc.input_zero_point = 9;
        layer.w = random.reals(c.weights(), -2, 2);
        expect_operands(layer, c, random.reals(c.inputs(), -2, 2));
    }
}

TEST(Operands, OfOtherPlansAndIntoShortBuffersAreErrors) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Conv c = {.n = 2, .in_channels = 3, .out_channels = 2};
    const std::vector<float> w(c.weights(), 0.5f), x(c.inputs(), 0.25f);
    const Plan plan = make_float_plan(context.get(), c, w, {});
    ApproxLayer layer;
    layer.desc.products = AXNN_PRODUCTS_EXACT;
    layer.w = w;
    const Plan quantised = layer.make(context.get(), c);
    std::vector<uint8_t> codes(6, 42);
    std::vector<int64_t> counts(256, 42);
    const auto unfold = [&](const axnn_plan* p, size_t bytes) {
        return axnn_plan_unfold(p, x.data(), x.size() * sizeof(float), 2, 1, 1, codes.data(), bytes);
    };
    const auto histogram = [&](const axnn_plan* p, size_t bytes) {
        return axnn_plan_unfold_histogram(p, x.data(), x.size() * sizeof(float), 2, 1, 1, counts.data(),
                                          bytes);
    };
    EXPECT_EQ(unfold(plan.get(), 6), AXNN_ERROR_UNSUPPORTED);
    EXPECT_EQ(unfold(nullptr, 6), AXNN_ERROR_NULL_POINTER);
    EXPECT_EQ(unfold(quantised.get(), 5), AXNN_ERROR_BUFFER_TOO_SMALL);
    EXPECT_EQ(histogram(plan.get(), 2048), AXNN_ERROR_UNSUPPORTED);
    EXPECT_EQ(histogram(quantised.get(), 2040), AXNN_ERROR_BUFFER_TOO_SMALL);
    EXPECT_EQ(axnn_plan_weight_codes(plan.get(), codes.data(), 6), AXNN_ERROR_UNSUPPORTED);
    EXPECT_EQ(axnn_plan_weight_codes(quantised.get(), codes.data(), 5), AXNN_ERROR_BUFFER_TOO_SMALL);
    EXPECT_EQ(axnn_plan_weight_codes(quantised.get(), nullptr, 0), AXNN_ERROR_NULL_POINTER);
    EXPECT_TRUE(all_equal(codes, std::vector<uint8_t>(6, 42)));
    EXPECT_TRUE(all_equal(counts, std::vector<int64_t>(256, 42)));
}

// ---- Fake quantisation --------------------------------------------------------------------------------

TEST(FakeQuantize, IsTheCodeAndBackAndPassesGradientsInsideTheRange) {
    Random random(63);
    const axnn_quantization quantizations[] = {
        {sizeof(axnn_quantization), 0.5f, 0, -128, 127},  {sizeof(axnn_quantization), 0.25f, 3, 0, 127},
        {sizeof(axnn_quantization), 0.125f, 200, 0, 255}, {sizeof(axnn_quantization), 0.3f, -7, -8, 7},
        {sizeof(axnn_quantization), 1.0f, 0, -127, 127},  {sizeof(axnn_quantization), 0.07f, 1, 0, 3}};
    for (const axnn_quantization& q : quantizations) {
        std::vector<float> x = {infinity, -infinity, std::nanf(""), 0.0f, -0.0f, 1e30f, -1e30f};
        // Half codes inside the range and at its ends, and their neighbours.
        for (int32_t half = 2 * q.code_min - 5; half <= 2 * q.code_max + 5; half++) {
            const float v = (static_cast<float>(half) / 2 - static_cast<float>(q.zero_point)) * q.scale;
            for (const float near : {v, std::nextafter(v, infinity), std::nextafter(v, -infinity)})
                x.push_back(near);
        }
        for (int i = 0; i < 10000; i++) x.push_back(random.real(-100, 100));
        const std::vector<float> grad_y = random.reals(x.size(), -1, 1);
        std::vector<float> expected, expected_grad;
        for (size_t i = 0; i < x.size(); i++) {
            const int32_t code = quantize(x[i], q.scale, q.zero_point, q.code_min, q.code_max);
            expected.push_back(static_cast<float>(code - q.zero_point) * q.scale);
            const float quotient = x[i] / q.scale;
            const float rounded = std::nearbyint(quotient + static_cast<float>(q.zero_point));
            const bool inside =
                rounded >= static_cast<float>(q.code_min) && rounded <= static_cast<float>(q.code_max);
            expected_grad.push_back(inside ? grad_y[i] : 0);
        }
        for (const uint32_t tier : available_tiers())
            for (const uint32_t threads : {1, 3}) {
                const Context context = make_context(tier, threads);
                const size_t bytes = x.size() * sizeof(float);
                std::vector<float> y(x.size()), grad_x(x.size());
                require(axnn_fake_quantize(context.get(), &q, x.data(), bytes, x.size(), y.data(), bytes));
                EXPECT_TRUE(all_equal(y, expected));
                require(axnn_fake_quantize_backward(context.get(), &q, x.data(), bytes, grad_y.data(), bytes,
                                                    x.size(), grad_x.data(), bytes));
                EXPECT_TRUE(all_equal(grad_x, expected_grad));
                // In place, and a code is its own fake.
                require(axnn_fake_quantize(context.get(), &q, y.data(), bytes, y.size(), y.data(), bytes));
                EXPECT_TRUE(all_equal(y, expected));
                grad_x = grad_y;
                require(axnn_fake_quantize_backward(context.get(), &q, x.data(), bytes, grad_x.data(), bytes,
                                                    x.size(), grad_x.data(), bytes));
                EXPECT_TRUE(all_equal(grad_x, expected_grad));
            }
    }
}

TEST(FakeQuantize, BadArgumentsAreErrors) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    axnn_quantization q = {sizeof q, 0.5f, 0, -128, 127};
    std::vector<float> x(4), y(4, 42);
    const size_t bytes = 4 * sizeof(float);
    const auto forward = [&](size_t y_bytes) {
        return axnn_fake_quantize(context.get(), &q, x.data(), bytes, 4, y.data(), y_bytes);
    };
    const auto backward = [&](size_t grad_bytes) {
        return axnn_fake_quantize_backward(context.get(), &q, x.data(), bytes, x.data(), grad_bytes, 4,
                                           y.data(), bytes);
    };
    EXPECT_EQ(forward(bytes - 1), AXNN_ERROR_BUFFER_TOO_SMALL);
    EXPECT_EQ(backward(bytes - 1), AXNN_ERROR_BUFFER_TOO_SMALL);
    EXPECT_EQ(axnn_fake_quantize(nullptr, &q, x.data(), bytes, 4, y.data(), bytes), AXNN_ERROR_NULL_POINTER);
    q.scale = 0;
    EXPECT_EQ(forward(bytes), AXNN_ERROR_QUANTIZATION);
    EXPECT_EQ(backward(bytes), AXNN_ERROR_QUANTIZATION);
    EXPECT_TRUE(all_equal(y, std::vector<float>(4, 42)));
}

// ---- Copies of weights -----------------------------------------------------------------------------

TEST(CopyChannels, CopiesAndFindsTheLargestMagnitudes) {
    Random random(11);
    for (const size_t channels : {1, 3, 64})
        for (const size_t taps : {1, 9, 2048, 5000}) {
            SCOPED_TRACE(std::to_string(channels) + " channels of " + std::to_string(taps));
            std::vector<float> x(channels * taps), expected(channels);
            for (size_t i = 0; i < x.size(); i++) {
                x[i] = random.real(-1, 1);
                expected[i / taps] = std::max(expected[i / taps], std::fabs(x[i]));
            }
            const size_t bytes = x.size() * sizeof(float), magnitudes_bytes = channels * sizeof(float);
            for (const uint32_t tier : available_tiers())
                for (const uint32_t threads : {1, 3}) {
                    const Context context = make_context(tier, threads);
                    std::vector<float> y(x.size()), magnitudes(channels);
                    require(axnn_copy_channels(context.get(), x.data(), bytes, x.size(), channels, y.data(),
                                               bytes, magnitudes.data(), magnitudes_bytes));
                    EXPECT_TRUE(all_equal(y, x));
                    EXPECT_TRUE(all_equal(magnitudes, expected));
                    // In place: nothing to copy.
                    magnitudes.assign(channels, -1);
                    require(axnn_copy_channels(context.get(), y.data(), bytes, x.size(), channels, y.data(),
                                               bytes, magnitudes.data(), magnitudes_bytes));
                    EXPECT_TRUE(all_equal(y, x));
                    EXPECT_TRUE(all_equal(magnitudes, expected));
                }
        }
}

TEST(CopyChannels, SaysWhichChannelIsNotFinite) {
    constexpr size_t taps = 5000;
    const Context context = make_context(AXNN_TIER_BEST, 2);
    // The first and the last block of a channel, an infinity before a NaN.
    for (const size_t at : {size_t{0}, taps - 2}) {
        std::vector<float> x(3 * taps, 1), y(x.size()), magnitudes(3);
        x[at] = -std::numeric_limits<float>::infinity();
        x[taps + at] = x[at];
        x[taps + at + 1] = std::numeric_limits<float>::quiet_NaN();
        const size_t bytes = x.size() * sizeof(float);
        require(axnn_copy_channels(context.get(), x.data(), bytes, x.size(), 3, y.data(), bytes,
                                   magnitudes.data(), 3 * sizeof(float)));
        EXPECT_EQ(magnitudes[0], std::numeric_limits<float>::infinity());
        EXPECT_TRUE(std::isnan(magnitudes[1]));
        EXPECT_EQ(magnitudes[2], 1);
    }
}

}  // namespace
}  // namespace axnn::test
