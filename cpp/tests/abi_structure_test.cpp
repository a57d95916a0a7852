// Structures of multipliers and codes of more than 8 bits through the C ABI: what is given back, and what is
// refused.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/draw_layer.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/mistakes.hpp"
#include "support/structure.hpp"

namespace axnn::test {
namespace {

// a * b + 3 * (a & 1) + 5.
Structure small_structure(const axnn_multiplier_desc& d) {
    Structure s;
    s.coefficients = {1};
    for (size_t i = 0; i < Structure::count(d.row_bits); i++) {
        s.row_features.push_back(Structure::value(i, d.row_bits, d.row_signed));
        s.row_only.push_back(static_cast<int64_t>(3 * (i % 2)));
    }
    for (size_t i = 0; i < Structure::count(d.column_bits); i++)
        s.column_features.push_back(Structure::value(i, d.column_bits, d.column_signed));
    s.column_only.assign(Structure::count(d.column_bits), 5);
    return s;
}

struct CreateStructured {
    axnn_multiplier_desc desc = {sizeof(axnn_multiplier_desc), 4, 1, 8, 0};
    Structure structure = small_structure(desc);
    std::vector<int32_t> table = structure.table(desc);
    const axnn_multiplier_desc* desc_pointer = &desc;
    const int32_t* products = table.data();
    size_t products_bytes = table.size() * sizeof(int32_t);
    uint32_t terms = 1;
    const int64_t* coefficients = structure.coefficients.data();
    size_t coefficients_bytes = sizeof(int64_t);
    size_t row_features_bytes = structure.row_features.size() * sizeof(int32_t);
    const int32_t* column_features = structure.column_features.data();
    size_t row_only_bytes = structure.row_only.size() * sizeof(int64_t);
    const int64_t* column_only = structure.column_only.data();
    bool made = false;

