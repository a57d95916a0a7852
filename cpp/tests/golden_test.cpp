// Every golden vector of every kind, on every tier, through the C ABI. The folder is AXNN_GOLDEN_DIR,
// or testdata/golden of this source tree; its files are listed when the test runs.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/handles.hpp"
#include "support/reference.hpp"
#include "support/safetensors.hpp"

namespace axnn::test {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

std::filesystem::path golden_dir() {
    const char* dir = std::getenv("AXNN_GOLDEN_DIR");
    return dir ? dir : AXNN_SOURCE_DIR "/testdata/golden";
}

// Runs check(file, context) for every file of a kind on every tier with one and with two threads.
void for_each_file(const std::string& kind,
                   const std::function<void(const Safetensors&, const axnn_context*)>& check) {
    const std::filesystem::path dir = golden_dir() / kind;
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(dir))
        for (const auto& entry : std::filesystem::directory_iterator(dir))
            if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    ASSERT_FALSE(files.empty()) << "no .safetensors file in " << dir;

    for (uint32_t tier : available_tiers()) {
        for (uint32_t threads : {1, 2}) {
            const Context context = make_context(tier, threads);
            for (const std::filesystem::path& path : files) {
                SCOPED_TRACE(path.filename().string() + ", " + tier_name(tier) + ", threads " +
                             std::to_string(threads));
                check(Safetensors::read(path), context.get());
            }
            std::printf("golden %s: %zu files, tier %s, threads %u\n", kind.c_str(), files.size(),
                        tier_name(tier), threads);
        }
    }
}

std::vector<int64_t> execute_sums(const axnn_plan* plan, const Conv& c, const std::vector<float>& x) {
    std::vector<int64_t> sums(c.outputs());
    require(axnn_plan_execute_sums(plan, x.data(), x.size() * sizeof(float), c.n, c.h, c.w, sums.data(),
                                   sums.size() * sizeof(int64_t)));
    return sums;
}

std::vector<float> execute(const axnn_plan* plan, const Conv& c, const std::vector<float>& x) {
    std::vector<float> y(c.outputs());
    require(axnn_plan_execute(plan, x.data(), x.size() * sizeof(float), c.n, c.h, c.w, y.data(),
                              y.size() * sizeof(float)));
    return y;
}

Conv conv_of(const Safetensors& file) {
    Conv c;
    c.n = file.integer("batch");
    c.in_channels = file.integer("in_channels");
    c.h = file.integer("in_h");
    c.w = file.integer("in_w");
    c.out_channels = file.integer("out_channels");
    c.kernel_h = file.integer("kernel_h");
    c.kernel_w = file.integer("kernel_w");
    c.stride_h = file.integer("stride_h");
    c.stride_w = file.integer("stride_w");
    c.dilation_h = file.integer("dilation_h");
    c.dilation_w = file.integer("dilation_w");
    c.pad_top = c.pad_bottom = file.integer("padding_h");
    c.pad_left = c.pad_right = file.integer("padding_w");
    c.groups = file.integer("groups");
    EXPECT_EQ(c.out_h(), file.integer("out_h"));
    EXPECT_EQ(c.out_w(), file.integer("out_w"));
    return c;
}

// A linear layer is a 1 x 1 convolution of n images of one pixel.
Conv linear_of(const Safetensors& file) {
    Conv c;
    c.n = file.integer("batch");
    c.in_channels = file.integer("in_features");
    c.out_channels = file.integer("out_features");
    return c;
}

// ---- Approximate layers --------------------------------------------------------------------------

struct ApproxFile {
    explicit ApproxFile(const Safetensors& file)
        : x(file.get<float>("x")),
          w(file.get<float>("w")),
          x_scale(file.get<float>("x_scale").at(0)),
          x_zero_point(file.get<int32_t>("x_zero_point").at(0)),
          w_scale(file.get<float>("w_scale")),
          w_zero_point(file.get<int32_t>("w_zero_point")) {
        if (file.flag("has_bias")) bias = file.get<float>("bias");
    }

    std::vector<float> x;
    std::vector<float> w;
    float x_scale;
    int32_t x_zero_point;
    std::vector<float> w_scale;
    std::vector<int32_t> w_zero_point;
    std::vector<float> bias;
};

// Each table is read once.
const axnn_multiplier* multiplier_of(const Safetensors& file,
                                     std::map<std::string, Multiplier>& multipliers) {
    Multiplier& multiplier = multipliers[file.text("lut")];
    if (!multiplier) {
        const Safetensors lut = Safetensors::read(golden_dir() / "luts" / file.text("lut"));
        multiplier = make_multiplier(lut.get<int32_t>("lut"));
    }
    return multiplier.get();
}

std::vector<int8_t> quantize(const axnn_context* context, const float* x, size_t count, float scale,
                             int32_t zero_point) {
    const axnn_quantization quantization = {sizeof quantization, scale, zero_point, -128, 127};
    std::vector<int8_t> codes(count);
    require(axnn_quantize(context, &quantization, x, count * sizeof(float), count,
                          reinterpret_cast<uint8_t*>(codes.data()), codes.size()));
    return codes;
}

