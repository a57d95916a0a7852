// Classes of tables and the kernels that serve them: how products become entries, which kernel is chosen,
// and that sums are those of the products whichever it is, up to the edges of each class.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "kernels/kernels.hpp"
#include "layers/table_entries.hpp"
#include "layers/table_gemm.hpp"
#include "support/compare.hpp"
#include "support/layers.hpp"
#include "support/layers_fixture.hpp"

namespace axnn::test {
namespace {

// ---- Entries ---------------------------------------------------------------------------------------

// All bytes are reachable.
LutView view_of(const std::vector<int32_t>& table) {
    LutView lut = {table.data(), 256, 1, {}, {}};
    lut.weights.fill(true);
    lut.activations.fill(true);
    return lut;
}

std::optional<EntryFit> fit_of(const LutView& lut, int64_t min, int64_t max) {
    return EntryFit::of(lut, lut.range(), min, max);
}

// The parts and entries must add up to the products, and entries lie in min..max.
void expect_fit(const LutView& lut, int64_t min, int64_t max, bool activation_part) {
    const std::optional<EntryFit> fit = fit_of(lut, min, max);
    ASSERT_TRUE(fit);
    EXPECT_EQ(fit->has_activation_part, activation_part);
    int64_t largest = 0;
    for (size_t w = 0; w < 256; w++)
        for (size_t x = 0; x < 256; x++) {
            if (!lut.weights[w] || !lut.activations[x]) continue;
            const int64_t entry = fit->entry(lut, w, x);
            ASSERT_EQ(entry + fit->weight_part[w] + fit->activation_part[x], lut.product(w, x));
            ASSERT_GE(entry, min);
            ASSERT_LE(entry, max);
            if (!activation_part) {
                ASSERT_EQ(fit->activation_part[x], 0);
            }
            largest = std::max(largest, std::abs(entry));
        }
    EXPECT_EQ(fit->largest(lut), largest);
}

TEST(EntryFit, RangesThatJustFitAndJustDoNot) {
    Random random(1);
    struct Class {
        int64_t min, max;
    };
    for (const auto& [min, max] : {Class{0, 255}, {-4096, 4095}, {-16384, 16383}, {INT16_MIN, INT16_MAX}})
        for (const int64_t offset : {int64_t{0}, int64_t{1000}, int64_t{-2'000'000'000}}) {
            std::vector<int32_t> table = random_table(random, min + offset, max + offset);
            table[7 * 256 + 3] = static_cast<int32_t>(min + offset);
            table[7 * 256 + 200] = static_cast<int32_t>(max + offset);
            expect_fit(view_of(table), min, max, false);
            // One more, in the row that has the smallest.
            table[7 * 256 + 200]++;
            if (max > 255) {
                EXPECT_FALSE(fit_of(view_of(table), min, max));
            }
            // Not reachable: it does not count.
            LutView lut = view_of(table);
            lut.activations[200] = false;
            expect_fit(lut, min, max, false);
        }
}

TEST(EntryFit, RowsMayLieApart) {
    Random random(2);
    std::vector<int32_t> table = random_table(random, 0, 8191);
    for (size_t i = 0; i < table.size(); i++) table[i] += static_cast<int32_t>(i / 256 * 100'000);
    expect_fit(view_of(table), -4096, 4095, false);
    EXPECT_FALSE(fit_of(view_of(table), -4000, 4000));
}

TEST(EntryFit, BytesMayNeedPartsOfBothOperands) {
    Random random(3);
    std::vector<int32_t> table = random_table(random, 0, 120);
    std::vector<int32_t> of_weight = random_table(random, -1'000'000, 1'000'000);
    for (size_t i = 0; i < table.size(); i++) table[i] += of_weight[i / 256] + of_weight[1000 + i % 256];
    expect_fit(view_of(table), 0, 255, true);
    // A table that is no such sum: exact products of more than a few codes.
    EXPECT_FALSE(fit_of(view_of(exact_table()), 0, 255));
    // Nothing overflows on the way.
    for (int32_t& entry : table) entry = random.chance(0.5) ? INT32_MIN : INT32_MAX;
    EXPECT_FALSE(fit_of(view_of(table), 0, 255));
    expect_fit(view_of(table), INT32_MIN, INT32_MAX, false);
}

TEST(EntryFit, OneByteOfEachOperand) {
    const std::vector<int32_t> table(size_t{256} * 256, -77'000);
    LutView lut = view_of(table);
    lut.weights = {};
    lut.activations = {};
    lut.weights[200] = lut.activations[3] = true;
    expect_fit(lut, 0, 255, false);
}

// ---- Layers ----------------------------------------------------------------------------------------

// Activations pass by many channels and few columns, and the other way round; blocks are not filled.
const std::vector<Conv> shapes = {
    {.in_channels = 5, .h = 15, .w = 21, .out_channels = 35, .kernel_h = 3, .kernel_w = 3, .pad_top = 1},
    {.in_channels = 3, .h = 40, .w = 70, .out_channels = 64, .kernel_w = 3},
    {.n = 3,
     .in_channels = 9,
     .h = 5,
     .w = 3,
     .out_channels = 300,
     .kernel_h = 3,
     .kernel_w = 2,
     .pad_top = 1,
     .pad_bottom = 1,
     .pad_left = 1},
    {.n = 2,
     .in_channels = 6,
     .h = 9,
     .w = 9,
     .out_channels = 400,
     .stride_h = 2,
     .stride_w = 2,
     .groups = 2},
    {.n = 70, .in_channels = 33, .out_channels = 500},
    {.in_channels = 12, .h = 3, .w = 2, .out_channels = 3, .kernel_h = 2, .kernel_w = 2}};

class TableLayers : public Layers {
  protected:
    // Checks a table on all shapes, and gives the kernels that ran on the best tier with one thread.
    static std::set<std::string> expect_table(std::vector<int32_t> table, int32_t code_min, Random& random) {
        std::set<std::string> kernels;
        for (const Conv& c : shapes) {
            SCOPED_TRACE(text_of(c));
            ApproxLayer layer;
            layer.table = table;
            layer.desc.input_code_min = code_min;
            layer.desc.input_zero_point = std::max(code_min, -3);
            layer.desc.input_scale = layer.w_scale[0] = 1;
            layer.w = random.reals(c.weights(), -140, 140);
            const std::vector<float> x = random.reals(c.inputs(), -140, 140);
            const ApproxExpected expected = expected_of(layer, c, x);
            for_each_context([&](const axnn_context* context) {
                const Plan plan = layer.make(context, c);
                EXPECT_TRUE(all_equal(execute_sums(plan.get(), c, x), expected.sums));
                EXPECT_TRUE(all_equal(execute(plan.get(), c, x), expected.y));
            });
            const Context best = make_context(AXNN_TIER_BEST, 1);
            const std::string line = explain(layer.make(best.get(), c).get(), c);
            const size_t end = line.find(','), start = line.rfind(' ', end) + 1;
            kernels.insert(line.substr(start, end - start));
        }
        return kernels;
    }

    static bool any_contains(const std::set<std::string>& kernels, const std::string& text) {
        return std::any_of(kernels.begin(), kernels.end(),
                           [&](const std::string& kernel) { return kernel.find(text) != std::string::npos; });
    }
    static bool is_vectorised() { return available_tiers().back() != AXNN_TIER_SCALAR; }
};

// Each class of entries, at its extremes, is served by its own kernel with either operand in the lanes.
TEST_F(TableLayers, EveryClassOfEntries) {
    Random random(4);
    struct Class {
        const char* name;
        int64_t min, max;
    };
    for (const Class& entries : {Class{"uint8", -100, 155},
                                 {"int13", -4096, 4095},
                                 {"int15", -16384, 16383},
                                 {"int16", 0, 65535},
                                 {"int32", -(1 << 20), 1 << 20}})
        for (const int32_t code_min : {-128, 0}) {
            SCOPED_TRACE(std::string(entries.name) + ", codes from " + std::to_string(code_min));
            std::vector<int32_t> table = random_table(random, entries.min, entries.max);
            for (int32_t& entry : table)
                if (random.chance(0.3))
                    entry = static_cast<int32_t>(random.chance(0.5) ? entries.min : entries.max);
            const std::set<std::string> kernels = expect_table(table, code_min, random);
            if (!is_vectorised()) continue;
            EXPECT_TRUE(any_contains(kernels, std::string("_") + entries.name + "_"));
            EXPECT_TRUE(any_contains(kernels, ":w"));
            EXPECT_TRUE(any_contains(kernels, ":x"));
        }
}

// Every product is the largest of its class: one more tap that is added in a narrow type would overflow.
TEST_F(TableLayers, AllProductsAtTheEdge) {
    Random random(5);
    for (const int32_t product :
         {0, 255, 4095, -4096, 4096, 16383, -16384, 16384, 32767, -32768, 65535, 65536})
        for (const int32_t other : {0, product}) {
            SCOPED_TRACE(std::to_string(product) + " and " + std::to_string(other));
            std::vector<int32_t> table(size_t{256} * 256, product);
            table[0] = other;
            expect_table(table, -128, random);
        }
}

// A table of small entries after the parts of both operands have been taken out.
TEST_F(TableLayers, PartsOfBothOperands) {
    Random random(6);
    std::vector<int32_t> table = random_table(random, -60, 60);
    const std::vector<int32_t> part = random_table(random, -20'000, 20'000);
    for (size_t i = 0; i < table.size(); i++) table[i] += part[i / 256] + part[1000 + i % 256];
    const std::set<std::string> kernels = expect_table(table, -128, random);
    if (is_vectorised()) {
        EXPECT_TRUE(any_contains(kernels, "_uint8_"));
    }
}

// A sign-magnitude multiplier: half of its vector tables are negatives of the other half.
TEST_F(TableLayers, OddTables) {
    Random random(7);
    for (const int64_t largest : {4000, 32767, 1 << 20}) {
        std::vector<int32_t> table = random_table(random, -largest, largest);
        for (int w = -127; w < 128; w++)
            for (int x = 0; x < 128; x++) {
                const auto at = [](int a, int b) {
                    return size_t{256} * static_cast<uint8_t>(a) + static_cast<uint8_t>(b);
                };
                const int32_t product = w == 0 || x == 0 ? 0 : table[at(std::abs(w), x)];
                table[at(w, x)] = w < 0 ? -product : product;
                table[at(w, -x)] = -table[at(w, x)];
            }
        for (const Conv& c : shapes) {
            SCOPED_TRACE(text_of(c));
            ApproxLayer layer;
            layer.table = table;
            layer.desc.input_code_min = layer.desc.weight_code_min = -127;
            layer.w = random.reals(c.weights(), -2, 2);
            layer.desc.input_scale = layer.w_scale[0] = 1.0f / 70;
            const std::vector<float> x = random.reals(c.inputs(), -2, 2);
            const ApproxExpected expected = expected_of(layer, c, x);
            for_each_context([&](const axnn_context* context) {
                EXPECT_TRUE(all_equal(execute(layer.make(context, c).get(), c, x), expected.y));
            });
        }
    }
}

// ---- Choice ----------------------------------------------------------------------------------------

// A kernel with these costs, as a candidate.
TableCandidate candidate_of(uint32_t lanes, LaneOperand lane, float lane_cycles, float index_cycles) {
    TableCandidate candidate = {};
    candidate.kernel.lanes = lanes;
    candidate.kernel.lane_cycles = lane_cycles;
    candidate.kernel.index_cycles = index_cycles;
    candidate.lane = lane;
    return candidate;
}

TEST(TableGemmCycles, TheLongerOperandPassesBy) {
    const TableCandidate weights = candidate_of(16, LaneOperand::weights, 600, 1.7f);
    const TableCandidate activations = candidate_of(16, LaneOperand::activations, 600, 1.7f);
    const auto cycles = [](const TableCandidate& candidate, size_t channels, size_t columns) {
        return table_gemm_cycles(candidate, {channels, 576, columns, 1, 1, 256});
    };
    EXPECT_LT(cycles(weights, 64, 3136), cycles(activations, 64, 3136));
    EXPECT_GT(cycles(weights, 512, 49), cycles(activations, 512, 49));
    // Few of both: a kernel that makes no tables.
    const TableCandidate scalar = candidate_of(1, LaneOperand::weights, 4, 1.8f);
    EXPECT_LT(cycles(scalar, 8, 8), cycles(weights, 8, 8));
    EXPECT_LT(cycles(scalar, 8, 8), cycles(activations, 8, 8));
}

TEST(TableGemmCycles, ShorterTablesAndMoreThreadsTakeLess) {
    const TableCandidate weights = candidate_of(16, LaneOperand::weights, 600, 1.7f);
    const double all = table_gemm_cycles(weights, {64, 576, 100, 1, 1, 256});
    EXPECT_LT(table_gemm_cycles(weights, {64, 576, 100, 1, 1, 128}), all);
    EXPECT_LT(table_gemm_cycles(weights, {64, 576, 100, 1, 2, 256}), all);
    // One block of lanes is not divided among threads.
    EXPECT_EQ(table_gemm_cycles(weights, {16, 576, 100, 1, 2, 256}),
              table_gemm_cycles(weights, {16, 576, 100, 1, 1, 256}));
}

}  // namespace
}  // namespace axnn::test
