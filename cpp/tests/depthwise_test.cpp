// The depthwise kernels of every tier against plain loops, on random shapes of taps, steps and columns, and
// whole depthwise layers through the C ABI. What they read and write lies beside an unmapped page.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "kernels/kernels.hpp"
#include "support/compare.hpp"
#include "support/guarded_buffer.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/random.hpp"
#include "support/reference.hpp"
#include "support/tiers.hpp"

namespace axnn::test {
namespace {

constexpr size_t scratch_alignment = 64;

template <typename Element, typename Sum, typename Product>
void expect_sums(const DepthwiseKernel<Element, Sum>& kernel, DepthwisePass<Element, Sum> pass,
                 const std::vector<Sum>& start, const Product& product) {
    std::vector<Sum> expected = start;
    size_t output = 0;
    for (size_t b = 0; b < pass.images; b++)
        for (size_t i = 0; i < pass.rows; i++)
            for (size_t j = 0; j < pass.cols; j++, output++)
                for (size_t r = 0; r < pass.rs; r++)
                    for (size_t s = 0; s < pass.ss; s++) {
                        const size_t h = i * pass.stride_h + r * pass.dilation_h;
                        const size_t w = j * pass.stride_w + s * pass.dilation_w;
                        expected[output] += product(pass.weights[r * pass.weight_stride + s],
                                                    pass.values[b * pass.image_step + h * pass.row_step + w]);
                    }
    GuardedBuffer<Sum> sums(start);
    pass.sums = sums.data();
    GuardedBuffer<uint8_t> scratch(kernel.scratch_bytes, Guard::after, scratch_alignment);
    pass.scratch = scratch.data();
    kernel.run(pass);
    EXPECT_EQ(sums.values(), expected)
        << kernel.name << ", " << pass.images << "x" << pass.rows << "x" << pass.cols << " columns, "
        << pass.rs << "x" << pass.ss << " taps, stride " << pass.stride_h << "x" << pass.stride_w
        << ", dilation " << pass.dilation_h << "x" << pass.dilation_w << ", values below " << pass.value_end;
}

// run(pass, sums, random) with operands that end at an unmapped page, for a pass of given extents.
template <typename Element, typename Sum, typename Run>
void on_pass(DepthwisePass<Element, Sum> pass, Random& random, const Run& run) {
    const size_t width = (pass.cols - 1) * pass.stride_w + (pass.ss - 1) * pass.dilation_w + 1;
    const size_t height = (pass.rows - 1) * pass.stride_h + (pass.rs - 1) * pass.dilation_h + 1;
    pass.row_step = width + static_cast<size_t>(random.integer(0, 2));
    pass.image_step = height * pass.row_step + static_cast<size_t>(random.integer(0, 2));
    pass.weight_stride = pass.ss + static_cast<size_t>(random.integer(0, 2));
    const size_t count = (pass.images - 1) * pass.image_step + (height - 1) * pass.row_step + width;
    std::vector<Element> values, weights;
    for (size_t i = 0; i < count; i++)
        values.push_back(static_cast<Element>(random.integer(0, static_cast<int64_t>(pass.value_end) - 1)));
    for (size_t i = 0; i < (pass.rs - 1) * pass.weight_stride + pass.ss; i++)
        weights.push_back(static_cast<Element>(random.integer(0, 255)));
    std::vector<Sum> sums;
    for (size_t i = 0; i < pass.images * pass.rows * pass.cols; i++)
        sums.push_back(static_cast<Sum>(random.integer(-1000, 1000)));
    for (const Guard guard : {Guard::after, Guard::before}) {
        const GuardedBuffer<Element> guarded_values(values, guard);
        const GuardedBuffer<Element> guarded_weights(weights, guard);
        pass.values = guarded_values.data();
        pass.weights = guarded_weights.data();
        run(pass, sums, random);
    }
}

// Few and many taps, outputs and images, so that a kernel that chooses by them goes every way.
template <typename Element, typename Sum, typename Run>
void on_random_passes(uint64_t stream, const Run& run) {
    Random random(stream);
    for (int repeat = 0; repeat < 200; repeat++) {
        DepthwisePass<Element, Sum> pass = {};
        const auto draw = [&](int64_t high) { return static_cast<size_t>(random.integer(1, high)); };
        pass.value_end = random.pick({size_t{1}, size_t{17}, size_t{128}, size_t{129}, size_t{256}});
        pass.rs = draw(9);
        pass.ss = draw(9);
        pass.stride_h = draw(4);
        pass.stride_w = draw(3);
        pass.dilation_h = draw(4);
        pass.dilation_w = draw(3);
        pass.images = draw(3);
        pass.rows = draw(30);
        pass.cols = draw(40);
        on_pass(pass, random, run);
    }
}

// Extents beyond what a kernel keeps at once.
template <typename Element, typename Sum, typename Run>
void on_large_passes(uint64_t stream, const Run& run) {
    Random random(stream);
    DepthwisePass<Element, Sum> pass = {};
    pass.value_end = 256;
    pass.rs = pass.ss = 3;
    pass.stride_h = pass.stride_w = pass.dilation_h = pass.dilation_w = 1;
    pass.images = 1;
    pass.rows = 3000;
    pass.cols = 9;
    on_pass(pass, random, run);
    pass.rows = 20;
    pass.cols = 3000;
    on_pass(pass, random, run);
    pass.dilation_w = 500;
    pass.stride_w = 3;
    on_pass(pass, random, run);
    pass.cols = 300;
    pass.dilation_h = 50;
    pass.stride_h = 20;
    pass.ss = 40;
    pass.dilation_w = 7;
    on_pass(pass, random, run);
}

template <typename Entry>
void expect_table_sums(IntegerDepthwise Kernels::* member, int64_t largest) {
    Random random(41);
    std::vector<Entry> table(size_t{256} * 256);
    for (Entry& entry : table) entry = static_cast<Entry>(random.integer(-largest, largest - 1));
    const GuardedBuffer<Entry> guarded_table(table);
    for (const auto& [tier, kernels] : kernel_tiers()) {
        const auto expect = [&](auto pass, const auto& sums, Random&) {
            pass.table = guarded_table.data();
            expect_sums(kernels.*member, pass, sums,
                        [&](uint8_t w, uint8_t v) -> int32_t { return table[size_t{256} * w + v]; });
        };
        on_random_passes<uint8_t, int32_t>(42, expect);
        on_large_passes<uint8_t, int32_t>(51, expect);
    }
}

TEST(Depthwise, Int16Table) { expect_table_sums<int16_t>(&Kernels::lut_depthwise_int16, 32768); }
TEST(Depthwise, Int32Table) { expect_table_sums<int32_t>(&Kernels::lut_depthwise_int32, 1 << 20); }

// Sums that wrap on their way.
TEST(Depthwise, SumsWrap) {
    const std::vector<int32_t> table(size_t{256} * 256, std::numeric_limits<int32_t>::max());
    for (const auto& [tier, kernels] : kernel_tiers()) {
        Random random(52);
        DepthwisePass<uint8_t, int32_t> large = {};
        large.value_end = 256;
        large.rs = large.ss = 4;
        large.stride_h = large.stride_w = large.dilation_h = large.dilation_w = 1;
        large.images = 1;
        large.rows = large.cols = 20;
        on_pass(large, random, [&](auto pass, const std::vector<int32_t>& start, Random&) {
            GuardedBuffer<int32_t> sums(start);
            GuardedBuffer<uint8_t> scratch(kernels.lut_depthwise_int32.scratch_bytes, Guard::after,
                                           scratch_alignment);
            pass.table = table.data();
            pass.sums = sums.data();
            pass.scratch = scratch.data();
            kernels.lut_depthwise_int32.run(pass);
            // 16 times 2^31 - 1 is -16 modulo 2^32.
            std::vector<int32_t> expected = start;
            for (int32_t& sum : expected) sum -= 16;
            EXPECT_EQ(sums.values(), expected) << kernels.lut_depthwise_int32.name;
        });
    }
}

TEST(Depthwise, ExactCodes) {
    for (const auto& [tier, kernels] : kernel_tiers())
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

// Signs and true zeros; some have 17 x 17 taps, more than a byte sums.
TEST(Depthwise, Signs) {
    const auto sign_of = [](uint8_t byte) { return static_cast<uint8_t>(byte % 3 - 1); };
    for (const auto& [tier, kernels] : kernel_tiers()) {
        const auto expect = [&](auto pass, const auto& sums, Random& random) {
            const uint8_t always = random.chance(0.3) ? 1 : 0;  // large sums
            std::vector<uint8_t> weights(pass.weights,
                                         pass.weights + (pass.rs - 1) * pass.weight_stride + pass.ss);
            std::vector<uint8_t> values(
                pass.values,
                pass.values + (pass.images - 1) * pass.image_step +
                    ((pass.rows - 1) * pass.stride_h + (pass.rs - 1) * pass.dilation_h) * pass.row_step +
                    (pass.cols - 1) * pass.stride_w + (pass.ss - 1) * pass.dilation_w + 1);
            values.resize(values.size() + sign_slack, 55);
            for (uint8_t& w : weights) w = always ? always : sign_of(w);
            for (uint8_t& v : values) v = always ? always : sign_of(v);
            const GuardedBuffer<uint8_t> guarded_weights(weights), guarded_values(values);
            pass.weights = guarded_weights.data();
            pass.values = guarded_values.data();
            expect_sums(kernels.sign_depthwise, pass, sums, [](uint8_t w, uint8_t v) {
                return int32_t{static_cast<int8_t>(w)} * static_cast<int8_t>(v);
            });
        };
        on_random_passes<uint8_t, int32_t>(45, expect);
        on_large_passes<uint8_t, int32_t>(46, expect);
        Random random(47);
        DepthwisePass<uint8_t, int32_t> large = {};
        large.value_end = 256;
        large.rs = large.ss = 17;
        large.stride_h = large.stride_w = large.dilation_h = large.dilation_w = 1;
        large.images = 2;
        large.rows = 3;
        large.cols = 45;
        for (int repeat = 0; repeat < 10; repeat++) on_pass(large, random, expect);
    }
}

// Whole numbers, whose float sums are exact.
TEST(Depthwise, Floats) {
    for (const auto& [tier, kernels] : kernel_tiers())
        on_random_passes<float, float>(44, [&](auto pass, const auto& sums, Random&) {
            expect_sums(kernels.float_depthwise, pass, sums, [](float w, float v) { return w * v; });
        });
}

// ---- Layers ----------------------------------------------------------------------------------------

Conv random_depthwise(Random& random) {
    const auto draw = [&](int64_t low, int64_t high) {
        return static_cast<int32_t>(random.integer(low, high));
    };
    Conv c;
    c.n = draw(1, 3);
    c.groups = c.in_channels = draw(2, 12);
    c.out_channels = c.groups * draw(1, 4);
    c.kernel_h = draw(2, 9);
    c.kernel_w = draw(1, 9);
    c.stride_h = draw(1, 3);
    c.stride_w = draw(1, 3);
    c.dilation_h = draw(1, 3);
    c.dilation_w = draw(1, 3);
    c.pad_top = draw(0, 4);
    c.pad_bottom = draw(0, 4);
    c.pad_left = draw(0, 4);
    c.pad_right = draw(0, 4);
    c.h = c.dilation_h * (c.kernel_h - 1) + draw(1, 25);
    c.w = c.dilation_w * (c.kernel_w - 1) + draw(1, 40);
    return c;
}

// A layer whose codes fill their operands' ranges, with affine weights of one zero point a channel.
ApproxLayer random_layer(const Conv& c, Random& random, bool weight_signed, bool input_signed) {
    ApproxLayer layer;
    axnn_approx_desc& d = layer.desc;
    layer.operands.row_signed = weight_signed;
    layer.operands.column_signed = input_signed;
    d.weight_code_min = weight_signed ? -128 : 0;
    d.weight_code_max = weight_signed ? 127 : 255;
    d.input_code_min = input_signed ? -128 : 0;
    d.input_code_max = input_signed || random.chance(0.3) ? 127 : 255;
    d.input_scale = 0.01f;
    d.input_zero_point = static_cast<int32_t>(random.integer(d.input_code_min, d.input_code_max));
    d.padding_code = random.pick({AXNN_PAD_ZERO_POINT, AXNN_PAD_ZERO});
    d.zero_point_correction = random.pick({AXNN_CORRECTION_EXACT, AXNN_CORRECTION_TABLE});
    d.output_min = random.pick({-infinity, 0.0f});
    const auto channels = static_cast<size_t>(c.out_channels);
    layer.w_scale = random.reals(channels, 0.01f, 0.02f);
    layer.w_zero_point.clear();
    for (size_t o = 0; o < channels; o++)
        layer.w_zero_point.push_back(
            static_cast<int32_t>(random.integer(d.weight_code_min, d.weight_code_max)));
    layer.w = random.reals(c.weights(), -3, 3);
    layer.bias = random.reals(channels, -1, 1);
    return layer;
}

template <typename T>
std::vector<T> guarded_run(axnn_status (*execute)(const axnn_plan*, const float*, size_t, int32_t, int32_t,
                                                  int32_t, T*, size_t),
                           const axnn_plan* plan, const Conv& c, const std::vector<float>& values,
                           Guard guard) {
    const GuardedBuffer<float> x(values, guard);
    GuardedBuffer<T> y(c.outputs(), guard);
    require(execute(plan, x.data(), x.bytes(), c.n, c.h, c.w, y.data(), y.bytes()));
    return y.values();
}

// body(context, its kernels) on every tier with some numbers of threads.
template <typename Body>
void for_each_context(const Body& body) {
    const std::vector<Tier> kernels = kernel_tiers();
    const std::vector<uint32_t> tiers = available_tiers();
    for (size_t i = 0; i < tiers.size(); i++)
        for (uint32_t threads : {1, 2, 5}) {
            SCOPED_TRACE(std::string(kernels[i].name) + ", threads " + std::to_string(threads));
            body(make_context(tiers[i], threads).get(), kernels[i].kernels);
        }
}

void expect_layer(const ApproxLayer& layer, const Conv& c, Random& random, IntegerDepthwise Kernels::* kernel,
                  const std::string& width) {
    const std::vector<float> x = random.reals(c.inputs(), -3, 3);
    const ApproxExpected expected = expected_of(layer, c, x);
    for_each_context([&](const axnn_context* context, const Kernels& kernels) {
        const Plan plan = layer.make(context, c);
        for (const Guard guard : {Guard::after, Guard::before}) {
            EXPECT_TRUE(all_equal(guarded_run(axnn_plan_execute, plan.get(), c, x, guard), expected.y));
            EXPECT_TRUE(
                all_equal(guarded_run(axnn_plan_execute_sums, plan.get(), c, x, guard), expected.sums));
        }
        const std::string text = explain(plan.get(), c);
        EXPECT_TRUE(text.starts_with(std::string("depthwise ") + (kernels.*kernel).name + ",")) << text;
        EXPECT_NE(text.find(width + "-bit sums"), std::string::npos) << text;
    });
}

void expect_random_layers(uint64_t stream, int64_t low, int64_t high, IntegerDepthwise Kernels::* kernel,
                          const std::string& width) {
    Random random(stream);
    for (int repeat = 0; repeat < 25 && !::testing::Test::HasFailure(); repeat++) {
        SCOPED_TRACE("layer " + std::to_string(repeat));
        const Conv c = random_depthwise(random);
        ApproxLayer layer = random_layer(c, random, random.chance(0.5), random.chance(0.5));
        layer.table = random_table(random, low, high);
        // Exact corrections are as large as 255 * 255 and would decide the type of the entries.
        if (high <= INT16_MAX) layer.desc.zero_point_correction = AXNN_CORRECTION_TABLE;
        expect_layer(layer, c, random, kernel, width);
    }
}

TEST(DepthwiseLayers, Int16Entries) {
    expect_random_layers(45, -30'000, 30'000, &Kernels::lut_depthwise_int16, "32");
}
TEST(DepthwiseLayers, Int32Entries) {
    expect_random_layers(46, -(1 << 22), 1 << 22, &Kernels::lut_depthwise_int32, "32");
}
// Two products may exceed 32 bits.
TEST(DepthwiseLayers, SumsOf64Bits) {
    expect_random_layers(47, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max(),
                         &Kernels::lut_depthwise_int32, "64");
}

TEST(DepthwiseLayers, ExactProducts) {
    Random random(48);
    for (const bool weight_signed : {false, true})
        for (const bool input_signed : {false, true})
            for (int repeat = 0; repeat < 8 && !HasFailure(); repeat++) {
                const Conv c = random_depthwise(random);
                ApproxLayer layer = random_layer(c, random, weight_signed, input_signed);
                layer.table = exact_table(weight_signed, input_signed);
                layer.desc.products = AXNN_PRODUCTS_EXACT;
                expect_layer(layer, c, random, &Kernels::int8_depthwise, "32");
            }
}

// So many taps that their largest sum needs 64 bits: in one patch, and where even that is too large.
TEST(DepthwiseLayers, ManyTaps) {
    Random random(49);
    const Conv one_patch = {.in_channels = 2,
                            .h = 182,
                            .w = 183,
                            .out_channels = 4,
                            .kernel_h = 182,
                            .kernel_w = 182,
                            .pad_top = 1,
                            .groups = 2};
    const Conv tap_by_tap = {.in_channels = 2,
                             .w = 64 * 33'999 + 1,
                             .out_channels = 2,
                             .kernel_w = 34'000,
                             .dilation_w = 64,
                             .pad_left = 1,
                             .groups = 2};
    for (const Conv& c : {one_patch, tap_by_tap}) {
        ApproxLayer layer = random_layer(c, random, true, false);
        layer.table = exact_table(true, false);
        layer.desc.products = AXNN_PRODUCTS_EXACT;
        expect_layer(layer, c, random, &Kernels::int8_depthwise, "64");
    }
}

TEST(DepthwiseLayers, Floats) {
    Random random(50);
    for (int repeat = 0; repeat < 25 && !HasFailure(); repeat++) {
        const Conv c = random_depthwise(random);
        const std::vector<float> w = random.reals(c.weights(), -1, 1);
        const std::vector<float> bias = random.reals(static_cast<size_t>(c.out_channels), -1, 1);
        const std::vector<float> x = random.reals(c.inputs(), -1, 1);
        const std::vector<double> expected = float_conv(c, x, w, bias);
        std::vector<float> first;
        for_each_context([&](const axnn_context* context, const Kernels& kernels) {
            const Plan plan = make_float_plan(context, c, w, bias);
            for (const Guard guard : {Guard::after, Guard::before}) {
                const std::vector<float> y = guarded_run(axnn_plan_execute, plan.get(), c, x, guard);
                EXPECT_TRUE(all_close(y, expected));
                // Products are added in the order of the taps everywhere.
                if (first.empty()) first = y;
                EXPECT_TRUE(all_equal(y, first));
            }
            const std::string text = explain(plan.get(), c);
            EXPECT_TRUE(text.starts_with(std::string("depthwise ") + kernels.float_depthwise.name + ","))
                << text;
        });
    }
}

}  // namespace
}  // namespace axnn::test