std::vector<int8_t> quantize_weights(const axnn_context* context, const ApproxFile& a, size_t fan_in) {
    std::vector<int8_t> codes;
    const size_t rows = a.w_scale.size();
    const size_t row = rows == 1 ? a.w.size() : fan_in;
    for (size_t o = 0; o < rows; o++) {
        const std::vector<int8_t> part =
            quantize(context, &a.w[o * row], row, a.w_scale[o], a.w_zero_point[o]);
        codes.insert(codes.end(), part.begin(), part.end());
    }
    return codes;
}

axnn_approx_desc approx_desc(const Safetensors& file, const ApproxFile& a, uint32_t padding_code) {
    const std::string& row = file.text("lut_row_operand");
    EXPECT_TRUE(row == "weight" || row == "activation") << row;
    return {
        .struct_size = sizeof(axnn_approx_desc),
        .input_scale = a.x_scale,
        .input_zero_point = a.x_zero_point,
        .input_code_min = -128,
        .input_code_max = 127,
        .weight_code_min = -128,
        .weight_code_max = 127,
        .operand_order = static_cast<uint32_t>(row == "weight" ? AXNN_WEIGHT_FIRST : AXNN_ACTIVATION_FIRST),
        .padding_code = padding_code,
        .zero_point_correction = AXNN_CORRECTION_EXACT,
        .output_min = -infinity,
        .output_max = infinity};
}

const float* data_or_null(const std::vector<float>& values) {
    return values.empty() ? nullptr : values.data();
}

TEST(Golden, ApproxConv) {
    std::map<std::string, Multiplier> multipliers;
    for_each_file("approx_conv", [&](const Safetensors& file, const axnn_context* context) {
        const Conv c = conv_of(file);
        const ApproxFile a(file);
        EXPECT_TRUE(all_equal(quantize(context, a.x.data(), a.x.size(), a.x_scale, a.x_zero_point),
                              file.get<int8_t>("x_q")));
        EXPECT_TRUE(all_equal(quantize_weights(context, a, c.fan_in()), file.get<int8_t>("w_q")));

        const axnn_conv2d_desc conv = c.desc();
        const auto expect = [&](uint32_t padding_code, const char* sums, const char* y) {
            const axnn_approx_desc approx = approx_desc(file, a, padding_code);
            axnn_plan* plan = nullptr;
            require(axnn_approx_conv2d_create(context, &conv, &approx, multiplier_of(file, multipliers),
                                              a.w.data(), a.w.size() * sizeof(float), a.w_scale.data(),
                                              a.w_scale.size() * sizeof(float), a.w_zero_point.data(),
                                              a.w_zero_point.size() * sizeof(int32_t), data_or_null(a.bias),
                                              a.bias.size() * sizeof(float), &plan));
            const Plan owner(plan);
            EXPECT_TRUE(all_equal(execute_sums(plan, c, a.x), file.get<int32_t>(sums)));
            EXPECT_TRUE(all_close(execute(plan, c, a.x), file.get<float>(y)));
        };
        expect(AXNN_PAD_ZERO, "acc", "y");
        if (file.has("acc_pad_zp")) expect(AXNN_PAD_ZERO_POINT, "acc_pad_zp", "y_pad_zp");

        axnn_plan* plan = nullptr;
        require(axnn_float_conv2d_create(context, &conv, a.w.data(), a.w.size() * sizeof(float),
                                         data_or_null(a.bias), a.bias.size() * sizeof(float), &plan));
        const Plan owner(plan);
        EXPECT_TRUE(all_close(execute(plan, c, a.x), float_conv(c, a.x, a.w, a.bias)));
    });
}

TEST(Golden, ApproxLinear) {
    std::map<std::string, Multiplier> multipliers;
    for_each_file("approx_linear", [&](const Safetensors& file, const axnn_context* context) {
        const Conv c = linear_of(file);
        const ApproxFile a(file);
        EXPECT_TRUE(all_equal(quantize(context, a.x.data(), a.x.size(), a.x_scale, a.x_zero_point),
                              file.get<int8_t>("x_q")));
        EXPECT_TRUE(all_equal(quantize_weights(context, a, c.fan_in()), file.get<int8_t>("w_q")));

        const axnn_linear_desc linear = {sizeof linear, c.in_channels, c.out_channels};
        const axnn_approx_desc approx = approx_desc(file, a, AXNN_PAD_ZERO_POINT);
        axnn_plan* plan = nullptr;
        require(axnn_approx_linear_create(context, &linear, &approx, multiplier_of(file, multipliers),
                                          a.w.data(), a.w.size() * sizeof(float), a.w_scale.data(),
                                          a.w_scale.size() * sizeof(float), a.w_zero_point.data(),
                                          a.w_zero_point.size() * sizeof(int32_t), data_or_null(a.bias),
                                          a.bias.size() * sizeof(float), &plan));
        const Plan owner(plan);
        EXPECT_TRUE(all_equal(execute_sums(plan, c, a.x), file.get<int32_t>("acc")));
        EXPECT_TRUE(all_close(execute(plan, c, a.x), file.get<float>("y")));

        axnn_plan* float_plan = nullptr;
        require(axnn_float_linear_create(context, &linear, a.w.data(), a.w.size() * sizeof(float),
                                         data_or_null(a.bias), a.bias.size() * sizeof(float), &float_plan));
        const Plan float_owner(float_plan);
        EXPECT_TRUE(all_close(execute(float_plan, c, a.x), float_conv(c, a.x, a.w, a.bias)));
    });
}

