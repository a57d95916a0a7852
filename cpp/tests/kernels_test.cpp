// Every kernel of every tier against its definition in kernels.hpp, with ==, on random and adversarial
// shapes. All memory is guarded: a kernel that reads or writes one element too far crashes.
#include "kernels/kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "runtime/aligned_buffer.hpp"
#include "support/compare.hpp"
#include "support/guarded_buffer.hpp"
#include "support/random.hpp"
#include "support/tiers.hpp"

namespace axnn::test {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

class Kernel : public ::testing::TestWithParam<Tier> {
  protected:
    const Kernels& kernels() const { return GetParam().kernels; }
};

INSTANTIATE_TEST_SUITE_P(Tiers, Kernel, ::testing::ValuesIn(kernel_tiers()),
                         [](const auto& tier) { return tier.param.name; });

Guard any_guard(Random& random) { return random.pick({Guard::after, Guard::before}); }

// ---- Quantise --------------------------------------------------------------------------------------

int32_t expected_code(float v, const QuantizeParameters& q) {
    const float quotient = v / q.scale;
    float code = quotient + q.zero_point;
    if (std::isnan(code)) code = q.zero_point;
    else code = std::clamp(std::nearbyint(code), q.code_min, q.code_max);
    return static_cast<int32_t>(code);
}

// As bytes and as words.
void expect_codes(const Kernels& kernels, const std::vector<float>& values, const QuantizeParameters& q,
                  Guard guard) {
    SCOPED_TRACE("count " + std::to_string(values.size()) + ", scale " + std::to_string(q.scale) +
                 ", zero point " + std::to_string(q.zero_point));
    const GuardedBuffer<float> x(values, guard);
    GuardedBuffer<uint8_t> bytes(values.size(), guard);
    GuardedBuffer<uint16_t> words(values.size(), guard);
    kernels.quantize(x.data(), x.size(), q, bytes.data());
    kernels.quantize_words(x.data(), x.size(), q, words.data());
    std::vector<uint8_t> expected_bytes;
    std::vector<uint16_t> expected_words;
    for (float v : values) {
        const int32_t code = expected_code(v, q);
        expected_bytes.push_back(static_cast<uint8_t>(code));
        expected_words.push_back(static_cast<uint16_t>(code));
    }
    EXPECT_TRUE(all_equal(bytes.values(), expected_bytes));
    EXPECT_TRUE(all_equal(words.values(), expected_words));
}

TEST_P(Kernel, QuantizeRoundsHalfToEvenAndSaturates) {
    std::vector<float> values = {
        0.0f,  -0.0f,  infinity,      -infinity,      nan,           -nan,          1e-45f, -1e-45f,
        3e38f, -3e38f, 2147483648.0f, -2147483648.0f, 2147483520.0f, 4294967296.0f, 1e10f,  -1e10f};
    for (int32_t i = -600; i <= 600; i++) {
        const float tie = static_cast<float>(i) * 0.5f;
        for (float v : {tie, std::nextafter(tie, infinity), std::nextafter(tie, -infinity)})
            values.push_back(v);
    }
    for (float scale : {1.0f, 0.5f, 2.0f, 0.0078125f, 1e-38f, 1e-45f, 1e30f}) {
        // Ties stay ties where the scale is a power of two; extreme scales meet the values as they are.
        const bool extreme = scale < 1e-30f || scale > 1e20f;
        std::vector<float> scaled;
        for (float v : values) scaled.push_back(extreme ? v : v * scale);
        for (const QuantizeParameters& q : {QuantizeParameters{scale, 0, -128, 127},
                                            {scale, 0, 0, 255},
                                            {scale, -128, -128, 127},
                                            {scale, 127, -128, 127},
                                            {scale, 255, 0, 255},
                                            {scale, 3, 0, 127},
                                            {scale, 0, -127, 127},
                                            {scale, 5, 5, 5},
                                            {scale, 9, -32768, 32767},
                                            {scale, 0, 0, 65535}})
            expect_codes(kernels(), scaled, q, Guard::after);
    }
}

TEST_P(Kernel, QuantizeEveryCount) {
    Random random(1);
    for (size_t count = 0; count <= 200; count++) {
        const float zero_point = static_cast<float>(random.integer(-128, 127));
        const float scale = random.real(1e-4f, 10.0f);
        std::vector<float> values = random.reals(count, -150 * scale, 150 * scale);
        if (count) values[static_cast<size_t>(random.integer(0, static_cast<int64_t>(count) - 1))] = nan;
        expect_codes(kernels(), values, {scale, zero_point, -128, 127}, any_guard(random));
    }
}

// A reciprocal instead of a division, or a fused multiply-add, differs on some of these.
TEST_P(Kernel, QuantizeDividesThenAddsThenRounds) {
    Random random(2);
    for (int repeat = 0; repeat < 40; repeat++) {
        const float scale = random.real(1e-3f, 1.0f);
        const float zero_point = static_cast<float>(random.integer(0, 255));
        std::vector<float> values;
        for (int i = 0; i < 4000; i++) {
            const float half = (static_cast<float>(random.integer(0, 255)) + 0.5f - zero_point) * scale;
            values.push_back(
                random.pick({half, std::nextafter(half, infinity), std::nextafter(half, -infinity)}));
        }
        expect_codes(kernels(), values, {scale, zero_point, 0, 255}, Guard::after);
    }
}

// ---- Table GEMM ------------------------------------------------------------------------------------

struct LutProblem {
    size_t taps;
    size_t count;
    size_t tap_stride;             // bytes between the bytes of a tap
    std::vector<int32_t> entries;  // [lane byte][index byte]
    size_t index_padding = 0;      // indices of a step that belong to others
    uint8_t lane_max = 255;
    uint8_t index_max = 255;
    bool odd = false;  // entries are, and no index is -128
};

void expect_lut_gemm(const LutGemm& gemm, const LutProblem& p, Random& random) {
    SCOPED_TRACE(std::string(gemm.name) + ": " + std::to_string(p.taps) + " taps, " +
                 std::to_string(p.count) + " indices, tap stride " + std::to_string(p.tap_stride) +
                 ", index padding " + std::to_string(p.index_padding));
    const size_t tap_bytes = p.count ? (p.count - 1) * p.tap_stride + 1 : 0;
    const Guard guard = any_guard(random);
    const auto index = [&] {
        for (;;) {
            const auto byte = static_cast<uint8_t>(random.integer(0, p.index_max));
            if (!p.odd || byte != 128) return byte;
        }
    };

    GuardedBuffer<uint8_t> table(gemm.table_bytes, guard, 64);
    gemm.make_table(p.entries.data(), table.data());
    GuardedBuffer<uint8_t> lanes(p.taps * gemm.lanes, guard);
    for (size_t i = 0; i < lanes.size(); i++) lanes[i] = static_cast<uint8_t>(random.integer(0, p.lane_max));
    std::vector<std::vector<uint8_t>> taps(p.taps, std::vector<uint8_t>(tap_bytes));
    for (auto& tap : taps)
        for (uint8_t& byte : tap) byte = index();

    const size_t steps = (p.taps + gemm.step - 1) / gemm.step;
    const size_t stride = p.count + p.index_padding;
    // The last step's padding is not there.
    GuardedBuffer<uint16_t> indices(((steps - 1) * stride + p.count) * gemm.step, guard);
    std::vector<std::unique_ptr<GuardedBuffer<uint8_t>>> step_taps;
    for (size_t j = 0; j < gemm.step; j++)
        step_taps.push_back(std::make_unique<GuardedBuffer<uint8_t>>(tap_bytes, guard));
    for (size_t s = 0; s < steps; s++) {
        std::vector<const uint8_t*> pointers(gemm.step);
        for (size_t j = 0; j < gemm.step && s * gemm.step + j < p.taps; j++) {
            std::copy_n(taps[s * gemm.step + j].data(), tap_bytes, step_taps[j]->data());
            pointers[j] = step_taps[j]->data();
        }
        gemm.pack(pointers.data(), p.count, p.tap_stride, indices.data() + s * stride * gemm.step);
    }

    GuardedBuffer<int32_t> sums(p.count * gemm.lanes, guard, 64);
    std::vector<int32_t> expected(sums.size());
    for (size_t i = 0; i < sums.size(); i++)
        expected[i] = sums[i] = static_cast<int32_t>(random.integer(INT32_MIN, INT32_MAX));
    for (size_t n = 0; n < p.count; n++)
        for (size_t l = 0; l < gemm.lanes; l++) {
            auto sum = static_cast<uint32_t>(expected[n * gemm.lanes + l]);
            for (size_t k = 0; k < p.taps; k++)
                sum += static_cast<uint32_t>(
                    p.entries[size_t{256} * lanes[k * gemm.lanes + l] + taps[k][n * p.tap_stride]]);
            expected[n * gemm.lanes + l] = static_cast<int32_t>(sum);
        }
    GuardedBuffer<uint8_t> scratch(gemm.scratch_bytes, guard, 64);
    gemm.run({.table = table.data(),
              .lanes = lanes.data(),
              .indices = indices.data(),
              .index_stride = stride,
              .taps = p.taps,
              .count = p.count,
              .sums = sums.data(),
              .scratch = scratch.data(),
              .lane_end = size_t{p.lane_max} + 1,
              .index_end = size_t{p.index_max} + 1,
              .odd = p.odd});
    EXPECT_TRUE(all_equal(sums.values(), expected));
    EXPECT_TRUE(sums.gap_untouched());
    EXPECT_TRUE(scratch.gap_untouched());
    EXPECT_TRUE(table.gap_untouched());
}

std::vector<int32_t> entries_of(Random& random, int64_t low, int64_t high) {
    std::vector<int32_t> entries(size_t{256} * 256);
    for (int32_t& entry : entries) entry = static_cast<int32_t>(random.integer(low, high));
    return entries;
}

// entry(l, -x) = -entry(l, x), index bytes as two's complement.
std::vector<int32_t> odd_entries(Random& random, int64_t largest) {
    std::vector<int32_t> entries = entries_of(random, -largest, largest);
    for (size_t l = 0; l < 256; l++) {
        entries[l * 256] = 0;
        for (size_t x = 1; x < 128; x++) entries[l * 256 + 256 - x] = -entries[l * 256 + x];
    }
    return entries;
}

void check_lut_gemm(const LutGemm& gemm) {
    Random random(3);
    const int64_t low = gemm.entry_min, high = gemm.entry_max;
    const std::vector<int32_t> uniform = entries_of(random, low, high);

    for (size_t taps : {1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 33})
        for (size_t count : {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33})
            expect_lut_gemm(gemm, {taps, count, 1, uniform}, random);
    for (size_t stride : {2, 3, 4, 5, 7})
        for (size_t count : {1, 2, 15, 16, 17, 40})
            expect_lut_gemm(gemm, {9, count, stride, uniform}, random);
    for (int repeat = 0; repeat < 30; repeat++)
        expect_lut_gemm(
            gemm,
            {static_cast<size_t>(random.integer(1, 70)), static_cast<size_t>(random.integer(1, 90)),
             static_cast<size_t>(random.integer(1, 3)), uniform, static_cast<size_t>(random.integer(0, 9))},
            random);

    // Extreme entries, at which one more that is added in a narrow type would overflow; and so many of them
    // that the sums wrap.
    std::vector<int32_t> extremes(size_t{256} * 256);
    for (int32_t& entry : extremes) entry = static_cast<int32_t>(random.chance(0.9) ? low : high);
    const std::vector<int32_t> all_lowest(size_t{256} * 256, gemm.entry_min);
    const std::vector<int32_t> all_highest(size_t{256} * 256, gemm.entry_max);
    for (const auto& entries : {extremes, all_lowest, all_highest})
        for (size_t taps : {1, 8, 67, 255, 256, 257, 258, 511, 513, 70'000})
            expect_lut_gemm(gemm, {taps, taps > 1000 ? size_t{2} : 9, 1, entries}, random);
    for (int end : {0, 1, 6, 7, 8, 9, 15, 16, 100, 126, 127, 128, 200, 254}) {
        const auto max = static_cast<uint8_t>(end);
        expect_lut_gemm(gemm, {60, 50, 1, uniform, 0, 255, max}, random);
        expect_lut_gemm(gemm, {60, 50, 1, uniform, 0, max, 255}, random);
    }
    if (low < 0)
        expect_lut_gemm(
            gemm,
            {.taps = 100, .count = 300, .tap_stride = 1, .entries = odd_entries(random, high), .odd = true},
            random);
    // Many taps, few indices, and the other way round.
    expect_lut_gemm(gemm, {4608, 5, 1, uniform}, random);
    expect_lut_gemm(gemm, {5, 20'000, 1, uniform}, random);
}

TEST_P(Kernel, LutGemmUint8) { check_lut_gemm(kernels().lut_gemm_uint8); }

TEST_P(Kernel, LutGemmInt13) { check_lut_gemm(kernels().lut_gemm_int13); }

TEST_P(Kernel, LutGemmInt15) { check_lut_gemm(kernels().lut_gemm_int15); }

TEST_P(Kernel, LutGemmInt16) { check_lut_gemm(kernels().lut_gemm_int16); }

TEST_P(Kernel, LutGemmInt32) { check_lut_gemm(kernels().lut_gemm_int32); }

TEST_P(Kernel, LutPlanesUint8) { check_lut_gemm(kernels().lut_planes_uint8); }

TEST_P(Kernel, LutPlanesInt16) { check_lut_gemm(kernels().lut_planes_int16); }

// ---- Binary GEMM -----------------------------------------------------------------------------------

enum class Words { random, all_differ, all_equal };

// rows_apart: the words of a row lie side by side, else those of the rows.
void expect_binary_gemm(const BinaryGemm& gemm, uint32_t present, size_t words, size_t extra_stride,
                        Words kind, Random& random) {
    SCOPED_TRACE(std::string(gemm.name) + ": " + std::to_string(present) + " rows present, " +
                 std::to_string(words) + " words");
    const Guard guard = any_guard(random);
    const bool rows_apart = random.chance(0.5);
    const size_t row_stride = rows_apart ? words + extra_stride : 1;
    const size_t word_stride = rows_apart ? 1 : present + extra_stride;
    const auto word = [&](uint64_t constant) { return kind == Words::random ? random.bits() : constant; };

    std::vector<uint64_t> rows((present - 1) * row_stride + (words - 1) * word_stride + 1);
    for (uint64_t& w : rows) w = word(~uint64_t{0});
    const auto row_word = [&](uint32_t r, size_t i) {
        return r < present ? rows[r * row_stride + i * word_stride] : 0;
    };
    std::vector<std::vector<uint64_t>> columns(words, std::vector<uint64_t>(gemm.columns));
    for (auto& row : columns)
        for (uint64_t& x : row) x = word(kind == Words::all_equal ? ~uint64_t{0} : 0);

    const GuardedBuffer<uint64_t> guarded_rows(rows, guard);
    GuardedBuffer<uint8_t> block(words * gemm.block_bytes, guard, 64);
    gemm.pack_block({guarded_rows.data(), row_stride, word_stride, present}, words, block.data());
    GuardedBuffer<uint8_t> panel(words * gemm.panel_bytes, guard, 64);
    GuardedBuffer<uint64_t> row(gemm.columns, guard);
    for (size_t i = 0; i < words; i++) {
        std::copy_n(columns[i].data(), gemm.columns, row.data());
        gemm.pack_panel(row.data(), panel.data() + i * gemm.panel_bytes);
    }

    const size_t unpacked_stride = words + extra_stride;
    GuardedBuffer<uint64_t> unpacked((gemm.rows - 1) * unpacked_stride + words, guard);
    std::vector<uint64_t> same = unpacked.values();
    for (uint32_t r = 0; r < gemm.rows; r++)
        for (size_t i = 0; i < words; i++) same[r * unpacked_stride + i] = row_word(r, i);
    gemm.unpack_block(block.data(), words, unpacked.data(), unpacked_stride);
    EXPECT_TRUE(all_equal(unpacked.values(), same));

    const size_t stride = gemm.columns + extra_stride;
    GuardedBuffer<int32_t> sums((gemm.rows - 1) * stride + gemm.columns, guard);
    std::vector<int32_t> expected(sums.size());
    for (size_t i = 0; i < sums.size(); i++)
        expected[i] = sums[i] = static_cast<int32_t>(random.integer(-1000, 1000));
    const bool begin = random.chance(0.5);
    const auto first = static_cast<int32_t>(random.integer(-1000, 1000));
    for (uint32_t r = 0; r < gemm.rows; r++)
        for (uint32_t n = 0; n < gemm.columns; n++) {
            int32_t& sum = expected[r * stride + n];
            if (begin) sum = first;
            for (size_t i = 0; i < words; i++)
                sum -= 2 * __builtin_popcountll(row_word(r, i) ^ columns[i][n]);
        }
    gemm.run({block.data(), panel.data(), words, begin, first, sums.data(), stride});
    EXPECT_TRUE(all_equal(sums.values(), expected));
    EXPECT_TRUE(block.gap_untouched());
    EXPECT_TRUE(panel.gap_untouched());
}

TEST_P(Kernel, BinaryGemm) {
    Random random(4);
    const BinaryGemm& gemm = kernels().binary_gemm;
    for (uint32_t present = 1; present <= gemm.rows; present++)
        for (size_t words : {1, 2, 3, 4, 5, 7, 9, 18})
            expect_binary_gemm(gemm, present, words, words % 2, Words::random, random);
    // Counts around the limits of 8-bit counters (31 words of differing bytes, 63 and 252 nibbles, 255 bits)
    // and of 16-bit ones (16380 nibbles, 1023 words of 64 differing bits).
    for (size_t words : {3,   4,   15,  16,  17,  31,  32,  33,  62,   63,   64,   65,   126,  127,
                         128, 251, 252, 253, 255, 256, 257, 511, 1023, 1024, 1025, 2041, 4099, 9000})
        for (Words kind : {Words::random, Words::all_differ, Words::all_equal})
            expect_binary_gemm(gemm, gemm.rows, words, 0, kind, random);
    expect_binary_gemm(gemm, 1, 70'000, 3, Words::all_differ, random);
}

// Blocks as a panel are the panel of their rows.
TEST_P(Kernel, BinarySpread) {
    Random random(41);
    const BinaryGemm& gemm = kernels().binary_gemm;
    const uint32_t count = gemm.columns / gemm.rows;
    for (size_t words : {1, 2, 3, 5, 18})
        for (uint32_t absent = 0; absent <= count; absent++) {
            SCOPED_TRACE(std::to_string(words) + " words, " + std::to_string(absent) + " blocks absent");
            const Guard guard = any_guard(random);
            std::vector<uint64_t> rows(words * gemm.columns);
            for (size_t i = 0; i < rows.size(); i++)
                rows[i] = i % gemm.columns < (count - absent) * gemm.rows ? random.bits() : 0;
            std::vector<std::unique_ptr<GuardedBuffer<uint8_t>>> blocks;
            std::vector<const void*> pointers(count);
            for (uint32_t b = 0; b < count - absent; b++) {
                blocks.push_back(
                    std::make_unique<GuardedBuffer<uint8_t>>(words * gemm.block_bytes, guard, 64));
                gemm.pack_block({rows.data() + b * gemm.rows, 1, gemm.columns, gemm.rows}, words,
                                blocks[b]->data());
                pointers[b] = blocks[b]->data();
            }
            GuardedBuffer<uint8_t> expected(words * gemm.panel_bytes, guard, 64);
            for (size_t i = 0; i < words; i++)
                gemm.pack_panel(rows.data() + i * gemm.columns, expected.data() + i * gemm.panel_bytes);
            GuardedBuffer<uint8_t> panel(words * gemm.panel_bytes, guard, 64);
            gemm.spread_blocks(pointers.data(), words, panel.data());
            EXPECT_TRUE(all_equal(panel.values(), expected.values()));
        }
}

// ---- Dequantise ------------------------------------------------------------------------------------

void expect_dequantized(const Kernels& kernels, bool planar, size_t channels, size_t columns,
                        size_t sum_padding, bool channels_last, size_t y_padding, float lower, float upper,
                        Random& random) {
    SCOPED_TRACE(std::string(planar ? "planar" : "interleaved") + ", " + std::to_string(channels) +
                 " channels, " + std::to_string(columns) + " columns, sum padding " +
                 std::to_string(sum_padding) + ", y padding " + std::to_string(y_padding) +
                 (channels_last ? ", channels last" : ""));
    const Guard guard = any_guard(random);
    const size_t inner = planar ? columns : channels;
    const size_t outer = planar ? channels : columns;
    const size_t sum_stride = inner + sum_padding;
    GuardedBuffer<int32_t> sums((outer - 1) * sum_stride + inner, guard);
    GuardedBuffer<int32_t> offset(channels, guard);
    GuardedBuffer<float> scale(channels, guard);
    GuardedBuffer<float> bias(channels, guard);
    for (size_t c = 0; c < channels; c++) {
        offset[c] = static_cast<int32_t>(
            random.pick({random.integer(-1000, 1000), random.integer(INT32_MIN, INT32_MAX)}));
        scale[c] = random.pick({random.real(1e-6f, 1e-3f), 1.0f, 1e-30f, 1e25f});
        bias[c] = random.pick({0.0f, -0.0f, random.real(-100, 100)});
    }
    const auto sum_index = [&](size_t c, size_t n) {
        return planar ? c * sum_stride + n : n * sum_stride + c;
    };
    for (size_t i = 0; i < sums.size(); i++) sums[i] = 0;
    for (size_t c = 0; c < channels; c++)
        for (size_t n = 0; n < columns; n++) {
            // sum + offset is any int32: small, large (rounded by the conversion) or extreme.
            const int64_t total =
                random.pick({random.integer(-300, 300), random.integer(INT32_MIN, INT32_MAX),
                             int64_t{INT32_MIN}, int64_t{INT32_MAX}, int64_t{(1 << 24) + 1}});
            sums[sum_index(c, n)] =
                static_cast<int32_t>(static_cast<uint32_t>(total) - static_cast<uint32_t>(offset[c]));
        }
    const size_t channel_stride = channels_last ? 1 : columns + y_padding;
    const size_t column_stride = channels_last ? channels + y_padding : 1;
    const float untouched = -12345.5f;
    GuardedBuffer<float> y((channels - 1) * channel_stride + (columns - 1) * column_stride + 1, guard);
    std::vector<float> expected(y.size(), untouched);
    for (size_t i = 0; i < y.size(); i++) y[i] = untouched;
    for (size_t c = 0; c < channels; c++)
        for (size_t n = 0; n < columns; n++) {
            const int64_t total = static_cast<int32_t>(static_cast<uint32_t>(sums[sum_index(c, n)]) +
                                                       static_cast<uint32_t>(offset[c]));
            const float product = static_cast<float>(total) * scale[c];
            float v = product + bias[c];
            v = lower > v ? lower : v;
            v = upper < v ? upper : v;
            expected[c * channel_stride + n * column_stride] = v;
        }
    const Dequantize d = {.sums = sums.data(),
                          .sum_stride = sum_stride,
                          .channels = channels,
                          .columns = columns,
                          .offset = offset.data(),
                          .scale = scale.data(),
                          .bias = bias.data(),
                          .lower = lower,
                          .upper = upper,
                          .y = y.data(),
                          .channel_stride = channel_stride,
                          .column_stride = column_stride};
    (planar ? kernels.dequantize_planar : kernels.dequantize_interleaved)(d);
    EXPECT_TRUE(all_equal(y.values(), expected));
    for (size_t i = 0; i < y.size(); i++)
        ASSERT_EQ(std::signbit(y[i]), std::signbit(expected[i])) << "sign of zero, element " << i;
}

TEST_P(Kernel, Dequantize) {
    Random random(5);
    for (bool planar : {false, true})
        for (bool channels_last : {false, true}) {
            for (size_t channels : {1, 2, 7, 8, 9, 15, 16, 17, 33})
                for (size_t columns : {1, 2, 7, 8, 9, 16, 17, 35})
                    expect_dequantized(kernels(), planar, channels, columns, 0, channels_last, 0, -infinity,
                                       infinity, random);
            for (int repeat = 0; repeat < 60; repeat++)
                expect_dequantized(
                    kernels(), planar, static_cast<size_t>(random.integer(1, 40)),
                    static_cast<size_t>(random.integer(1, 60)), static_cast<size_t>(random.integer(0, 9)),
                    channels_last, static_cast<size_t>(random.integer(0, 9)),
                    random.pick({-infinity, 0.0f, -1.5f}), random.pick({infinity, 6.0f, 0.0f}), random);
        }
}

// ---- Float GEMM ------------------------------------------------------------------------------------

TEST_P(Kernel, FloatGemm) {
    Random random(6);
    for (int repeat = 0; repeat < 60; repeat++) {
        const size_t m = static_cast<size_t>(random.integer(1, 40));
        const size_t k = static_cast<size_t>(repeat % 3 ? random.integer(1, 40) : random.integer(200, 700));
        const size_t n = static_cast<size_t>(random.integer(1, 70));
        const size_t w_stride = k + static_cast<size_t>(random.integer(0, 5));
        const bool accumulate = random.chance(0.5);
        SCOPED_TRACE(std::to_string(m) + " x " + std::to_string(k) + " x " + std::to_string(n));
        const Guard guard = any_guard(random);
        const GuardedBuffer<float> w(random.reals((m - 1) * w_stride + k, -1, 1), guard);
        const GuardedBuffer<float> x(random.reals(k * n, -1, 1), guard);
        GuardedBuffer<float> y(random.reals(m * n, -1, 1), guard);
        std::vector<double> expected(m * n);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++) {
                double sum = accumulate ? y[i * n + j] : 0;
                for (size_t l = 0; l < k; l++) sum += static_cast<double>(w[i * w_stride + l]) * x[l * n + j];
                expected[i * n + j] = sum;
            }
        // What is not accumulated must not be read either.
        if (!accumulate) std::fill_n(y.data(), y.size(), nan);
        kernels().float_gemm({w.data(), w_stride, x.data(), y.data(), m, k, n, accumulate});
        EXPECT_TRUE(all_close(y.values(), expected));
    }
}

// ---- Panel GEMM -----------------------------------------------------------------------------------

// Columns of a panel GEMM in rows, as they lie in each tap.
struct PanelColumns {
    size_t rows;
    size_t row_stride;
    size_t length;
    size_t stride;

    size_t count() const { return rows * length; }
    size_t place(size_t n) const { return n / length * row_stride + n % length * stride; }
    size_t extent() const { return place(count() - 1) + 1; }
};

// Packed operands of a panel GEMM: random weights [present][taps] and values [taps][extent]. No more memory
// behind them than a kernel may touch.
template <typename Element, typename Sum>
struct PanelOperands {
    using Kernel = PanelGemm<Element, Sum>;
    PanelOperands(const Kernel& kernel, size_t present, size_t taps, const PanelColumns& used, uint8_t flip,
                  const std::vector<Element>& w, const std::vector<Element>& x, Guard guard)
        : columns((used.count() + kernel.columns - 1) / kernel.columns * kernel.columns),
          steps((taps + kernel.step - 1) / kernel.step),
          weights(steps * kernel.step * kernel.channels * kernel.weight_size, guard, 64),
          values((steps * columns + Kernel::overrun) * kernel.step * kernel.value_size, guard, 64) {
        const GuardedBuffer<Element> guarded_w(w, guard);
        const GuardedBuffer<Element> guarded_x(x, guard);
        std::vector<const Element*> channels(kernel.channels);
        for (size_t c = 0; c < present; c++) channels[c] = guarded_w.data() + c * taps;
        kernel.pack_weights(channels.data(), taps, weights.data());
        std::fill_n(values.data(), values.size(), uint8_t{0});
        std::vector<const Element*> step(kernel.step);
        for (size_t s = 0; s < steps; s++) {
            for (size_t j = 0; j < kernel.step; j++) {
                const size_t tap = s * kernel.step + j;
                step[j] = tap < taps ? guarded_x.data() + tap * used.extent() : nullptr;
            }
            kernel.pack_values({step.data(), used.rows, used.row_stride, used.length, used.stride, flip,
                                values.data() + s * kernel.step * columns * kernel.value_size});
        }
        EXPECT_TRUE(weights.gap_untouched());
        EXPECT_TRUE(values.gap_untouched());
    }

    size_t columns;
    size_t steps;
    GuardedBuffer<uint8_t> weights;
    GuardedBuffer<uint8_t> values;
};

// value(byte or float): what the kernel multiplies by for an element of the values.
template <typename Element, typename Sum, typename Exact, typename Weight, typename Value, typename Equal>
void check_panel_gemm(const PanelGemm<Element, Sum>& kernel, Random& random, size_t taps, size_t length,
                      uint8_t flip, const std::vector<Element>& any_weight,
                      const std::vector<Element>& any_value, const Weight& weight, const Value& value,
                      const Equal& equal) {
    const size_t stride = random.pick({1, 1, 2, 3});
    const PanelColumns used = {random.pick<size_t>({1, 1, 2, 3}), length * stride + random.integer(0, 5),
                               length, stride};
    const size_t present = random.integer(1, kernel.channels);
    SCOPED_TRACE(std::to_string(present) + "/" + std::to_string(taps) + "/" + std::to_string(used.rows) +
                 "x" + std::to_string(length) + ", stride " + std::to_string(stride));
    std::vector<Element> w(present * taps), x(taps * used.extent() + kernel.overrun);
    for (Element& v : w) v = any_weight[random.integer(0, any_weight.size() - 1)];
    for (Element& v : x) v = any_value[random.integer(0, any_value.size() - 1)];
    const PanelOperands<Element, Sum> operands(kernel, present, taps, used, flip, w, x, any_guard(random));
    const bool accumulate = random.chance(0.5);
    const size_t sum_stride = operands.columns + 16;
    AlignedBuffer<Sum> sums(kernel.channels * sum_stride);
    for (size_t i = 0; i < sums.size(); i++) sums[i] = static_cast<Sum>(i % 100);
    kernel.run({operands.weights.data(), operands.values.data(), operands.steps, operands.columns,
                sums.data(), sum_stride, accumulate});
    for (size_t c = 0; c < kernel.channels; c++) {
        std::vector<Sum> got;
        std::vector<Exact> expected;
        for (size_t n = 0; n < used.count(); n++) {
            Exact sum = accumulate ? static_cast<Exact>((c * sum_stride + n) % 100) : 0;
            for (size_t k = 0; k < taps && c < present; k++)
                sum +=
                    static_cast<Exact>(weight(w[c * taps + k])) * value(x[k * used.extent() + used.place(n)]);
            got.push_back(sums[c * sum_stride + n]);
            expected.push_back(sum);
        }
        EXPECT_TRUE(equal(got, expected));
        // What lies between the rows of sums is nobody's.
        for (size_t n = operands.columns; n < sum_stride; n++)
            EXPECT_EQ(sums[c * sum_stride + n], static_cast<Sum>((c * sum_stride + n) % 100));
    }
}

void check_int8_panel(const Int8PanelGemm& kernel, Random& random, size_t taps, size_t length, uint8_t flip,
                      const std::vector<uint8_t>& any_weight, const std::vector<uint8_t>& any_value) {
    check_panel_gemm<uint8_t, int32_t, int64_t>(
        kernel, random, taps, length, flip, any_weight, any_value,
        [](uint8_t byte) { return static_cast<int8_t>(byte); },
        [&](uint8_t byte) { return static_cast<uint8_t>(byte ^ flip); },
        [](const std::vector<int32_t>& got, const std::vector<int64_t>& expected) {
            return all_equal(std::vector<int64_t>(got.begin(), got.end()), expected);
        });
}

TEST_P(Kernel, Int8PanelGemm) {
    Random random(41);
    std::vector<uint8_t> any = {0, 127, 128, 255}, any_7bit = {0, 1, 127};
    for (int i = 0; i < 20; i++) any.push_back(static_cast<uint8_t>(random.integer(0, 255)));
    for (int i = 0; i < 20; i++) any_7bit.push_back(static_cast<uint8_t>(random.integer(0, 127)));
    for (const size_t taps : {1, 2, 3, 4, 5, 9, 64, 577})
        for (const size_t length : {1, 2, 7, 15, 16, 17, 33, 47, 48, 49, 100}) {
            check_int8_panel(kernels().int8_panel, random, taps, length, 0, any, any);
            check_int8_panel(kernels().int8_panel, random, taps, length, 128, any, any);
            check_int8_panel(kernels().int8_panel_7bit, random, taps, length, 0, any, any_7bit);
        }
    // The largest sums, which an instruction that saturates, or adds in 16 bits, gets wrong.
    for (const uint8_t weight : {uint8_t{128}, uint8_t{127}}) {
        check_int8_panel(kernels().int8_panel, random, 65000, 3, 0, {weight}, {255});
        check_int8_panel(kernels().int8_panel_7bit, random, 65000, 3, 0, {weight}, {127});
    }
}

// Sums are modulo 2^32: so is that of (-32768)^2 twice, which is all that one vpmaddwd cannot hold.
TEST_P(Kernel, Int16PanelGemm) {
    Random random(43);
    std::vector<int16_t> any = {0, 1, -1, INT16_MIN, INT16_MAX};
    for (int i = 0; i < 30; i++) any.push_back(static_cast<int16_t>(random.integer(INT16_MIN, INT16_MAX)));
    const auto same = [](int16_t word) { return word; };
    const auto check = [&](size_t taps, size_t length, const std::vector<int16_t>& values) {
        check_panel_gemm<int16_t, int32_t, int64_t>(
            kernels().int16_panel, random, taps, length, 0, values, values, same, same,
            [](const std::vector<int32_t>& got, const std::vector<int64_t>& expected) {
                std::vector<int32_t> wrapped;
                for (const int64_t sum : expected) wrapped.push_back(static_cast<int32_t>(sum));
                return all_equal(got, wrapped);
            });
    };
    for (const size_t taps : {1, 2, 3, 4, 9, 64, 577})
        for (const size_t length : {1, 2, 7, 15, 16, 17, 33, 47, 48, 49, 100}) check(taps, length, any);
    for (const size_t taps : {1, 2, 3, 1000}) check(taps, 20, {INT16_MIN});
}

TEST_P(Kernel, FloatPanelGemm) {
    Random random(42);
    const std::vector<float> any = random.reals(100, -1, 1);
    const auto same = [](float v) { return v; };
    for (const size_t taps : {1, 2, 9, 64, 577})
        for (const size_t length : {1, 2, 7, 15, 16, 17, 33, 47, 48, 49, 100})
            check_panel_gemm<float, float, double>(
                kernels().float_panel, random, taps, length, 0, any, any, same, same,
                [](const auto& got, const auto& expected) { return all_close(got, expected); });
}

// ---- Bytes by table --------------------------------------------------------------------------------

TEST_P(Kernel, MapBytes) {
    Random random(44);
    AlignedBuffer<uint8_t> table(256);
    for (size_t i = 0; i < table.size(); i++) table[i] = static_cast<uint8_t>(random.integer(0, 255));
    for (const size_t count : {0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 1000}) {
        std::vector<uint8_t> codes, expected;
        for (size_t i = 0; i < count; i++) {
            codes.push_back(static_cast<uint8_t>(count >= 256 ? i : random.integer(0, 255)));
            expected.push_back(table[codes.back()]);
        }
        const Guard guard = any_guard(random);
        const GuardedBuffer<uint8_t> from(codes, guard);
        GuardedBuffer<uint8_t> to(count, guard);
        kernels().map_bytes(from.data(), count, table.data(), to.data());
        EXPECT_TRUE(all_equal(std::vector<uint8_t>(to.data(), to.data() + count), expected));
        EXPECT_TRUE(to.gap_untouched());
    }
}

// ---- Magnitude -------------------------------------------------------------------------------------

TEST_P(Kernel, LargestMagnitude) {
    Random random(9);
    for (size_t count = 0; count <= 100; count++) {
        SCOPED_TRACE(count);
        GuardedBuffer<float> x(count, any_guard(random));
        float expected = 0;
        for (size_t i = 0; i < count; i++) {
            x[i] = random.pick({-0.0f, 1e-45f, -3e38f, random.real(-1, 1)});
            expected = std::max(expected, std::fabs(x[i]));
        }
        EXPECT_EQ(kernels().largest_magnitude(x.data(), count), expected);
        EXPECT_FALSE(std::signbit(kernels().largest_magnitude(x.data(), count)));
        if (count == 0) continue;
        // One value that is not finite, wherever it is: infinity is the largest number, a NaN is above all.
        x[static_cast<size_t>(random.integer(0, static_cast<int32_t>(count) - 1))] =
            random.pick({infinity, -infinity});
        EXPECT_EQ(kernels().largest_magnitude(x.data(), count), infinity);
        x[static_cast<size_t>(random.integer(0, static_cast<int32_t>(count) - 1))] = random.pick({nan, -nan});
        EXPECT_TRUE(std::isnan(kernels().largest_magnitude(x.data(), count)));
    }
}

// ---- Bits ------------------------------------------------------------------------------------------

float any_sign(Random& random) {
    return random.pick(
        {0.0f, -0.0f, nan, -nan, infinity, -infinity, 1e-45f, -1e-45f, 1.0f, -1.0f, random.real(-1, 1)});
}

TEST_P(Kernel, PackBits) {
    Random random(7);
    const auto expect_words = [&](uint32_t planes, size_t count, size_t padding) {
        SCOPED_TRACE(std::to_string(planes) + " planes, " + std::to_string(count) + " words");
        const Guard guard = any_guard(random);
        const size_t stride = count + padding;
        GuardedBuffer<float> x(planes && count ? (planes - 1) * stride + count : 0, guard);
        for (size_t i = 0; i < x.size(); i++) x[i] = any_sign(random);
        GuardedBuffer<uint64_t> words(count, guard);
        std::vector<uint64_t> expected(count);
        for (uint32_t p = 0; p < planes; p++)
            for (size_t i = 0; i < count; i++) expected[i] |= uint64_t{x[p * stride + i] >= 0} << p;
        kernels().pack_bits(x.data(), stride, planes, count, words.data());
        EXPECT_TRUE(all_equal(words.values(), expected));
    };
    for (uint32_t planes = 1; planes <= 64; planes++)
        for (size_t count : {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100})
            expect_words(planes, count, count % 3);
    expect_words(0, 20, 0);
    expect_words(64, 5000, 1);
}

TEST_P(Kernel, PackSigns) {
    Random random(8);
    for (size_t count = 0; count <= 300; count++) {
        SCOPED_TRACE(count);
        const Guard guard = any_guard(random);
        GuardedBuffer<float> x(count, guard);
        for (size_t i = 0; i < count; i++) x[i] = any_sign(random);
        GuardedBuffer<uint8_t> bits((count + 7) / 8, guard);
        std::vector<uint8_t> expected(bits.size());
        for (size_t i = 0; i < count; i++)
            expected[i / 8] = static_cast<uint8_t>(expected[i / 8] | (x[i] >= 0) << (i % 8));
        kernels().pack_signs(x.data(), count, bits.data());
        EXPECT_TRUE(all_equal(bits.values(), expected));
    }
}

TEST_P(Kernel, SignCodes) {
    Random random(42);
    for (size_t count = 0; count <= 200; count++) {
        SCOPED_TRACE(count);
        const Guard guard = any_guard(random);
        GuardedBuffer<float> x(count, guard);
        for (size_t i = 0; i < count; i++) x[i] = any_sign(random);
        std::vector<uint8_t> expected(count);
        for (size_t i = 0; i < count; i++) expected[i] = x[i] >= 0 ? 1 : 255;
        GuardedBuffer<uint8_t> codes(count, guard);
        kernels().sign_codes(x.data(), count, codes.data());
        EXPECT_TRUE(all_equal(codes.values(), expected));
    }
}

TEST_P(Kernel, ThresholdBits) {
    Random random(9);
    const auto any_int = [&] {
        return static_cast<int32_t>(
            random.pick({int64_t{INT32_MIN}, int64_t{INT32_MAX}, random.integer(-3, 3),
                         random.integer(INT32_MIN, INT32_MAX)}));
    };
    for (const bool planar : {true, false})
        for (uint32_t channels = 1; channels <= 64; channels++)
            for (size_t columns : {0, 1, 7, 8, 9, 15, 16, 31, 32, 33, 41, 100}) {
                SCOPED_TRACE(std::to_string(channels) + " channels, " + std::to_string(columns) +
                             (planar ? " columns, planar" : " columns, interleaved"));
                const Guard guard = any_guard(random);
                const size_t channel_stride = planar ? columns + columns % 3 : 1;
                const size_t column_stride = planar ? 1 : channels + columns % 3;
                GuardedBuffer<int32_t> sums(
                    columns ? (channels - 1) * channel_stride + (columns - 1) * column_stride + 1 : 0, guard);
                for (size_t i = 0; i < sums.size(); i++) sums[i] = any_int();
                GuardedBuffer<int32_t> threshold(channels, guard);
                for (size_t c = 0; c < channels; c++) threshold[c] = any_int();
                const uint64_t falling = random.bits() & ~uint64_t{0} >> (64 - channels);
                std::vector<uint64_t> expected(columns);
                for (size_t n = 0; n < columns; n++)
                    for (size_t c = 0; c < channels; c++)
                        expected[n] |= uint64_t{(sums[c * channel_stride + n * column_stride] >
                                                 threshold[c]) != (falling >> c & 1)}
                                       << c;
                GuardedBuffer<uint64_t> words(columns, guard);
                kernels().threshold_bits({sums.data(), channel_stride, column_stride, channels, columns,
                                          threshold.data(), falling, words.data()});
                EXPECT_TRUE(all_equal(words.values(), expected));
            }
}

// ---- The list --------------------------------------------------------------------------------------

// A member that a tier forgot to set is null.
TEST_P(Kernel, TableIsComplete) {
    const auto present = [](const auto& kernel) {
        if constexpr (requires { kernel.run; }) return kernel.run && kernel.name;
        else if constexpr (requires { kernel.inputs; }) return kernel.inputs && kernel.weights;
        else return kernel != nullptr;
    };
#define AXNN_EXPECT_KERNEL(type, name) EXPECT_TRUE(present(kernels().name)) << #name;
    AXNN_KERNELS(AXNN_EXPECT_KERNEL)
#undef AXNN_EXPECT_KERNEL
}

}  // namespace
}  // namespace axnn::test