    // 12 x 9 bits.
    void widen() {
        desc = {sizeof(axnn_multiplier_desc), 12, 0, 9, 1};
        structure = small_structure(desc);
        products = nullptr;
        products_bytes = 0;
        coefficients = structure.coefficients.data();
        row_features_bytes = structure.row_features.size() * sizeof(int32_t);
        column_features = structure.column_features.data();
        row_only_bytes = structure.row_only.size() * sizeof(int64_t);
        column_only = structure.column_only.data();
    }
    axnn_status run() {
        axnn_multiplier* out = reinterpret_cast<axnn_multiplier*>(uintptr_t{16});
        const axnn_status status = axnn_multiplier_create_structured(
            desc_pointer, products, products_bytes, terms, coefficients, coefficients_bytes,
            structure.row_features.data(), row_features_bytes, column_features,
            structure.column_features.size() * sizeof(int32_t), structure.row_only.data(), row_only_bytes,
            column_only, structure.column_only.size() * sizeof(int64_t), &out);
        EXPECT_EQ(out == nullptr, status != AXNN_OK);
        made = out != nullptr;
        axnn_multiplier_destroy(out);
        return status;
    }
    bool untouched() const { return !made; }
};

TEST(AbiStructure, CreateRefuses) {
    using C = CreateStructured;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "desc", [](C& c) { c.desc_pointer = nullptr; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.desc.struct_size--; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "row_bits", [](C& c) { c.desc.row_bits = 17; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "column_bits", [](C& c) { c.desc.column_bits = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "terms", [](C& c) { c.terms = 17; }},
        {AXNN_ERROR_NULL_POINTER, "products", [](C& c) { c.products = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "products", [](C& c) { c.products_bytes--; }},
        {AXNN_ERROR_NULL_POINTER, "coefficients", [](C& c) { c.coefficients = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "coefficients", [](C& c) { c.coefficients_bytes = 7; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "row_features", [](C& c) { c.row_features_bytes--; }},
        {AXNN_ERROR_NULL_POINTER, "column_features", [](C& c) { c.column_features = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "row_only", [](C& c) { c.row_only_bytes -= 8; }},
        {AXNN_ERROR_NULL_POINTER, "column_only", [](C& c) { c.column_only = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "coefficients[0]", [](C& c) { c.structure.coefficients[0] = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "feature", [](C& c) { c.structure.row_features[3] = (1 << 17) + 1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "add up", [](C& c) { c.structure.coefficients[0] = int64_t{1} << 60; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "add up", [](C& c) { c.structure.row_only[0] = INT64_MIN; }},
        // The table differs: the last operands that it has, then one of each.
        {AXNN_ERROR_INVALID_ARGUMENT, "-1 and 255", [](C& c) { c.table[255 * 256 + 255]++; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "1 and 7", [](C& c) { c.structure.column_features[7]++; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "products",
         [](C& c) {
             c.widen();
             c.products = c.table.data();
             c.products_bytes = c.table.size() * sizeof(int32_t);
         }},
    });
}

TEST(AbiStructure, WideOnesNeedNoTable) {
    CreateStructured call;
    call.widen();
    EXPECT_EQ(call.run(), AXNN_OK) << last_error();
}

TEST(AbiStructure, IsGivenBack) {
    for (const bool wide : {false, true}) {
        CreateStructured call;
        if (wide) call.widen();
        axnn_multiplier* handle = nullptr;
        require(call.structure.create(call.desc, wide ? std::vector<int32_t>() : call.table, &handle));
        const Multiplier multiplier(handle);
        int32_t terms = 0;
        require(axnn_multiplier_terms(handle, &terms));
        ASSERT_EQ(terms, 1);
        Structure got;
        got.coefficients.resize(1);
        got.row_features.resize(call.structure.row_features.size());
        got.column_features.resize(call.structure.column_features.size());
        got.row_only.resize(call.structure.row_only.size());
        got.column_only.resize(call.structure.column_only.size());
        const auto bytes = [](const auto& v) { return v.size() * sizeof(v[0]); };
        require(axnn_multiplier_structure(
            handle, got.coefficients.data(), bytes(got.coefficients), got.row_features.data(),
            bytes(got.row_features), got.column_features.data(), bytes(got.column_features),
            got.row_only.data(), bytes(got.row_only), got.column_only.data(), bytes(got.column_only)));
        EXPECT_EQ(got.coefficients, call.structure.coefficients);
        EXPECT_EQ(got.row_features, call.structure.row_features);
        EXPECT_EQ(got.column_features, call.structure.column_features);
        EXPECT_EQ(got.row_only, call.structure.row_only);
        EXPECT_EQ(got.column_only, call.structure.column_only);
        // Nothing is needed, and a short buffer is refused.
        EXPECT_EQ(
            axnn_multiplier_structure(handle, nullptr, 0, nullptr, 0, nullptr, 0, nullptr, 0, nullptr, 0),
            AXNN_OK);
        EXPECT_TRUE(fails_with(axnn_multiplier_structure(handle, nullptr, 0, got.row_features.data(), 4,
                                                         nullptr, 0, nullptr, 0, nullptr, 0),
                               AXNN_ERROR_BUFFER_TOO_SMALL, "row_features"));
        EXPECT_TRUE(
            fails_with(axnn_multiplier_terms(nullptr, &terms), AXNN_ERROR_NULL_POINTER, "multiplier"));
        EXPECT_TRUE(fails_with(axnn_multiplier_terms(handle, nullptr), AXNN_ERROR_NULL_POINTER, "terms"));
    }
}

TEST(AbiStructure, ATableWithoutStructureIsRefusedWhereItMustBeUsed) {
    Random random(1);
    ApproxLayer layer;
    layer.table = random_table(random, -32768, 32767);
    axnn_multiplier* handle = nullptr;
    require(axnn_multiplier_create(&layer.operands, layer.table.data(), layer.table.size() * sizeof(int32_t),
                                   &handle));
    const Multiplier multiplier(handle);
    int32_t terms = 0;
    require(axnn_multiplier_terms(handle, &terms));
    EXPECT_EQ(terms, -1);
    EXPECT_TRUE(fails_with(
        axnn_multiplier_structure(handle, nullptr, 0, nullptr, 0, nullptr, 0, nullptr, 0, nullptr, 0),
        AXNN_ERROR_UNSUPPORTED, "structure"));
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Conv c = {.in_channels = 2, .h = 3, .w = 3, .out_channels = 2};
    draw_numbers(layer, c, random);
    const auto refused = [&](uint32_t use) {
        layer.desc.structure_use = use;
        try {
            layer.make(context.get(), c);
        } catch (const std::exception& e) {
            return std::string(e.what());
        }
        return std::string("made");
    };
    EXPECT_EQ(refused(AXNN_STRUCTURE_AUTO), "made");
    EXPECT_EQ(refused(AXNN_STRUCTURE_NEVER), "made");
    EXPECT_NE(refused(AXNN_STRUCTURE_ALWAYS).find("no structure"), std::string::npos);
    EXPECT_NE(refused(3).find("structure_use is 3"), std::string::npos);
    // The other way round: no table.
    layer.operands = {sizeof(axnn_multiplier_desc), 12, 1, 12, 1};
    layer.structure = small_structure(layer.operands);
    layer.table.clear();
    EXPECT_NE(refused(AXNN_STRUCTURE_NEVER).find("no table"), std::string::npos);
    EXPECT_EQ(refused(AXNN_STRUCTURE_AUTO), "made");
}

// int32 codes of every width beyond bytes: rounded half to even, saturated, NaN the zero point.
TEST(AbiStructure, QuantizesToWords) {
    for (const uint32_t tier : available_tiers()) {
        const Context context = make_context(tier, 2);
        constexpr uint32_t size = sizeof(axnn_quantization);
        for (const axnn_quantization& q :
             {axnn_quantization{size, 0.5f, 7, -32768, 32767}, axnn_quantization{size, 0.01f, 300, 0, 65535},
              axnn_quantization{size, 2.0f, -2, -129, 100}}) {
            std::vector<float> x = {0.25f, -0.25f, 0.75f, 1e30f, -1e30f, infinity, -infinity, NAN, -0.0f};
            Random random(2);
            for (int i = 0; i < 10'000; i++) x.push_back(random.real(-70'000, 70'000) * q.scale);
            std::vector<int32_t> codes(x.size()), expected;
            for (const float v : x)
                expected.push_back(quantize(v, q.scale, q.zero_point, q.code_min, q.code_max));
            require(axnn_quantize(context.get(), &q, x.data(), x.size() * sizeof(float), x.size(),
                                  codes.data(), codes.size() * sizeof(int32_t)));
            EXPECT_TRUE(all_equal(codes, expected));
            std::vector<float> y(x.size()), expected_y;
            for (const int32_t code : expected)
                expected_y.push_back(static_cast<float>(code - q.zero_point) * q.scale);
            require(axnn_fake_quantize(context.get(), &q, x.data(), x.size() * sizeof(float), x.size(),
                                       y.data(), y.size() * sizeof(float)));
            EXPECT_TRUE(all_equal(y, expected_y));
        }
    }
}

TEST(AbiStructure, CodesOfWideLayersAreInt32) {
    Random random(3);
    const Conv c = {.n = 2,
                    .in_channels = 3,
                    .h = 5,
                    .w = 4,
                    .out_channels = 2,
                    .kernel_h = 3,
                    .kernel_w = 2,
                    .pad_top = 1};
    ApproxLayer layer;
    layer.desc.products = AXNN_PRODUCTS_EXACT;
    layer.desc.weight_code_min = -2000;
    layer.desc.weight_code_max = 2000;
    layer.desc.input_code_max = 1000;
    layer.desc.input_zero_point = 9;
    draw_numbers(layer, c, random);
    const std::vector<float> x = draw_input(layer, c, random);
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Plan plan = layer.make(context.get(), c);
    std::vector<int32_t> codes(c.weights()), expected;
    require(axnn_plan_weight_codes(plan.get(), codes.data(), codes.size() * sizeof(int32_t)));
    for (size_t i = 0; i < layer.w.size(); i++) {
        const size_t o = i / c.fan_in();
        expected.push_back(
            quantize(layer.w[i], layer.weight_scale(o), layer.weight_zero_point(o), -2000, 2000));
    }
    EXPECT_TRUE(all_equal(codes, expected));
    EXPECT_TRUE(fails_with(axnn_plan_weight_codes(plan.get(), codes.data(), codes.size()),
                           AXNN_ERROR_BUFFER_TOO_SMALL, "codes"));

    // The sums of products of the unfolded codes are those of the layer.
    const size_t pixels = c.outputs() / static_cast<size_t>(c.n * c.out_channels);
    std::vector<int32_t> unfolded(static_cast<size_t>(c.n) * c.fan_in() * pixels);
    require(axnn_plan_unfold(plan.get(), x.data(), x.size() * sizeof(float), c.n, c.h, c.w, unfolded.data(),
                             unfolded.size() * sizeof(int32_t)));
    std::vector<int64_t> sums;
    for (size_t n = 0; n < static_cast<size_t>(c.n); n++)
        for (size_t o = 0; o < static_cast<size_t>(c.out_channels); o++)
            for (size_t p = 0; p < pixels; p++) {
                int64_t sum = 0;
                for (size_t k = 0; k < c.fan_in(); k++)
                    sum += int64_t{codes[o * c.fan_in() + k]} * unfolded[(n * c.fan_in() + k) * pixels + p];
                sums.push_back(sum);
            }
    EXPECT_TRUE(all_equal(execute_sums(plan.get(), c, x), sums));
    std::vector<int64_t> counts(256);
    EXPECT_TRUE(fails_with(axnn_plan_unfold_histogram(plan.get(), x.data(), x.size() * sizeof(float), c.n,
                                                      c.h, c.w, counts.data(), 2048),
                           AXNN_ERROR_UNSUPPORTED, "histogram"));
}

}  // namespace
}  // namespace axnn::test