// ---- Binary layers -------------------------------------------------------------------------------

std::vector<uint8_t> pack(const axnn_context* context, const std::vector<float>& values, size_t rows) {
    const size_t row = values.size() / rows;
    std::vector<uint8_t> bits(rows * ((row + 7) / 8));
    require(axnn_binary_pack(context, values.data(), values.size() * sizeof(float), rows, row, bits.data(),
                             bits.size()));
    return bits;
}

axnn_binary_desc binary_desc(uint32_t padding_value) {
    return {sizeof(axnn_binary_desc), padding_value, -infinity, infinity};
}

// Two plans from the same packed weights, each run twice: nothing consumes or changes them.
void expect_binary(const axnn_context* context, const Conv& c, const std::vector<uint8_t>& weights,
                   uint32_t padding_value, const std::vector<float>& x, const std::vector<float>& y) {
    const axnn_conv2d_desc conv = c.desc();
    const axnn_binary_desc binary = binary_desc(padding_value);
    const std::vector<int64_t> sums(y.begin(), y.end());
    for (int use = 0; use < 2; use++) {
        axnn_plan* plan = nullptr;
        require(axnn_binary_conv2d_create(context, &conv, &binary, weights.data(), weights.size(), nullptr, 0,
                                          nullptr, 0, &plan));
        const Plan owner(plan);
        EXPECT_TRUE(all_equal(execute(plan, c, x), y)) << "padding value " << padding_value;
        EXPECT_TRUE(all_equal(execute(plan, c, x), y)) << "padding value " << padding_value;
        EXPECT_TRUE(all_equal(execute_sums(plan, c, x), sums)) << "padding value " << padding_value;
    }
}

void check_binary_conv(const Safetensors& file, const axnn_context* context) {
    const Conv c = conv_of(file);
    const std::vector<float> x = file.get<float>("x");
    const std::vector<float> w = file.get<float>("w");
    const std::vector<uint8_t> weights = pack(context, w, static_cast<size_t>(c.out_channels));
    if (file.has("w_packed")) {
        // bitorch-engine packs all channels as one row of bits.
        EXPECT_TRUE(all_equal(pack(context, w, 1), file.get<uint8_t>("w_packed")));
        if (c.fan_in() % 8 == 0) {
            EXPECT_TRUE(all_equal(weights, file.get<uint8_t>("w_packed")));
        }
    }
    expect_binary(context, c, weights, AXNN_PAD_MINUS_ONE, x, file.get<float>("y"));
    expect_binary(context, c, weights, AXNN_PAD_TRUE_ZERO, x, file.get<float>("y_zero_pad"));
}

TEST(Golden, BinaryConv) { for_each_file("binary_conv", check_binary_conv); }

TEST(Golden, BinaryConvExt) { for_each_file("binary_conv_ext", check_binary_conv); }

TEST(Golden, BinaryLinear) {
    for_each_file("binary_linear", [](const Safetensors& file, const axnn_context* context) {
        const Conv c = linear_of(file);
        const std::vector<float> x = file.get<float>("x");
        const size_t rows = static_cast<size_t>(c.out_channels);
        const std::vector<uint8_t> weights = pack(context, file.get<float>("w"), rows);
        EXPECT_TRUE(all_equal(weights, file.get<uint8_t>("w_packed_rows")));

        // bitorch-engine's own order: byte [fan_in / 8][rows].
        std::vector<uint8_t> transposed(weights.size());
        const size_t row_bytes = weights.size() / rows;
        for (size_t o = 0; o < rows; o++)
            for (size_t b = 0; b < row_bytes; b++) transposed[b * rows + o] = weights[o * row_bytes + b];
        EXPECT_TRUE(all_equal(transposed, file.get<uint8_t>("w_packed")));

        const axnn_linear_desc linear = {sizeof linear, c.in_channels, c.out_channels};
        const axnn_binary_desc binary = binary_desc(AXNN_PAD_MINUS_ONE);
        const std::vector<float> y = file.get<float>("y");
        const std::vector<int64_t> sums(y.begin(), y.end());
        for (int use = 0; use < 2; use++) {
            axnn_plan* plan = nullptr;
            require(axnn_binary_linear_create(context, &linear, &binary, weights.data(), weights.size(),
                                              nullptr, 0, nullptr, 0, &plan));
            const Plan owner(plan);
            EXPECT_TRUE(all_equal(execute(plan, c, x), y));
            EXPECT_TRUE(all_equal(execute_sums(plan, c, x), sums));
        }
    });
}

}  // namespace
}  // namespace axnn::test
