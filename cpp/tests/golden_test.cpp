// Every golden vector of every kind, on every tier, through the C ABI. The folder is AXNN_GOLDEN_DIR,
// or testdata/golden of this source tree; its files are listed when the test runs.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/reference.hpp"
#include "support/safetensors.hpp"

namespace axnn::test {
namespace {

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

// The layer of a file; its codes are those of int8.
ApproxLayer layer_of(const Safetensors& file) {
    const std::string& row = file.text("lut_row_operand");
    EXPECT_TRUE(row == "weight" || row == "activation") << row;
    ApproxLayer layer;
    layer.table = Safetensors::read(golden_dir() / "luts" / file.text("lut")).get<int32_t>("lut");
    layer.desc.input_scale = file.get<float>("x_scale").at(0);
    layer.desc.input_zero_point = file.get<int32_t>("x_zero_point").at(0);
    layer.desc.operand_order = row == "weight" ? AXNN_WEIGHT_FIRST : AXNN_ACTIVATION_FIRST;
    layer.w = file.get<float>("w");
    layer.w_scale = file.get<float>("w_scale");
    layer.w_zero_point = file.get<int32_t>("w_zero_point");
    if (file.flag("has_bias")) layer.bias = file.get<float>("bias");
    return layer;
}

void append_codes(const axnn_context* context, const float* x, size_t count, float scale, int32_t zero_point,
                  std::vector<int8_t>& codes) {
    const axnn_quantization quantization = {sizeof quantization, scale, zero_point, -128, 127};
    const size_t first = codes.size();
    codes.resize(first + count);
    require(axnn_quantize(context, &quantization, x, count * sizeof(float), count,
                          reinterpret_cast<uint8_t*>(codes.data() + first), count));
}

void expect_codes(const Safetensors& file, const ApproxLayer& layer, const Conv& c,
                  const axnn_context* context) {
    const std::vector<float> x = file.get<float>("x");
    std::vector<int8_t> x_codes;
    append_codes(context, x.data(), x.size(), layer.desc.input_scale, layer.desc.input_zero_point, x_codes);
    EXPECT_TRUE(all_equal(x_codes, file.get<int8_t>("x_q")));

    std::vector<int8_t> w_codes;
    for (size_t o = 0; o < static_cast<size_t>(c.out_channels); o++)
        append_codes(context, &layer.w[o * c.fan_in()], c.fan_in(), layer.weight_scale(o),
                     layer.weight_zero_point(o), w_codes);
    EXPECT_TRUE(all_equal(w_codes, file.get<int8_t>("w_q")));
}

void check_approx(const Safetensors& file, const Conv& c, bool linear, const axnn_context* context) {
    ApproxLayer layer = layer_of(file);
    const std::vector<float> x = file.get<float>("x");
    expect_codes(file, layer, c, context);
    const auto expect = [&](axnn_padding_code padding_code, const char* sums, const char* y) {
        layer.desc.padding_code = padding_code;
        const Plan plan = layer.make(context, c, linear);
        EXPECT_TRUE(all_equal(execute_sums(plan.get(), c, x), file.get<int32_t>(sums))) << sums;
        EXPECT_TRUE(all_close(execute(plan.get(), c, x), file.get<float>(y))) << y;
    };
    expect(AXNN_PAD_ZERO, "acc", "y");
    if (file.has("acc_pad_zp")) expect(AXNN_PAD_ZERO_POINT, "acc_pad_zp", "y_pad_zp");

    const Plan float_plan = make_float_plan(context, c, layer.w, layer.bias, linear);
    EXPECT_TRUE(all_close(execute(float_plan.get(), c, x), float_conv(c, x, layer.w, layer.bias)));
    const BackwardResult actual = backward(float_plan.get(), c, x, file.get<float>("grad_out"));
    EXPECT_TRUE(all_close(actual.x, file.get<float>("grad_x"))) << "grad_x";
    EXPECT_TRUE(all_close(actual.weights, file.get<float>("grad_w"))) << "grad_w";
    if (file.flag("has_bias")) {
        EXPECT_TRUE(all_close(actual.bias, file.get<float>("grad_bias"))) << "grad_bias";
    }
}

TEST(Golden, ApproxConv) {
    for_each_file("approx_conv", [](const Safetensors& file, const axnn_context* context) {
        check_approx(file, conv_of(file), false, context);
    });
}

TEST(Golden, ApproxLinear) {
    for_each_file("approx_linear", [](const Safetensors& file, const axnn_context* context) {
        check_approx(file, linear_of(file), true, context);
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
