// Layers that run through the structure of their products: those of 8 bits are the table's to the bit, those
// of more bits the sums of the products themselves, up to the edges of every width.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/draw_layer.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/layers_fixture.hpp"
#include "support/random.hpp"
#include "support/structure.hpp"

namespace axnn::test {
namespace {

class StructuredLayers : public IntegerLayers {
  protected:
    // Ranges of codes that fit the multiplier, drawn from `least` bits on.
    static void draw_ranges(ApproxLayer& layer, Random& random, uint32_t least) {
        axnn_approx_desc& d = layer.desc;
        d.operand_order = static_cast<uint32_t>(random.integer(0, 1));
        d.padding_code = static_cast<uint32_t>(random.integer(0, 1));
        d.zero_point_correction = static_cast<uint32_t>(random.integer(0, 1));
        d.output_min = random.pick({-infinity, 0.0f});
        const axnn_multiplier_desc& m = layer.operands;
        const bool weight_first = d.operand_order == AXNN_WEIGHT_FIRST;
        const auto draw = [&](uint32_t bits, uint32_t is_signed, int32_t& min, int32_t& max) {
            const auto used = static_cast<uint32_t>(random.integer(std::min(least, bits), bits));
            max = static_cast<int32_t>((int64_t{1} << (is_signed ? used - 1 : used)) - 1);
            min = is_signed && (max == 0 || random.chance(0.8)) ? -max - 1 : 0;
        };
        draw(weight_first ? m.row_bits : m.column_bits, weight_first ? m.row_signed : m.column_signed,
             d.weight_code_min, d.weight_code_max);
        draw(weight_first ? m.column_bits : m.row_bits, weight_first ? m.column_signed : m.row_signed,
             d.input_code_min, d.input_code_max);
    }
};

// Terms of any kind, some constant, some 0, some with common divisors; features up to `largest`.
Structure random_structure(Random& random, const axnn_multiplier_desc& d, int32_t largest,
                           int64_t largest_coefficient) {
    Structure s;
    const auto terms = static_cast<size_t>(random.integer(0, 6));
    const auto draw = [&](uint32_t bits, std::vector<int32_t>& features) {
        const int64_t divisor = random.pick({1, 1, 3, 16});
        const int64_t limit = std::max<int64_t>(largest / divisor, 1);
        const int64_t offset = random.chance(0.3) ? limit / 2 : 0;
        const int64_t span = random.pick({int64_t{0}, int64_t{1}, limit - offset, limit - offset});
        for (size_t i = 0; i < Structure::count(bits); i++)
            features.push_back(static_cast<int32_t>(divisor * (offset + random.integer(-span, span))));
    };
    for (size_t t = 0; t < terms; t++) {
        const int64_t c = random.integer(-largest_coefficient, largest_coefficient);
        s.coefficients.push_back(c == 0 ? 1 : c);
        draw(d.row_bits, s.row_features);
        draw(d.column_bits, s.column_features);
    }
    const auto only = [&](uint32_t bits) {
        std::vector<int64_t> values;
        if (random.chance(0.5))
            for (size_t i = 0; i < Structure::count(bits); i++) values.push_back(random.integer(-5000, 5000));
        return values;
    };
    s.row_only = only(d.row_bits);
    s.column_only = only(d.column_bits);
    return s;
}

axnn_multiplier_desc random_operands(Random& random, int64_t least, int64_t most) {
    const auto bits = [&] { return static_cast<uint32_t>(random.integer(least, most)); };
    const auto sign = [&] { return static_cast<uint32_t>(random.integer(0, 1)); };
    return {sizeof(axnn_multiplier_desc), bits(), sign(), bits(), sign()};
}

TEST_F(StructuredLayers, OfBytesAreThoseOfTheTable) {
    Random random(1);
    for (int repeat = 0; repeat < 120; repeat++) {
        SCOPED_TRACE("layer " + std::to_string(repeat));
        ApproxLayer layer;
        layer.operands = random_operands(random, 1, 8);
        layer.structure =
            random_structure(random, layer.operands, random.pick({127, 255, 4000}), random.pick({1, 8, 20}));
        layer.table = layer.structure->table(layer.operands);
        layer.desc.structure_use = AXNN_STRUCTURE_ALWAYS;
        draw_ranges(layer, random, 1);
        const bool linear = random.chance(0.2);
        const Conv c = linear ? random_linear(random) : random_conv(random);
        draw_numbers(layer, c, random);
        expect_layer(layer, c, draw_input(layer, c, random), linear);
        if (HasFailure()) return;
    }
}

TEST_F(StructuredLayers, OfLargeShapes) {
    Random random(2);
    for (const Conv& c : large_shapes) {
        ApproxLayer layer;
        layer.structure = random_structure(random, layer.operands, 127, 4);
        layer.table = layer.structure->table(layer.operands);
        layer.desc.structure_use = AXNN_STRUCTURE_ALWAYS;
        draw_numbers(layer, c, random);
        expect_layer(layer, c, draw_input(layer, c, random));
    }
}

TEST_F(StructuredLayers, OfWordsAreTheSumsOfProducts) {
    Random random(3);
    for (int repeat = 0; repeat < 120; repeat++) {
        SCOPED_TRACE("layer " + std::to_string(repeat));
        ApproxLayer layer;
        layer.operands = random_operands(random, 7, 16);
        layer.operands.row_bits = std::max(layer.operands.row_bits, uint32_t{9});
        layer.structure = random_structure(random, layer.operands, random.pick({255, 32767, 1 << 17}),
                                           random.pick({1, 64, 1000}));
        draw_ranges(layer, random, 6);
        const bool linear = random.chance(0.2);
        const Conv c = linear ? random_linear(random) : random_conv(random);
        draw_numbers(layer, c, random);
        expect_layer(layer, c, draw_input(layer, c, random), linear);
        if (HasFailure()) return;
    }
}

TEST_F(StructuredLayers, OfExactProductsOfWords) {
    Random random(4);
    for (int repeat = 0; repeat < 60; repeat++) {
        SCOPED_TRACE("layer " + std::to_string(repeat));
        ApproxLayer layer;
        layer.operands = random_operands(random, 9, 16);
        layer.desc.products = AXNN_PRODUCTS_EXACT;
        draw_ranges(layer, random, 9);
        layer.desc.zero_point_correction = AXNN_CORRECTION_EXACT;
        const Conv c = random_conv(random);
        draw_numbers(layer, c, random);
        expect_layer(layer, c, draw_input(layer, c, random));
        if (HasFailure()) return;
    }
}

// (-32768)^2 twice is 2^31, what one vpmaddwd cannot give; so are thousands of them.
TEST_F(StructuredLayers, TheLargestWordsEverywhere) {
    for (const int32_t channels : {1, 2, 3, 700}) {
        const Conv c = {.n = 1,
                        .in_channels = channels,
                        .h = 3,
                        .w = 3,
                        .out_channels = 2,
                        .kernel_h = 3,
                        .kernel_w = 3,
                        .pad_top = 1,
                        .pad_bottom = 1,
                        .pad_left = 1,
                        .pad_right = 1};
        for (const bool minimum : {true, false})
            for (const bool is_signed : {true, false}) {
                ApproxLayer layer;
                axnn_approx_desc& d = layer.desc;
                d.products = AXNN_PRODUCTS_EXACT;
                d.input_scale = 1;
                layer.w_scale = {1};
                d.input_code_min = d.weight_code_min = is_signed ? -32768 : 0;
                d.input_code_max = d.weight_code_max = is_signed ? 32767 : 65535;
                const auto code = static_cast<float>(minimum ? d.input_code_min : d.input_code_max);
                layer.w.assign(c.weights(), code);
                expect_layer(layer, c, std::vector<float>(c.inputs(), code));
            }
    }
}

TEST_F(StructuredLayers, AreUsedWhereTheyAreAskedFor) {
    Random random(5);
    const Conv c = {.n = 1, .in_channels = 64, .h = 28, .w = 28, .out_channels = 64};
    ApproxLayer layer;
    Structure& exact = layer.structure.emplace();
    exact.coefficients = {1};
    for (size_t i = 0; i < 256; i++) {
        exact.row_features.push_back(Structure::value(i, 8, 1));
        exact.column_features.push_back(Structure::value(i, 8, 1));
    }
    layer.table = exact.table(layer.operands);
    draw_numbers(layer, c, random);
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const auto says = [&](uint32_t use, const char* words) {
        layer.desc.structure_use = use;
        const std::string line = explain(layer.make(context.get(), c).get(), c);
        return line.find(words) != std::string::npos;
    };
    EXPECT_TRUE(says(AXNN_STRUCTURE_AUTO, "structured GEMM"));
    EXPECT_TRUE(says(AXNN_STRUCTURE_AUTO, "table GEMM"));
    EXPECT_TRUE(says(AXNN_STRUCTURE_ALWAYS, "the structure must be used"));
    EXPECT_TRUE(says(AXNN_STRUCTURE_NEVER, "the structure must not be used"));
    EXPECT_FALSE(says(AXNN_STRUCTURE_NEVER, "structured GEMM"));
}

}  // namespace
}  // namespace axnn::test
