// Whole layers through the C ABI against the plain loops of support/reference.hpp: random shapes, shapes
// at the edges of tiles, and shapes that need several tiles and several passes over the taps. Integer
// layers must be equal on every tier and thread count.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/draw_layer.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/layers_fixture.hpp"
#include "support/random.hpp"
#include "support/reference.hpp"

namespace axnn::test {
namespace {

constexpr int64_t int32_min = std::numeric_limits<int32_t>::min();
constexpr int64_t int32_max = std::numeric_limits<int32_t>::max();

// ---- Approximate layers --------------------------------------------------------------------------

using ApproxLayers = IntegerLayers;

TEST_F(ApproxLayers, RandomLayers) {
    Random random(1);
    for (int repeat = 0; repeat < 150; repeat++) {
        const Conv c = random_conv(random);
        ApproxLayer layer;
        const bool small = random.chance(0.5);
        layer.table = small ? random_table(random, -32768, 32767) : random_table(random, -(1 << 20), 1 << 20);
        layer.desc.operand_order = static_cast<uint32_t>(random.integer(0, 1));
        layer.desc.padding_code = static_cast<uint32_t>(random.integer(0, 1));
        layer.desc.zero_point_correction = static_cast<uint32_t>(random.integer(0, 1));
        layer.desc.output_min = random.pick({-infinity, 0.0f, -20.0f});
        layer.desc.output_max = random.pick({infinity, 60.0f});
        draw_numbers(layer, c, random);
        SCOPED_TRACE("layer " + std::to_string(repeat));
        expect_layer(layer, c, draw_input(layer, c, random));
        if (HasFailure()) return;
    }
}

// Every combination of order, padding code and correction, on affine layers with padding.
TEST_F(ApproxLayers, EveryCombinationOfEnums) {
    Random random(2);
    const Conv c = {.n = 2,
                    .in_channels = 3,
                    .h = 6,
                    .w = 5,
                    .out_channels = 18,
                    .kernel_h = 3,
                    .kernel_w = 2,
                    .pad_top = 1,
                    .pad_bottom = 2,
                    .pad_left = 0,
                    .pad_right = 1};
    for (uint32_t order : {AXNN_WEIGHT_FIRST, AXNN_ACTIVATION_FIRST})
        for (uint32_t padding : {AXNN_PAD_ZERO_POINT, AXNN_PAD_ZERO})
            for (uint32_t correction : {AXNN_CORRECTION_EXACT, AXNN_CORRECTION_TABLE})
                for (int64_t largest : {1000, 1 << 24}) {
                    SCOPED_TRACE("order " + std::to_string(order) + ", padding code " +
                                 std::to_string(padding) + ", correction " + std::to_string(correction));
                    ApproxLayer layer;
                    layer.table = random_table(random, -largest, largest);
                    layer.desc.operand_order = order;
                    layer.desc.padding_code = padding;
                    layer.desc.zero_point_correction = correction;
                    draw_numbers(layer, c, random);
                    layer.desc.input_zero_point = 17;
                    layer.w_zero_point = {-9};
                    expect_layer(layer, c, draw_input(layer, c, random));
                }
}

// A layer whose operands are of some signedness, with the table of their exact products.
ApproxLayer exact_layer(bool weight_signed, bool input_signed, axnn_operand_order order) {
    ApproxLayer layer;
    const bool weight_first = order == AXNN_WEIGHT_FIRST;
    layer.operands.row_signed = weight_first ? weight_signed : input_signed;
    layer.operands.column_signed = weight_first ? input_signed : weight_signed;
    layer.table = exact_table(layer.operands.row_signed, layer.operands.column_signed);
    layer.desc.operand_order = order;
    layer.desc.weight_code_min = weight_signed ? -128 : 0;
    layer.desc.weight_code_max = weight_signed ? 127 : 255;
    layer.desc.input_code_min = input_signed ? -128 : 0;
    layer.desc.input_code_max = input_signed ? 127 : 255;
    return layer;
}

TEST_F(ApproxLayers, ExactProductsAreThoseOfTheExactTable) {
    Random random(31);
    for (int repeat = 0; repeat < 120; repeat++) {
        Conv c = random_conv(random);
        const bool linear = random.chance(0.2);
        if (linear)
            c = {.n = static_cast<int32_t>(random.integer(1, 40)),
                 .in_channels = static_cast<int32_t>(random.integer(1, 200)),
                 .out_channels = static_cast<int32_t>(random.integer(1, 40))};
        ApproxLayer layer = exact_layer(random.chance(0.5), random.chance(0.5),
                                        random.pick({AXNN_WEIGHT_FIRST, AXNN_ACTIVATION_FIRST}));
        layer.desc.padding_code = static_cast<uint32_t>(random.integer(0, 1));
        layer.desc.zero_point_correction = static_cast<uint32_t>(random.integer(0, 1));
        layer.desc.output_min = random.pick({-infinity, 0.0f});
        if (random.chance(0.3)) {
            layer.desc.input_code_min = 0;
            layer.desc.input_code_max = 127;
        }
        draw_numbers(layer, c, random);
        SCOPED_TRACE("layer " + std::to_string(repeat));
        const std::vector<float> x = draw_input(layer, c, random);
        expect_layer(layer, c, x, linear);
        layer.desc.products = AXNN_PRODUCTS_EXACT;
        expect_layer(layer, c, x, linear);
        if (HasFailure()) return;
    }
}

// So many taps that the largest possible sum needs 64 bits, and more than one pass adds in 32.
TEST_F(ApproxLayers, ExactSumsBeyond32Bits) {
    for (const auto& [weight_signed, largest_input] : {std::pair{true, 255}, {false, 255}, {true, 127}}) {
        ApproxLayer layer = exact_layer(weight_signed, false, AXNN_WEIGHT_FIRST);
        layer.desc.products = AXNN_PRODUCTS_EXACT;
        layer.desc.input_code_max = largest_input;
        const Conv c = {.n = 3, .in_channels = 150001, .out_channels = 2};
        layer.w.assign(c.weights(), 1e9f);
        layer.w[5] = -1e9f;
        layer.w_zero_point = {3};
        layer.desc.input_zero_point = 1;
        const std::vector<float> x(c.inputs(), 1e9f);
        expect_layer(layer, c, x, true);
    }
}

TEST_F(ApproxLayers, EveryWidthAndSignOfOperands) {
    Random random(3);
    const Conv c = {.n = 1,
                    .in_channels = 4,
                    .h = 5,
                    .w = 7,
                    .out_channels = 9,
                    .kernel_h = 3,
                    .kernel_w = 3,
                    .pad_top = 1,
                    .pad_bottom = 1,
                    .pad_left = 1,
                    .pad_right = 1};
    for (uint32_t bits : {1, 4, 7, 8})
        for (uint32_t weight_signed : {0, 1})
            for (uint32_t input_signed : {0, 1})
                for (uint32_t order : {AXNN_WEIGHT_FIRST, AXNN_ACTIVATION_FIRST}) {
                    const uint32_t input_bits = 9 - bits;
                    SCOPED_TRACE("weights " + std::to_string(bits) + " bits, signed " +
                                 std::to_string(weight_signed) + "; input " + std::to_string(input_bits) +
                                 " bits, signed " + std::to_string(input_signed));
                    ApproxLayer layer;
                    layer.table = random_table(random, -70'000, 70'000);
                    layer.desc.operand_order = order;
                    const auto low = [](uint32_t width, uint32_t is_signed) {
                        return is_signed ? -(1 << (width - 1)) : 0;
                    };
                    const auto high = [](uint32_t width, uint32_t is_signed) {
                        return (1 << (is_signed ? width - 1 : width)) - 1;
                    };
                    layer.desc.weight_code_min = low(bits, weight_signed);
                    layer.desc.weight_code_max = high(bits, weight_signed);
                    layer.desc.input_code_min = low(input_bits, input_signed);
                    layer.desc.input_code_max = high(input_bits, input_signed);
                    const bool weight_first = order == AXNN_WEIGHT_FIRST;
                    layer.operands = {sizeof layer.operands, weight_first ? bits : input_bits,
                                      weight_first ? weight_signed : input_signed,
                                      weight_first ? input_bits : bits,
                                      weight_first ? input_signed : weight_signed};
                    draw_numbers(layer, c, random);
                    expect_layer(layer, c, draw_input(layer, c, random));
                }
}

// Entries that an operand cannot reach decide nothing: neither the result nor the width of the sums.
TEST_F(ApproxLayers, UnreachableEntriesAreIgnored) {
    Random random(4);
    const Conv c = {.in_channels = 5, .h = 6, .w = 6, .out_channels = 10, .kernel_h = 2, .kernel_w = 2};
    ApproxLayer layer;
    layer.operands = {sizeof layer.operands, 4, 0, 5, 0};
    layer.desc.weight_code_min = 0;
    layer.desc.weight_code_max = 15;
    layer.desc.input_code_min = 0;
    layer.desc.input_code_max = 31;
    layer.table.assign(size_t{256} * 256, static_cast<int32_t>(int32_min));
    for (size_t r = 0; r < 16; r++)
        for (size_t k = 0; k < 32; k++)
            layer.table[256 * r + k] = static_cast<int32_t>(random.integer(-500, 500));
    draw_numbers(layer, c, random);
    expect_layer(layer, c, draw_input(layer, c, random));
}

// A padding code of 0 is looked up even where the input's own codes exclude it.
TEST_F(ApproxLayers, PaddingCodeOutsideTheInputsCodes) {
    Random random(5);
    const Conv c = {.in_channels = 2,
                    .h = 4,
                    .w = 4,
                    .out_channels = 5,
                    .kernel_h = 3,
                    .kernel_w = 3,
                    .pad_top = 2,
                    .pad_bottom = 1,
                    .pad_left = 1,
                    .pad_right = 2};
    ApproxLayer layer;
    layer.table = random_table(random, -(1 << 16), 1 << 16);
    layer.desc.input_code_min = 5;
    layer.desc.input_code_max = 100;
    layer.desc.padding_code = AXNN_PAD_ZERO;
    for (uint32_t correction : {AXNN_CORRECTION_EXACT, AXNN_CORRECTION_TABLE}) {
        layer.desc.zero_point_correction = correction;
        draw_numbers(layer, c, random);
        expect_layer(layer, c, draw_input(layer, c, random));
    }
}

// More different zero points than any kernel has channels in a block.
TEST_F(ApproxLayers, ManyWeightZeroPoints) {
    Random random(6);
    const Conv c = {
        .in_channels = 3, .h = 3, .w = 9, .out_channels = 300, .kernel_h = 2, .kernel_w = 2, .pad_left = 1};
    for (uint32_t correction : {AXNN_CORRECTION_EXACT, AXNN_CORRECTION_TABLE}) {
        ApproxLayer layer;
        layer.table = random_table(random, -30'000, 30'000);
        layer.desc.zero_point_correction = correction;
        draw_numbers(layer, c, random);
        layer.desc.input_zero_point = -3;
        layer.w_zero_point.clear();
        for (int32_t o = 0; o < c.out_channels; o++) layer.w_zero_point.push_back(o % 256 - 128);
        expect_layer(layer, c, draw_input(layer, c, random));
    }
}

// Entries and fan-ins around the limits of 16- and 32-bit sums. K * 2^k is exactly 2^31 for powers of two.
TEST_F(ApproxLayers, SumsNeverWrap) {
    Random random(7);
    const auto table_of = [](int64_t entry) {
        return std::vector<int32_t>(size_t{256} * 256, static_cast<int32_t>(entry));
    };
    for (int32_t fan_in : {1, 2, 3, 16, 100, 70'000})
        for (int64_t entry :
             {int32_min, int32_min + 1, int32_max, int32_max - 1, -(int64_t{1} << 30), int64_t{1} << 30,
              int32_max / fan_in, int32_max / fan_in + 1, int32_min / fan_in, int64_t{32767}, int64_t{-32768},
              int64_t{32768}, int64_t{65535}}) {
            SCOPED_TRACE("constant entries " + std::to_string(entry));
            const Conv c = {.n = 3, .in_channels = fan_in, .out_channels = 2};
            ApproxLayer layer;
            layer.table = table_of(entry);
            layer.w.assign(c.weights(), 0.5f);
            expect_layer(layer, c, draw_input(layer, c, random));
        }
    const Conv c = {.n = 2,
                    .in_channels = 13,
                    .h = 5,
                    .w = 5,
                    .out_channels = 19,
                    .kernel_h = 3,
                    .kernel_w = 3,
                    .pad_top = 1,
                    .pad_right = 2};
    for (uint32_t correction : {AXNN_CORRECTION_EXACT, AXNN_CORRECTION_TABLE})
        for (int repeat = 0; repeat < 6; repeat++) {
            ApproxLayer layer;
            layer.table = random_table(random, int32_min, int32_max);
            if (repeat % 2)
                for (int32_t& entry : layer.table)
                    entry = static_cast<int32_t>(random.chance(0.5) ? int32_min : int32_max);
            layer.desc.zero_point_correction = correction;
            draw_numbers(layer, c, random);
            expect_layer(layer, c, draw_input(layer, c, random));
        }
}

// Tables that fit 16 bits only as unsigned, or only after an offset.
TEST_F(ApproxLayers, SixteenBitClassesOfTables) {
    Random random(8);
    const Conv c = {.n = 1,
                    .in_channels = 11,
                    .h = 8,
                    .w = 8,
                    .out_channels = 21,
                    .kernel_h = 3,
                    .kernel_w = 3,
                    .pad_top = 1,
                    .pad_bottom = 1,
                    .pad_left = 1,
                    .pad_right = 1};
    const std::vector<std::pair<int64_t, int64_t>> ranges = {
        {-32768, 32767}, {-32769, 32766}, {-32768, 32768},
        {0, 65535},      {0, 65536},      {1, 65536},
        {-1, 65535},     {-5, -5},        {1 << 30, (1 << 30) + 65535},
        {-128, 127}};
    for (const auto& [low, high] : ranges)
        for (uint32_t correction : {AXNN_CORRECTION_EXACT, AXNN_CORRECTION_TABLE}) {
            SCOPED_TRACE("entries " + std::to_string(low) + ".." + std::to_string(high));
            ApproxLayer layer;
            layer.table = random_table(random, low, high);
            layer.table[0] = static_cast<int32_t>(low);
            layer.table[1] = static_cast<int32_t>(high);
            layer.desc.zero_point_correction = correction;
            draw_numbers(layer, c, random);
            expect_layer(layer, c, draw_input(layer, c, random));
        }
}

TEST_F(ApproxLayers, ChannelCountsAtTheEdgesOfTiles) {
    Random random(9);
    for (int32_t out_channels : {1, 7, 8, 9, 15, 16, 17, 33, 64, 65})
        for (int32_t in_channels : {1, 2, 7, 9}) {
            const Conv c = {.in_channels = in_channels,
                            .h = 4,
                            .w = 9,
                            .out_channels = out_channels,
                            .kernel_h = 2,
                            .kernel_w = 3,
                            .pad_left = 1};
            ApproxLayer layer;
            layer.table = random_table(random, in_channels % 2 ? -30'000 : -90'000, 30'000);
            draw_numbers(layer, c, random);
            expect_layer(layer, c, draw_input(layer, c, random));
        }
}

TEST_F(ApproxLayers, LargeShapes) {
    Random random(10);
    for (const Conv& c : large_shapes)
        for (int64_t largest : {30'000, 1 << 23}) {
            ApproxLayer layer;
            layer.table = random_table(random, -largest, largest);
            layer.desc.zero_point_correction = static_cast<uint32_t>(random.integer(0, 1));
            draw_numbers(layer, c, random);
            expect_layer(layer, c, draw_input(layer, c, random));
        }
}

// 64-bit sums that need several tiles and several passes.
TEST_F(ApproxLayers, LargeShapesWithLargeEntries) {
    Random random(11);
    for (const Conv& c : {Conv{.in_channels = 600,
                               .h = 30,
                               .w = 31,
                               .out_channels = 18,
                               .kernel_h = 3,
                               .kernel_w = 3,
                               .stride_h = 2,
                               .stride_w = 3,
                               .pad_top = 2},
                          Conv{.n = 40, .in_channels = 6000, .out_channels = 33}})
        for (int64_t largest : {int32_max, int64_t{1} << 28, int64_t{1} << 20}) {
            ApproxLayer layer;
            layer.table = random_table(random, -largest, largest);
            draw_numbers(layer, c, random);
            expect_layer(layer, c, draw_input(layer, c, random));
        }
}

TEST_F(ApproxLayers, Linear) {
    Random random(12);
    for (int repeat = 0; repeat < 40; repeat++) {
        const Conv c = {.n = static_cast<int32_t>(random.integer(1, 40)),
                        .in_channels = static_cast<int32_t>(
                            random.pick({random.integer(1, 40), random.integer(500, 900)})),
                        .out_channels = static_cast<int32_t>(random.integer(1, 70))};
        ApproxLayer layer;
        layer.table = random_table(random, -60'000, 60'000);
        layer.desc.operand_order = static_cast<uint32_t>(random.integer(0, 1));
        layer.desc.zero_point_correction = static_cast<uint32_t>(random.integer(0, 1));
        draw_numbers(layer, c, random);
        expect_layer(layer, c, draw_input(layer, c, random), true);
    }
}

// One plan serves every batch and image size.
TEST_F(ApproxLayers, OnePlanManySizes) {
    Random random(13);
    Conv c = {.in_channels = 6,
              .out_channels = 17,
              .kernel_h = 3,
              .kernel_w = 3,
              .pad_top = 1,
              .pad_bottom = 1,
              .pad_left = 1,
              .pad_right = 1};
    ApproxLayer layer;
    layer.table = random_table(random, -30'000, 30'000);
    draw_numbers(layer, c, random);
    for_each_context([&](const axnn_context* context) {
        const Plan plan = layer.make(context, c);
        for (int repeat = 0; repeat < 8; repeat++) {
            c.n = static_cast<int32_t>(random.integer(1, 5));
            c.h = static_cast<int32_t>(random.integer(1, 30));
            c.w = static_cast<int32_t>(random.integer(1, 30));
            SCOPED_TRACE(text_of(c));
            int32_t channels = 0;
            int32_t out_h = 0;
            int32_t out_w = 0;
            ASSERT_EQ(axnn_plan_output_shape(plan.get(), c.h, c.w, &channels, &out_h, &out_w), AXNN_OK);
            EXPECT_EQ(channels, c.out_channels);
            EXPECT_EQ(out_h, c.out_h());
            EXPECT_EQ(out_w, c.out_w());
            const std::vector<float> x = draw_input(layer, c, random);
            const ApproxExpected expected = expected_of(layer, c, x);
            EXPECT_TRUE(all_equal(execute_sums(plan.get(), c, x), expected.sums));
            EXPECT_TRUE(all_equal(execute(plan.get(), c, x), expected.y));
        }
    });
}

// NaN is quantised to the zero point, infinities to the ends of the range.
TEST_F(ApproxLayers, InputsThatAreNotFinite) {
    Random random(14);
    const Conv c = {
        .n = 2, .in_channels = 5, .h = 6, .w = 7, .out_channels = 8, .kernel_h = 3, .kernel_w = 3};
    ApproxLayer layer;
    layer.table = random_table(random, -30'000, 30'000);
    draw_numbers(layer, c, random);
    std::vector<float> x = draw_input(layer, c, random);
    for (float& v : x)
        if (random.chance(0.3))
            v = random.pick({infinity, -infinity, std::numeric_limits<float>::quiet_NaN(), 3e38f, -0.0f});
    expect_layer(layer, c, x);
}

// ---- Float layers --------------------------------------------------------------------------------

class FloatLayers : public Layers {
  protected:
    static void expect_layer(const Conv& c, Random& random, bool linear) {
        SCOPED_TRACE(text_of(c));
        const std::vector<float> x = random.reals(c.inputs(), -1, 1);
        const std::vector<float> w = random.reals(c.weights(), -1, 1);
        const std::vector<float> bias = random.chance(0.5)
                                            ? random.reals(static_cast<size_t>(c.out_channels), -1, 1)
                                            : std::vector<float>();
        const std::vector<double> expected = float_conv(c, x, w, bias);
        std::vector<float> first;
        uint32_t first_tier = 0;
        for (const Context& context : contexts) {
            const Plan plan = make_float_plan(context.get(), c, w, bias, linear);
            const std::vector<float> y = execute(plan.get(), c, x);
            EXPECT_TRUE(all_close(y, expected));
            uint32_t tier = 0;
            require(axnn_context_tier(context.get(), &tier));
            // Contexts of one tier differ in threads only.
            if (tier == first_tier) {
                EXPECT_TRUE(all_equal(y, first)) << "bits differ between thread counts";
            }
            first = y;
            first_tier = tier;
        }
    }
};

TEST_F(FloatLayers, RandomLayers) {
    Random random(30);
    for (int repeat = 0; repeat < 100 && !HasFailure(); repeat++)
        expect_layer(random_conv(random), random, false);
}

TEST_F(FloatLayers, LargeShapes) {
    Random random(31);
    for (const Conv& c : large_shapes) expect_layer(c, random, false);
}

TEST_F(FloatLayers, Linear) {
    Random random(32);
    for (int repeat = 0; repeat < 30; repeat++)
        expect_layer({.n = static_cast<int32_t>(random.integer(1, 40)),
                      .in_channels = static_cast<int32_t>(random.integer(1, 300)),
                      .out_channels = static_cast<int32_t>(random.integer(1, 100))},
                     random, true);
}

}  // namespace
}  // namespace axnn::test
