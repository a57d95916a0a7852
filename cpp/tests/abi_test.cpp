// The contract of the C ABI: every status that a caller can provoke has a call that does (not
// AXNN_ERROR_OUT_OF_MEMORY and AXNN_ERROR_INTERNAL), a failed call writes nothing but a message that names
// the argument, and handles live exactly as long as they should.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "support/compare.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/mistakes.hpp"
#include "support/reference.hpp"

namespace axnn::test {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float denormal = std::numeric_limits<float>::denorm_min();
constexpr int32_t int32_max = std::numeric_limits<int32_t>::max();

// A valid call of each create function; a test changes one thing and expects a failure. `out` starts as
// a pointer that is no handle, to see that a failure sets it to null.
struct CreateCall {
    axnn_plan* out_value = reinterpret_cast<axnn_plan*>(uintptr_t{16});
    axnn_plan** out = &out_value;

    template <typename Call>
    static void expect(const std::vector<Mistake<Call>>& mistakes) {
        {
            Call call;
            EXPECT_EQ(call.run(), AXNN_OK) << last_error();
            axnn_plan_destroy(call.out_value);
        }
        for (size_t i = 0; i < mistakes.size(); i++) {
            SCOPED_TRACE("mistake " + std::to_string(i));
            Call call;
            mistakes[i].make(call);
            EXPECT_TRUE(fails_with(call.run(), mistakes[i].status, mistakes[i].named));
            if (call.out) {
                EXPECT_EQ(call.out_value, nullptr);
            }
        }
    }
};

// ---- Convolution and linear descriptors, which all kinds of layer share ---------------------------

struct FloatConvCall : CreateCall {
    Context owner = make_context(AXNN_TIER_BEST, 1);
    const axnn_context* context = owner.get();
    axnn_conv2d_desc conv = Conv{.in_channels = 4, .out_channels = 6, .kernel_h = 2, .kernel_w = 3}.desc();
    const axnn_conv2d_desc* conv_pointer = &conv;
    std::vector<float> w = std::vector<float>(6 * 4 * 2 * 3, 0.5f);
    const float* weights = w.data();
    size_t weights_bytes = w.size() * sizeof(float);
    std::vector<float> b = std::vector<float>(6, 0.5f);
    const float* bias = b.data();
    size_t bias_bytes = b.size() * sizeof(float);

    axnn_status run() {
        return axnn_float_conv2d_create(context, conv_pointer, weights, weights_bytes, bias, bias_bytes, out);
    }
};

TEST(Abi, FloatConvCreateRefuses) {
    using C = FloatConvCall;
    CreateCall::expect<C>({
        {AXNN_ERROR_NULL_POINTER, "context", [](C& c) { c.context = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "conv", [](C& c) { c.conv_pointer = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "weights", [](C& c) { c.weights = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "bias", [](C& c) { c.bias = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "out", [](C& c) { c.out = nullptr; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.conv.struct_size = 0; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.conv.struct_size -= 4; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.conv.struct_size += 4; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "in_channels", [](C& c) { c.conv.in_channels = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "in_channels", [](C& c) { c.conv.in_channels = -4; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "out_channels", [](C& c) { c.conv.out_channels = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "kernel_h", [](C& c) { c.conv.kernel_h = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "kernel_w", [](C& c) { c.conv.kernel_w = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "stride_h", [](C& c) { c.conv.stride_h = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "stride_w", [](C& c) { c.conv.stride_w = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "dilation_h", [](C& c) { c.conv.dilation_h = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "dilation_w", [](C& c) { c.conv.dilation_w = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "pad_top", [](C& c) { c.conv.pad_top = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "pad_bottom", [](C& c) { c.conv.pad_bottom = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "pad_left", [](C& c) { c.conv.pad_left = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "pad_right", [](C& c) { c.conv.pad_right = INT32_MIN; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "groups", [](C& c) { c.conv.groups = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "groups", [](C& c) { c.conv.groups = -2; }},
        {AXNN_ERROR_SHAPE, "in_channels", [](C& c) { c.conv.groups = 3; }},
        {AXNN_ERROR_SHAPE, "out_channels", [](C& c) { c.conv.groups = 4; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "",
         [](C& c) {
             c.conv.in_channels = c.conv.out_channels = c.conv.kernel_h = c.conv.kernel_w = int32_max;
         }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.conv.kernel_h = c.conv.kernel_w = int32_max; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.conv.in_channels = c.conv.kernel_h = 65536; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights", [](C& c) { c.weights_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights", [](C& c) { c.weights_bytes = 0; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights", [](C& c) { c.conv.out_channels = int32_max; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "bias", [](C& c) { c.bias_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "bias", [](C& c) { c.bias_bytes = 0; }},
    });
}

struct FloatLinearCall : CreateCall {
    Context owner = make_context(AXNN_TIER_BEST, 1);
    const axnn_context* context = owner.get();
    axnn_linear_desc linear = {sizeof(axnn_linear_desc), 5, 3};
    const axnn_linear_desc* linear_pointer = &linear;
    std::vector<float> w = std::vector<float>(15, 0.5f);
    const float* weights = w.data();
    size_t weights_bytes = w.size() * sizeof(float);
    const float* bias = nullptr;
    size_t bias_bytes = 0;

    axnn_status run() {
        return axnn_float_linear_create(context, linear_pointer, weights, weights_bytes, bias, bias_bytes,
                                        out);
    }
};

TEST(Abi, FloatLinearCreateRefuses) {
    using C = FloatLinearCall;
    CreateCall::expect<C>({
        {AXNN_ERROR_NULL_POINTER, "context", [](C& c) { c.context = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "linear", [](C& c) { c.linear_pointer = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "weights", [](C& c) { c.weights = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "bias", [](C& c) { c.bias_bytes = 12; }},
        {AXNN_ERROR_NULL_POINTER, "out", [](C& c) { c.out = nullptr; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.linear.struct_size = 0; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.linear.struct_size++; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "in_features", [](C& c) { c.linear.in_features = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "out_features", [](C& c) { c.linear.out_features = -1; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights", [](C& c) { c.weights_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights", [](C& c) { c.linear.in_features = int32_max; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "",
         [](C& c) { c.linear.in_features = c.linear.out_features = int32_max; }},
    });
}

// ---- Approximate layers --------------------------------------------------------------------------

struct ApproxCall : CreateCall {
    Context owner = make_context(AXNN_TIER_BEST, 1);
    const axnn_context* context = owner.get();
    axnn_multiplier_desc operands = {sizeof(axnn_multiplier_desc), 8, 1, 8, 1};
    bool without_multiplier = false;
    ApproxLayer layer;
    axnn_conv2d_desc conv = Conv{.in_channels = 2, .out_channels = 3, .kernel_h = 2}.desc();
    const axnn_conv2d_desc* conv_pointer = &conv;
    const axnn_approx_desc* approx_pointer = &layer.desc;
    std::vector<float> w = std::vector<float>(12, 0.5f);
    const float* weights = w.data();
    size_t weights_bytes = w.size() * sizeof(float);
    std::vector<float> scales = std::vector<float>(3, 0.5f);
    const float* weight_scales = scales.data();
    size_t weight_scales_bytes = scales.size() * sizeof(float);
    std::vector<int32_t> zero_points = std::vector<int32_t>(3, 0);
    const int32_t* weight_zero_points = zero_points.data();
    size_t weight_zero_points_bytes = zero_points.size() * sizeof(int32_t);
    std::vector<float> b = std::vector<float>(3, 0.5f);
    const float* bias = b.data();
    size_t bias_bytes = b.size() * sizeof(float);

    axnn_status run() {
        axnn_multiplier* multiplier = nullptr;
        const std::vector<int32_t> table = exact_table();
        require(axnn_multiplier_create(&operands, table.data(), table.size() * sizeof(int32_t), &multiplier));
        const Multiplier destroy(multiplier);
        return axnn_approx_conv2d_create(context, conv_pointer, approx_pointer,
                                         without_multiplier ? nullptr : multiplier, weights, weights_bytes,
                                         weight_scales, weight_scales_bytes, weight_zero_points,
                                         weight_zero_points_bytes, bias, bias_bytes, out);
    }
};

TEST(Abi, ApproxConvCreateRefuses) {
    using C = ApproxCall;
    CreateCall::expect<C>({
        {AXNN_ERROR_NULL_POINTER, "context", [](C& c) { c.context = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "conv", [](C& c) { c.conv_pointer = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "approx", [](C& c) { c.approx_pointer = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "multiplier", [](C& c) { c.without_multiplier = true; }},
        {AXNN_ERROR_NULL_POINTER, "weights", [](C& c) { c.weights = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "weight_scales", [](C& c) { c.weight_scales = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "weight_zero_points", [](C& c) { c.weight_zero_points = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "bias", [](C& c) { c.bias = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "out", [](C& c) { c.out = nullptr; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.conv.struct_size = 0; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.layer.desc.struct_size = 0; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.layer.desc.struct_size--; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.layer.desc.struct_size += 8; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "operand_order", [](C& c) { c.layer.desc.operand_order = 2; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "padding_code", [](C& c) { c.layer.desc.padding_code = 2; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "correction",
         [](C& c) { c.layer.desc.zero_point_correction = UINT32_MAX; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "output_m", [](C& c) { c.layer.desc.output_min = nan; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "output_m", [](C& c) { c.layer.desc.output_max = nan; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "output_m",
         [](C& c) {
             c.layer.desc.output_min = 1;
             c.layer.desc.output_max = 0;
         }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.layer.desc.input_scale = 0; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.layer.desc.input_scale = -1; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.layer.desc.input_scale = infinity; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.layer.desc.input_scale = nan; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.scales[2] = 0; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.scales[1] = -0.5f; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.scales[0] = infinity; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.scales[2] = nan; }},
        // Each scale is fine, their product is 0 or infinite.
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.layer.desc.input_scale = c.scales[2] = denormal; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.layer.desc.input_scale = c.scales[2] = 1e30f; }},
        {AXNN_ERROR_QUANTIZATION, "input_zero_point", [](C& c) { c.layer.desc.input_zero_point = 128; }},
        {AXNN_ERROR_QUANTIZATION, "input_zero_point", [](C& c) { c.layer.desc.input_zero_point = -129; }},
        {AXNN_ERROR_QUANTIZATION, "weight_zero_points[2]", [](C& c) { c.zero_points[2] = 128; }},
        {AXNN_ERROR_QUANTIZATION, "weight_zero_points[0]", [](C& c) { c.zero_points[0] = INT32_MIN; }},
        {AXNN_ERROR_QUANTIZATION, "input_code_min..code_max",
         [](C& c) { c.layer.desc.input_code_max = 32768; }},
        {AXNN_ERROR_QUANTIZATION, "input_code_min..code_max",
         [](C& c) { c.layer.desc.input_code_min = -32769; }},
        {AXNN_ERROR_QUANTIZATION, "input_code_min..code_max",
         [](C& c) {
             c.layer.desc.input_code_min = 0;
             c.layer.desc.input_code_max = 65536;
         }},
        // Codes of more bits than a table has.
        {AXNN_ERROR_OPERAND_RANGE, "input", [](C& c) { c.layer.desc.input_code_max = 128; }},
        {AXNN_ERROR_OPERAND_RANGE, "weights", [](C& c) { c.layer.desc.weight_code_min = -129; }},
        {AXNN_ERROR_QUANTIZATION, "weight_code_min..weight_code_max",
         [](C& c) { c.layer.desc.weight_code_max = -129; }},
        {AXNN_ERROR_QUANTIZATION, "weight_code_min..weight_code_max",
         [](C& c) { c.layer.desc.weight_code_min = 200; }},
        {AXNN_ERROR_OPERAND_RANGE, "input",
         [](C& c) {
             c.layer.desc.input_code_min = 0;
             c.layer.desc.input_code_max = 255;
         }},
        {AXNN_ERROR_OPERAND_RANGE, "weights",
         [](C& c) {
             c.layer.desc.weight_code_min = 0;
             c.layer.desc.weight_code_max = 128;
         }},
        {AXNN_ERROR_OPERAND_RANGE, "weights", [](C& c) { c.operands.row_bits = 7; }},
        {AXNN_ERROR_OPERAND_RANGE, "input", [](C& c) { c.operands.column_signed = 0; }},
        {AXNN_ERROR_OPERAND_RANGE, "input",
         [](C& c) {
             c.operands.row_bits = 7;
             c.layer.desc.operand_order = AXNN_ACTIVATION_FIRST;
         }},
        {AXNN_ERROR_SHAPE, "groups", [](C& c) { c.conv.groups = 2; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.conv.kernel_h = c.conv.kernel_w = int32_max; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights", [](C& c) { c.weights_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weight_scales", [](C& c) { c.weight_scales_bytes = 3; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weight_scales", [](C& c) { c.weight_scales_bytes = 11; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weight_scales", [](C& c) { c.weight_scales_bytes = 0; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weight_zero_points", [](C& c) { c.weight_zero_points_bytes = 8; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "bias", [](C& c) { c.bias_bytes = 11; }},
    });
}

// 0..127 fits a signed operand.
TEST(Abi, CodesThatFitTheOperandAreAccepted) {
    ApproxCall call;
    call.layer.desc.input_code_min = 0;
    call.layer.desc.weight_code_min = -3;
    call.layer.desc.weight_code_max = 3;
    EXPECT_EQ(call.run(), AXNN_OK) << last_error();
    axnn_plan_destroy(call.out_value);
}

// One scale and one zero point for all channels, or one for each, in any mix; no bias.
TEST(Abi, OneOrOnePerChannel) {
    for (size_t scales : {1, 3})
        for (size_t zero_points : {1, 3}) {
            ApproxCall call;
            call.weight_scales_bytes = scales * sizeof(float);
            call.weight_zero_points_bytes = zero_points * sizeof(int32_t);
            call.bias = nullptr;
            call.bias_bytes = 0;
            EXPECT_EQ(call.run(), AXNN_OK) << last_error();
            axnn_plan_destroy(call.out_value);
        }
}

// "A buffer may be larger than needed."
TEST(Abi, LargerBuffersAreAccepted) {
    ApproxCall call;
    for (std::vector<float>* values : {&call.w, &call.scales, &call.b})
        values->resize(values->size() + 5, 0.5f);
    call.zero_points.resize(8);
    call.weights = call.w.data();
    call.weight_scales = call.scales.data();
    call.weight_zero_points = call.zero_points.data();
    call.bias = call.b.data();
    call.weights_bytes += 20;
    call.weight_scales_bytes += 20;
    call.weight_zero_points_bytes += 20;
    call.bias_bytes += 20;
    EXPECT_EQ(call.run(), AXNN_OK) << last_error();
    axnn_plan_destroy(call.out_value);
}

TEST(Abi, ApproxLinearCreateRefuses) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Multiplier multiplier = make_multiplier(exact_table());
    ApproxLayer layer;
    axnn_linear_desc linear = {sizeof linear, 3, 2};
    const std::vector<float> w(6, 1.0f);
    const auto create = [&](size_t weights_bytes) {
        axnn_plan* plan = reinterpret_cast<axnn_plan*>(uintptr_t{16});
        const axnn_status status = axnn_approx_linear_create(
            context.get(), &linear, &layer.desc, multiplier.get(), w.data(), weights_bytes,
            layer.w_scale.data(), 4, layer.w_zero_point.data(), 4, nullptr, 0, &plan);
        EXPECT_EQ(plan == nullptr, status != AXNN_OK);
        axnn_plan_destroy(plan);
        return status;
    };
    EXPECT_EQ(create(24), AXNN_OK);
    EXPECT_TRUE(fails_with(create(23), AXNN_ERROR_BUFFER_TOO_SMALL, "weights"));
    layer.desc.input_scale = 0;
    EXPECT_TRUE(fails_with(create(24), AXNN_ERROR_QUANTIZATION, "scale"));
    linear.out_features = 0;
    EXPECT_TRUE(fails_with(create(24), AXNN_ERROR_INVALID_ARGUMENT, "out_features"));
    linear.struct_size = 8;
    EXPECT_TRUE(fails_with(create(24), AXNN_ERROR_STRUCT_SIZE, "struct_size"));
}

// ---- Binary layers -------------------------------------------------------------------------------

struct BinaryCall : CreateCall {
    Context owner = make_context(AXNN_TIER_BEST, 1);
    const axnn_context* context = owner.get();
    axnn_conv2d_desc conv = Conv{.in_channels = 3, .out_channels = 3, .kernel_h = 3}.desc();
    const axnn_conv2d_desc* conv_pointer = &conv;
    axnn_binary_desc binary = {sizeof(axnn_binary_desc), AXNN_PAD_MINUS_ONE, -infinity, infinity};
    const axnn_binary_desc* binary_pointer = &binary;
    std::vector<uint8_t> w = std::vector<uint8_t>(3 * 2, 0x55);
    const uint8_t* weights = w.data();
    size_t weights_bytes = w.size();
    std::vector<float> values = std::vector<float>(3, 0.5f);
    const float* scales = values.data();
    size_t scales_bytes = 12;
    const float* bias = values.data();
    size_t bias_bytes = 12;

    axnn_status run() {
        return axnn_binary_conv2d_create(context, conv_pointer, binary_pointer, weights, weights_bytes,
                                         scales, scales_bytes, bias, bias_bytes, out);
    }
};

TEST(Abi, BinaryConvCreateRefuses) {
    using C = BinaryCall;
    CreateCall::expect<C>({
        {AXNN_ERROR_NULL_POINTER, "context", [](C& c) { c.context = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "conv", [](C& c) { c.conv_pointer = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "binary", [](C& c) { c.binary_pointer = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "weights", [](C& c) { c.weights = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "scales", [](C& c) { c.scales = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "bias", [](C& c) { c.bias = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "out", [](C& c) { c.out = nullptr; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.conv.struct_size = 1; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.binary.struct_size = 0; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.binary.struct_size = UINT32_MAX; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "padding_value", [](C& c) { c.binary.padding_value = 3; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "output_m", [](C& c) { c.binary.output_max = nan; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "output_m", [](C& c) { c.binary.output_min = nan; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "output_m",
         [](C& c) {
             c.binary.output_min = 2;
             c.binary.output_max = 1;
         }},
        {AXNN_ERROR_SHAPE, "groups", [](C& c) { c.conv.groups = 2; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.conv.kernel_h = c.conv.kernel_w = int32_max; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights", [](C& c) { c.weights_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "scales", [](C& c) { c.scales_bytes = 11; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "bias", [](C& c) { c.bias_bytes = 0; }},
    });
}

TEST(Abi, BinaryLinearCreateRefuses) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    axnn_binary_desc binary = {sizeof binary, AXNN_PAD_MINUS_ONE, -infinity, infinity};
    axnn_linear_desc linear = {sizeof linear, 9, 2};
    const std::vector<uint8_t> w(4, 0x0F);
    const auto create = [&](size_t weights_bytes) {
        axnn_plan* plan = reinterpret_cast<axnn_plan*>(uintptr_t{16});
        const axnn_status status = axnn_binary_linear_create(context.get(), &linear, &binary, w.data(),
                                                             weights_bytes, nullptr, 0, nullptr, 0, &plan);
        EXPECT_EQ(plan == nullptr, status != AXNN_OK);
        axnn_plan_destroy(plan);
        return status;
    };
    EXPECT_EQ(create(4), AXNN_OK);
    EXPECT_TRUE(fails_with(create(3), AXNN_ERROR_BUFFER_TOO_SMALL, "weights"));
    linear.in_features = -9;
    EXPECT_TRUE(fails_with(create(4), AXNN_ERROR_INVALID_ARGUMENT, "in_features"));
    binary.struct_size = 0;
    linear.in_features = 9;
    EXPECT_TRUE(fails_with(create(4), AXNN_ERROR_STRUCT_SIZE, "struct_size"));
}

// ---- Running a plan ------------------------------------------------------------------------------

constexpr Conv run_shape = {
    .n = 2, .in_channels = 2, .h = 4, .w = 5, .out_channels = 3, .kernel_h = 3, .kernel_w = 2};

Plan approx_plan(const axnn_context* context) {
    ApproxLayer layer;
    layer.table = exact_table();
    layer.w.assign(run_shape.weights(), 0.5f);
    return layer.make(context, run_shape);
}

Plan binary_plan(const axnn_context* context) {
    BinaryLayer layer;
    layer.w.assign(run_shape.weights(), 0.5f);
    return layer.make(context, run_shape);
}

Plan float_plan(const axnn_context* context) {
    return make_float_plan(context, run_shape, std::vector<float>(run_shape.weights(), 0.5f), {});
}

struct RunCall {
    const axnn_plan* plan;
    std::vector<float> values = std::vector<float>(run_shape.inputs(), 0.25f);
    const float* x = values.data();
    size_t x_bytes = run_shape.inputs() * sizeof(float);
    int32_t n = run_shape.n;
    int32_t h = run_shape.h;
    int32_t w = run_shape.w;
    bool no_output = false;
    size_t missing_bytes = 0;
};

// Runs a call with an output of known bytes; a failure must leave them.
template <typename Element>
axnn_status run(const RunCall& call, axnn_status (*execute)(const axnn_plan*, const float*, size_t, int32_t,
                                                            int32_t, int32_t, Element*, size_t)) {
    std::vector<Element> output(run_shape.outputs(), Element{77});
    const axnn_status status = execute(call.plan, call.x, call.x_bytes, call.n, call.h, call.w,
                                       call.no_output ? nullptr : output.data(),
                                       output.size() * sizeof(Element) - call.missing_bytes);
    if (status != AXNN_OK) {
        EXPECT_TRUE(all_equal(output, std::vector<Element>(output.size(), Element{77})))
            << "a failure wrote output";
    }
    return status;
}

TEST(Abi, ExecuteRefuses) {
    const Context context = make_context(AXNN_TIER_BEST, 2);
    const std::vector<Mistake<RunCall>> mistakes = {
        {AXNN_ERROR_NULL_POINTER, "plan", [](RunCall& c) { c.plan = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "x", [](RunCall& c) { c.x = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "", [](RunCall& c) { c.no_output = true; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "n is 0", [](RunCall& c) { c.n = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "n is -1", [](RunCall& c) { c.n = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "h is 0", [](RunCall& c) { c.h = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "w is", [](RunCall& c) { c.w = INT32_MIN; }},
        {AXNN_ERROR_SHAPE, "2 x 5", [](RunCall& c) { c.h = 2; }},
        {AXNN_ERROR_SHAPE, "4 x 1", [](RunCall& c) { c.w = 1; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x", [](RunCall& c) { c.x_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x", [](RunCall& c) { c.x_bytes = 0; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x", [](RunCall& c) { c.n = 3; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "", [](RunCall& c) { c.missing_bytes = 1; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](RunCall& c) { c.n = c.h = c.w = int32_max; }},
    };
    for (const Plan& plan :
         {approx_plan(context.get()), binary_plan(context.get()), float_plan(context.get())}) {
        EXPECT_EQ(run(RunCall{.plan = plan.get()}, axnn_plan_execute), AXNN_OK);
        for (size_t i = 0; i < mistakes.size(); i++) {
            SCOPED_TRACE("mistake " + std::to_string(i));
            RunCall call = {.plan = plan.get()};
            mistakes[i].make(call);
            EXPECT_TRUE(fails_with(run(call, axnn_plan_execute), mistakes[i].status, mistakes[i].named));
        }
    }
    for (const Plan& plan : {approx_plan(context.get()), binary_plan(context.get())}) {
        EXPECT_EQ(run(RunCall{.plan = plan.get()}, axnn_plan_execute_sums), AXNN_OK);
        for (size_t i = 0; i < mistakes.size(); i++) {
            SCOPED_TRACE("mistake " + std::to_string(i));
            RunCall call = {.plan = plan.get()};
            mistakes[i].make(call);
            EXPECT_TRUE(fails_with(run(call, axnn_plan_execute_sums), mistakes[i].status, mistakes[i].named));
        }
    }
}

TEST(Abi, FloatPlansHaveNoSums) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Plan plan = float_plan(context.get());
    EXPECT_TRUE(fails_with(run(RunCall{.plan = plan.get()}, axnn_plan_execute_sums), AXNN_ERROR_UNSUPPORTED,
                           "float"));
}

TEST(Abi, LinearPlansRunOnSinglePixels) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Plan plan =
        make_float_plan(context.get(), {.in_channels = 4, .out_channels = 1}, {1, 2, 3, 4}, {}, true);
    const std::vector<float> x(16, 1.0f);
    std::vector<float> y(4);
    EXPECT_EQ(axnn_plan_execute(plan.get(), x.data(), 64, 4, 1, 1, y.data(), 16), AXNN_OK);
    EXPECT_TRUE(all_equal(y, std::vector<float>(4, 10.0f)));
    EXPECT_TRUE(fails_with(axnn_plan_execute(plan.get(), x.data(), 64, 1, 2, 2, y.data(), 16),
                           AXNN_ERROR_SHAPE, "2 x 2"));
}

TEST(Abi, OutputShape) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Plan plan = binary_plan(context.get());
    int32_t channels = -1;
    int32_t h = -1;
    int32_t w = -1;
    for (int missing = 0; missing < 3; missing++)
        EXPECT_EQ(axnn_plan_output_shape(plan.get(), 4, 5, missing == 0 ? nullptr : &channels,
                                         missing == 1 ? nullptr : &h, missing == 2 ? nullptr : &w),
                  AXNN_ERROR_NULL_POINTER);
    EXPECT_EQ(axnn_plan_output_shape(nullptr, 4, 5, &channels, &h, &w), AXNN_ERROR_NULL_POINTER);
    EXPECT_TRUE(
        fails_with(axnn_plan_output_shape(plan.get(), 2, 5, &channels, &h, &w), AXNN_ERROR_SHAPE, "2 x 5"));
    EXPECT_TRUE(fails_with(axnn_plan_output_shape(plan.get(), 0, 5, &channels, &h, &w),
                           AXNN_ERROR_INVALID_ARGUMENT, "h is 0"));
    EXPECT_EQ(std::vector<int32_t>({channels, h, w}), std::vector<int32_t>({-1, -1, -1}))
        << "a failure wrote output";
    EXPECT_EQ(axnn_plan_output_shape(plan.get(), 4, 5, &channels, &h, &w), AXNN_OK);
    EXPECT_EQ(std::vector<int32_t>({channels, h, w}), std::vector<int32_t>({3, 2, 4}));
    EXPECT_EQ(axnn_plan_output_shape(plan.get(), int32_max, int32_max, &channels, &h, &w), AXNN_OK);
    EXPECT_EQ(h, int32_max - 2);
}

// Padding near 2^31 makes extents that do not fit int32 although every number does.
TEST(Abi, OutputsLargerThanInt32AreRefused) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Plan plan =
        make_float_plan(context.get(), {.pad_top = int32_max, .pad_bottom = int32_max}, {1.0f}, {});
    int32_t channels = 0;
    int32_t h = 0;
    int32_t w = 0;
    EXPECT_TRUE(fails_with(axnn_plan_output_shape(plan.get(), 1, 1, &channels, &h, &w),
                           AXNN_ERROR_SIZE_OVERFLOW, ""));
    const float x = 1;
    float y = 7;
    EXPECT_TRUE(
        fails_with(axnn_plan_execute(plan.get(), &x, 4, 1, 1, 1, &y, 4), AXNN_ERROR_SIZE_OVERFLOW, ""));
    EXPECT_EQ(y, 7);
}

// A kernel whose dilated extent exceeds int32 has no output pixel on any image.
TEST(Abi, HugeDilationGivesNoPixel) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Plan plan = make_float_plan(
        context.get(), {.kernel_h = 2, .kernel_w = 2, .dilation_h = int32_max, .dilation_w = int32_max},
        {1, 1, 1, 1}, {});
    int32_t channels = 0;
    int32_t h = 0;
    int32_t w = 0;
    EXPECT_TRUE(fails_with(axnn_plan_output_shape(plan.get(), int32_max, int32_max, &channels, &h, &w),
                           AXNN_ERROR_SHAPE, ""));
}

TEST(Abi, Explain) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    for (const Plan& plan :
         {approx_plan(context.get()), binary_plan(context.get()), float_plan(context.get())}) {
        size_t length = 0;
        ASSERT_EQ(axnn_plan_explain(plan.get(), 2, 4, 5, nullptr, 0, &length), AXNN_OK);
        ASSERT_GT(length, 0u);
        std::string line(length, '\0');
        ASSERT_EQ(axnn_plan_explain(plan.get(), 2, 4, 5, line.data(), length + 1, &length), AXNN_OK);
        EXPECT_EQ(line.size(), length);
        EXPECT_EQ(line.find('\n'), std::string::npos);
        EXPECT_EQ(line.find('\0'), std::string::npos);

        char cut[8] = "#######";
        size_t cut_length = 0;
        ASSERT_EQ(axnn_plan_explain(plan.get(), 2, 4, 5, cut, 5, &cut_length), AXNN_OK);
        EXPECT_EQ(cut_length, length);
        EXPECT_EQ(std::string(cut), line.substr(0, 4));
        EXPECT_EQ(cut[5], '#') << "written past the end";

        EXPECT_TRUE(fails_with(axnn_plan_explain(plan.get(), 2, 4, 5, cut, 5, nullptr),
                               AXNN_ERROR_NULL_POINTER, "length"));
        EXPECT_TRUE(fails_with(axnn_plan_explain(nullptr, 2, 4, 5, cut, 5, &length), AXNN_ERROR_NULL_POINTER,
                               "plan"));
        EXPECT_TRUE(fails_with(axnn_plan_explain(plan.get(), 0, 4, 5, cut, 5, &length),
                               AXNN_ERROR_INVALID_ARGUMENT, "n is 0"));
        EXPECT_TRUE(
            fails_with(axnn_plan_explain(plan.get(), 1, 1, 5, cut, 5, &length), AXNN_ERROR_SHAPE, "1 x 5"));
        EXPECT_TRUE(
            fails_with(axnn_plan_explain(plan.get(), int32_max, int32_max, int32_max, cut, 5, &length),
                       AXNN_ERROR_SIZE_OVERFLOW, ""));
    }
}

// ---- Quantise and pack ---------------------------------------------------------------------------

TEST(Abi, QuantizeRefuses) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const std::vector<float> x(4, 1.0f);
    const axnn_quantization valid = {sizeof valid, 0.5f, 0, -128, 127};
    const auto call = [&](const axnn_context* c, const axnn_quantization* q, const float* values,
                          size_t x_bytes, size_t count, bool with_codes, size_t codes_bytes) {
        std::vector<uint8_t> codes(4, 77);
        const axnn_status status =
            axnn_quantize(c, q, values, x_bytes, count, with_codes ? codes.data() : nullptr, codes_bytes);
        if (status != AXNN_OK) {
            EXPECT_TRUE(all_equal(codes, std::vector<uint8_t>(4, 77))) << "a failure wrote output";
        }
        return status;
    };
    const axnn_context* c = context.get();
    EXPECT_EQ(call(c, &valid, x.data(), 16, 4, true, 4), AXNN_OK);
    EXPECT_EQ(call(c, &valid, x.data(), 16, 0, true, 4), AXNN_OK);
    EXPECT_TRUE(
        fails_with(call(nullptr, &valid, x.data(), 16, 4, true, 4), AXNN_ERROR_NULL_POINTER, "context"));
    EXPECT_TRUE(
        fails_with(call(c, nullptr, x.data(), 16, 4, true, 4), AXNN_ERROR_NULL_POINTER, "quantization"));
    EXPECT_TRUE(fails_with(call(c, &valid, nullptr, 16, 4, true, 4), AXNN_ERROR_NULL_POINTER, "x"));
    EXPECT_TRUE(fails_with(call(c, &valid, x.data(), 16, 4, false, 4), AXNN_ERROR_NULL_POINTER, "codes"));
    EXPECT_TRUE(fails_with(call(c, &valid, x.data(), 15, 4, true, 4), AXNN_ERROR_BUFFER_TOO_SMALL, "x"));
    EXPECT_TRUE(fails_with(call(c, &valid, x.data(), 16, 4, true, 3), AXNN_ERROR_BUFFER_TOO_SMALL, "codes"));
    for (size_t count : {SIZE_MAX, SIZE_MAX / 4 + 2, size_t{1} << 62})
        EXPECT_TRUE(fails_with(call(c, &valid, x.data(), 16, count, true, 4), AXNN_ERROR_SIZE_OVERFLOW, ""));

    const std::vector<std::pair<axnn_quantization, axnn_status>> wrong = {
        {{0, 0.5f, 0, -128, 127}, AXNN_ERROR_STRUCT_SIZE},
        {{sizeof valid - 4, 0.5f, 0, -128, 127}, AXNN_ERROR_STRUCT_SIZE},
        {{sizeof valid + 4, 0.5f, 0, -128, 127}, AXNN_ERROR_STRUCT_SIZE},
        {{sizeof valid, 0.0f, 0, -128, 127}, AXNN_ERROR_QUANTIZATION},
        {{sizeof valid, -0.0f, 0, -128, 127}, AXNN_ERROR_QUANTIZATION},
        {{sizeof valid, -1.0f, 0, -128, 127}, AXNN_ERROR_QUANTIZATION},
        {{sizeof valid, infinity, 0, -128, 127}, AXNN_ERROR_QUANTIZATION},
        {{sizeof valid, nan, 0, -128, 127}, AXNN_ERROR_QUANTIZATION},
        {{sizeof valid, 0.5f, 128, -128, 127}, AXNN_ERROR_QUANTIZATION},
        {{sizeof valid, 0.5f, -1, 0, 255}, AXNN_ERROR_QUANTIZATION},
        {{sizeof valid, 0.5f, 0, -1, 32768}, AXNN_ERROR_QUANTIZATION},
        {{sizeof valid, 0.5f, 0, 0, 65536}, AXNN_ERROR_QUANTIZATION},
        // Codes of four bytes each.
        {{sizeof valid, 0.5f, 0, -1, 255}, AXNN_ERROR_BUFFER_TOO_SMALL},
        {{sizeof valid, 0.5f, 0, 127, -128}, AXNN_ERROR_QUANTIZATION},
        {{sizeof valid, 0.5f, 0, INT32_MIN, int32_max}, AXNN_ERROR_QUANTIZATION},
    };
    for (const auto& [quantization, status] : wrong)
        EXPECT_EQ(call(c, &quantization, x.data(), 16, 4, true, 4), status);
}

TEST(Abi, BinaryPackRefuses) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const std::vector<float> x(18, 1.0f);
    const auto call = [&](const axnn_context* c, const float* values, size_t x_bytes, size_t rows,
                          size_t elements, bool with_bits, size_t bits_bytes) {
        std::vector<uint8_t> bits(4, 77);
        const axnn_status status = axnn_binary_pack(c, values, x_bytes, rows, elements,
                                                    with_bits ? bits.data() : nullptr, bits_bytes);
        if (status != AXNN_OK) {
            EXPECT_TRUE(all_equal(bits, std::vector<uint8_t>(4, 77))) << "a failure wrote output";
        }
        return status;
    };
    const axnn_context* c = context.get();
    EXPECT_EQ(call(c, x.data(), 72, 2, 9, true, 4), AXNN_OK);
    EXPECT_TRUE(fails_with(call(nullptr, x.data(), 72, 2, 9, true, 4), AXNN_ERROR_NULL_POINTER, "context"));
    EXPECT_TRUE(fails_with(call(c, nullptr, 72, 2, 9, true, 4), AXNN_ERROR_NULL_POINTER, "x"));
    EXPECT_TRUE(fails_with(call(c, x.data(), 72, 2, 9, false, 4), AXNN_ERROR_NULL_POINTER, "bits"));
    EXPECT_TRUE(fails_with(call(c, x.data(), 71, 2, 9, true, 4), AXNN_ERROR_BUFFER_TOO_SMALL, "x"));
    EXPECT_TRUE(fails_with(call(c, x.data(), 72, 2, 9, true, 3), AXNN_ERROR_BUFFER_TOO_SMALL, "bits"));
    EXPECT_TRUE(fails_with(call(c, x.data(), 72, SIZE_MAX, SIZE_MAX, true, 4), AXNN_ERROR_SIZE_OVERFLOW, ""));
    EXPECT_TRUE(fails_with(call(c, x.data(), 72, size_t{1} << 32, size_t{1} << 32, true, 4),
                           AXNN_ERROR_SIZE_OVERFLOW, ""));
    EXPECT_TRUE(fails_with(call(c, x.data(), 72, 1, SIZE_MAX, true, 4), AXNN_ERROR_SIZE_OVERFLOW, ""));
}

// Rows without elements have no bytes; however many there are, nothing is done for each of them.
TEST(Abi, BinaryPackOfNothing) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const float x = 1;
    uint8_t bits = 77;
    EXPECT_EQ(axnn_binary_pack(context.get(), &x, 4, 0, 9, &bits, 1), AXNN_OK);
    EXPECT_EQ(axnn_binary_pack(context.get(), &x, 4, SIZE_MAX, 0, &bits, 1), AXNN_OK);
    EXPECT_EQ(bits, 77);
}

// ---- Multiplier ----------------------------------------------------------------------------------

TEST(Abi, MultiplierCreateRefuses) {
    const std::vector<int32_t> table = exact_table();
    const size_t bytes = table.size() * sizeof(int32_t);
    const auto call = [&](const axnn_multiplier_desc* desc, const int32_t* products, size_t products_bytes) {
        axnn_multiplier* multiplier = reinterpret_cast<axnn_multiplier*>(uintptr_t{16});
        const axnn_status status = axnn_multiplier_create(desc, products, products_bytes, &multiplier);
        EXPECT_EQ(multiplier == nullptr, status != AXNN_OK);
        axnn_multiplier_destroy(multiplier);
        return status;
    };
    const axnn_multiplier_desc valid = {sizeof valid, 8, 1, 8, 1};
    EXPECT_EQ(call(&valid, table.data(), bytes), AXNN_OK);
    EXPECT_TRUE(fails_with(call(nullptr, table.data(), bytes), AXNN_ERROR_NULL_POINTER, "desc"));
    EXPECT_TRUE(fails_with(call(&valid, nullptr, bytes), AXNN_ERROR_NULL_POINTER, "products"));
    EXPECT_TRUE(fails_with(axnn_multiplier_create(&valid, table.data(), bytes, nullptr),
                           AXNN_ERROR_NULL_POINTER, "out"));
    EXPECT_TRUE(fails_with(call(&valid, table.data(), bytes - 1), AXNN_ERROR_BUFFER_TOO_SMALL, "products"));
    EXPECT_TRUE(fails_with(call(&valid, table.data(), 0), AXNN_ERROR_BUFFER_TOO_SMALL, "products"));
    const std::vector<std::pair<axnn_multiplier_desc, axnn_status>> wrong = {
        {{0, 8, 1, 8, 1}, AXNN_ERROR_STRUCT_SIZE},
        {{sizeof valid - 1, 8, 1, 8, 1}, AXNN_ERROR_STRUCT_SIZE},
        {{sizeof valid + 4, 8, 1, 8, 1}, AXNN_ERROR_STRUCT_SIZE},
        {{sizeof valid, 0, 1, 8, 1}, AXNN_ERROR_INVALID_ARGUMENT},
        {{sizeof valid, 9, 1, 8, 1}, AXNN_ERROR_INVALID_ARGUMENT},
        {{sizeof valid, 8, 2, 8, 1}, AXNN_ERROR_INVALID_ARGUMENT},
        {{sizeof valid, 8, 1, 0, 1}, AXNN_ERROR_INVALID_ARGUMENT},
        {{sizeof valid, 8, 1, UINT32_MAX, 1}, AXNN_ERROR_INVALID_ARGUMENT},
        {{sizeof valid, 8, 1, 8, UINT32_MAX}, AXNN_ERROR_INVALID_ARGUMENT},
    };
    for (const auto& [desc, status] : wrong) EXPECT_EQ(call(&desc, table.data(), bytes), status);
}

// ---- Context and environment -----------------------------------------------------------------------

axnn_status create_context(uint32_t tier, uint32_t threads, Context& context,
                           uint32_t struct_size = sizeof(axnn_context_desc)) {
    const axnn_context_desc desc = {struct_size, tier, threads};
    axnn_context* out = reinterpret_cast<axnn_context*>(uintptr_t{16});
    const axnn_status status = axnn_context_create(&desc, &out);
    EXPECT_EQ(out == nullptr, status != AXNN_OK);
    context.reset(out);
    return status;
}

TEST(Abi, ContextCreateRefuses) {
    Context context;
    for (uint32_t size : {uint32_t{0}, uint32_t{8}, uint32_t{16}, UINT32_MAX})
        EXPECT_TRUE(fails_with(create_context(AXNN_TIER_SCALAR, 1, context, size), AXNN_ERROR_STRUCT_SIZE,
                               "struct_size"));
    EXPECT_TRUE(fails_with(create_context(4, 1, context), AXNN_ERROR_INVALID_ARGUMENT, "tier"));
    EXPECT_TRUE(
        fails_with(create_context(AXNN_TIER_SCALAR, 1025, context), AXNN_ERROR_INVALID_ARGUMENT, "threads"));
    EXPECT_TRUE(fails_with(axnn_context_create(nullptr, nullptr), AXNN_ERROR_NULL_POINTER, "out"));
    context = make_context(AXNN_TIER_SCALAR, 1);
    uint32_t value = 77;
    EXPECT_EQ(axnn_context_tier(nullptr, &value), AXNN_ERROR_NULL_POINTER);
    EXPECT_EQ(axnn_context_tier(context.get(), nullptr), AXNN_ERROR_NULL_POINTER);
    EXPECT_EQ(axnn_context_threads(nullptr, &value), AXNN_ERROR_NULL_POINTER);
    EXPECT_EQ(axnn_context_threads(context.get(), nullptr), AXNN_ERROR_NULL_POINTER);
    EXPECT_EQ(value, 77u);
}

uint32_t threads_of(const Context& context) {
    uint32_t threads = 0;
    require(axnn_context_threads(context.get(), &threads));
    return threads;
}

uint32_t tier_of(const Context& context) {
    uint32_t tier = 0;
    require(axnn_context_tier(context.get(), &tier));
    return tier;
}

TEST(Abi, ThreadsComeFromTheDescriptorThenTheEnvironment) {
    Context context;
    {
        const ScopedEnvironment variable("AXNN_NUM_THREADS", "3");
        ASSERT_EQ(create_context(AXNN_TIER_SCALAR, 0, context), AXNN_OK);
        EXPECT_EQ(threads_of(context), 3u);
        ASSERT_EQ(create_context(AXNN_TIER_SCALAR, 2, context), AXNN_OK);
        EXPECT_EQ(threads_of(context), 2u);
    }
    const ScopedEnvironment variable("AXNN_NUM_THREADS", nullptr);
    ASSERT_EQ(create_context(AXNN_TIER_SCALAR, 0, context), AXNN_OK);
    EXPECT_GE(threads_of(context), 1u);
    EXPECT_LE(threads_of(context), std::thread::hardware_concurrency());
}

TEST(Abi, UnknownEnvironmentValuesAreErrors) {
    Context context;
    for (const char* value : {"", "0", "-1", "1025", "two", "2x", " ", "1.5", "99999999999999999999"}) {
        SCOPED_TRACE(std::string("AXNN_NUM_THREADS=\"") + value + "\"");
        const ScopedEnvironment variable("AXNN_NUM_THREADS", value);
        EXPECT_TRUE(fails_with(create_context(AXNN_TIER_SCALAR, 0, context), AXNN_ERROR_ENVIRONMENT,
                               "AXNN_NUM_THREADS"));
    }
    for (const char* value : {"", "best", "AVX2", "avx", "avx2 ", "sse", "2"}) {
        SCOPED_TRACE(std::string("AXNN_MAX_ISA=\"") + value + "\"");
        const ScopedEnvironment variable("AXNN_MAX_ISA", value);
        EXPECT_TRUE(
            fails_with(create_context(AXNN_TIER_BEST, 1, context), AXNN_ERROR_ENVIRONMENT, "AXNN_MAX_ISA"));
        EXPECT_TRUE(
            fails_with(create_context(AXNN_TIER_SCALAR, 1, context), AXNN_ERROR_ENVIRONMENT, "AXNN_MAX_ISA"));
    }
}

constexpr uint32_t avx2_features =
    AXNN_CPU_AVX2 | AXNN_CPU_FMA | AXNN_CPU_F16C | AXNN_CPU_POPCNT | AXNN_CPU_BMI1 | AXNN_CPU_BMI2;

TEST(Abi, TheBestTierIsWhatTheCpuHas) {
    const ScopedEnvironment variable("AXNN_MAX_ISA", nullptr);
    const uint32_t best = tier_of(make_context(AXNN_TIER_BEST, 1));
    if ((axnn_cpu_features() & avx2_features) == avx2_features) EXPECT_GE(best, uint32_t{AXNN_TIER_AVX2});
    else EXPECT_EQ(best, uint32_t{AXNN_TIER_SCALAR});
}

TEST(Abi, ATierAboveTheCapNamesBoth) {
    for (uint32_t tier : {AXNN_TIER_AVX2, AXNN_TIER_AVX512}) {
        const ScopedEnvironment variable("AXNN_MAX_ISA", "scalar");
        Context context;
        EXPECT_TRUE(fails_with(create_context(tier, 1, context), AXNN_ERROR_TIER, tier_name(tier)));
        EXPECT_TRUE(fails_with(create_context(tier, 1, context), AXNN_ERROR_TIER, "scalar"));
        EXPECT_NE(last_error().find("AXNN_MAX_ISA"), std::string::npos) << last_error();
        ASSERT_EQ(create_context(AXNN_TIER_BEST, 1, context), AXNN_OK);
        EXPECT_EQ(tier_of(context), uint32_t{AXNN_TIER_SCALAR});
    }
}

TEST(Abi, ATierAboveTheCpuIsAnError) {
    const ScopedEnvironment variable("AXNN_MAX_ISA", "avx512");
    const uint32_t best = tier_of(make_context(AXNN_TIER_BEST, 1));
    for (uint32_t tier = best + 1; tier <= AXNN_TIER_AVX512; tier++) {
        Context context;
        EXPECT_TRUE(fails_with(create_context(tier, 1, context), AXNN_ERROR_TIER, tier_name(tier)));
        EXPECT_NE(last_error().find(tier_name(best)), std::string::npos) << last_error();
    }
}

#if defined(__x86_64__)
TEST(Abi, CpuFeaturesAreTheCompilers) {
    const uint32_t features = axnn_cpu_features();
    EXPECT_EQ((features & AXNN_CPU_AVX2) != 0, __builtin_cpu_supports("avx2") != 0);
    EXPECT_EQ((features & AXNN_CPU_FMA) != 0, __builtin_cpu_supports("fma") != 0);
    EXPECT_EQ((features & AXNN_CPU_POPCNT) != 0, __builtin_cpu_supports("popcnt") != 0);
    EXPECT_EQ((features & AXNN_CPU_BMI1) != 0, __builtin_cpu_supports("bmi") != 0);
    EXPECT_EQ((features & AXNN_CPU_BMI2) != 0, __builtin_cpu_supports("bmi2") != 0);
    EXPECT_EQ((features & AXNN_CPU_AVX512F) != 0, __builtin_cpu_supports("avx512f") != 0);
    EXPECT_EQ((features & AXNN_CPU_AVX512BW) != 0, __builtin_cpu_supports("avx512bw") != 0);
    EXPECT_EQ((features & AXNN_CPU_AVX512DQ) != 0, __builtin_cpu_supports("avx512dq") != 0);
    EXPECT_EQ((features & AXNN_CPU_AVX512VL) != 0, __builtin_cpu_supports("avx512vl") != 0);
    EXPECT_EQ((features & AXNN_CPU_AVX512VBMI) != 0, __builtin_cpu_supports("avx512vbmi") != 0);
    EXPECT_EQ((features & AXNN_CPU_AVX512VNNI) != 0, __builtin_cpu_supports("avx512vnni") != 0);
    EXPECT_EQ((features & AXNN_CPU_AVX512VPOPCNTDQ) != 0, __builtin_cpu_supports("avx512vpopcntdq") != 0);
    EXPECT_EQ((features & AXNN_CPU_AVX512BITALG) != 0, __builtin_cpu_supports("avx512bitalg") != 0);
    const ScopedEnvironment variable("AXNN_MAX_ISA", "scalar");
    EXPECT_EQ(axnn_cpu_features(), features) << "AXNN_MAX_ISA changes what the CPU has";
}
#endif

TEST(Abi, TwoTiersInOneProcess) {
    const Context scalar = make_context(AXNN_TIER_SCALAR, 1);
    const Context best = make_context(AXNN_TIER_BEST, 2);
    EXPECT_EQ(tier_of(scalar), uint32_t{AXNN_TIER_SCALAR});
    const std::vector<float> x(run_shape.inputs(), 0.25f);
    for (Plan (*make)(const axnn_context*) : {approx_plan, binary_plan}) {
        const Plan a = make(scalar.get());
        const Plan b = make(best.get());
        EXPECT_TRUE(all_equal(execute(a.get(), run_shape, x), execute(b.get(), run_shape, x)));
    }
}

// ---- Handles -------------------------------------------------------------------------------------

TEST(Abi, DestroyAcceptsNull) {
    axnn_context_destroy(nullptr);
    axnn_multiplier_destroy(nullptr);
    axnn_plan_destroy(nullptr);
}

TEST(Abi, LiveHandlesCountsEveryKind) {
    const uint64_t before = axnn_live_handles();
    Context context = make_context(AXNN_TIER_BEST, 1);
    EXPECT_EQ(axnn_live_handles(), before + 1);
    Multiplier multiplier = make_multiplier(exact_table());
    EXPECT_EQ(axnn_live_handles(), before + 2);
    Plan plan = float_plan(context.get());
    EXPECT_EQ(axnn_live_handles(), before + 3);
    context.reset();
    multiplier.reset();
    EXPECT_EQ(axnn_live_handles(), before + 1);
    plan.reset();
    EXPECT_EQ(axnn_live_handles(), before);
}

// What a plan was made from may go before it.
TEST(Abi, PlansOutliveWhatTheyWereMadeFrom) {
    const std::vector<float> x(run_shape.inputs(), 0.25f);
    for (uint32_t tier : available_tiers())
        for (Plan (*make)(const axnn_context*) : {approx_plan, binary_plan, float_plan}) {
            Context context = make_context(tier, 2);
            const Plan plan = make(context.get());
            const Plan other = make(context.get());
            const std::vector<float> y = execute(plan.get(), run_shape, x);
            context.reset();
            EXPECT_TRUE(all_equal(execute(plan.get(), run_shape, x), y));
            EXPECT_TRUE(all_equal(execute(other.get(), run_shape, x), y));
        }
}

// A plan copies its weights, scales and bias.
TEST(Abi, PlansCopyTheirNumbers) {
    BinaryCall call;
    ASSERT_EQ(call.run(), AXNN_OK);
    const Plan plan(call.out_value);
    const Conv c = {.in_channels = 3, .h = 3, .w = 2, .out_channels = 3, .kernel_h = 3};
    const std::vector<float> x(c.inputs(), 1.0f);
    const std::vector<float> y = execute(plan.get(), c, x);
    std::fill(call.w.begin(), call.w.end(), uint8_t{0});
    std::fill(call.values.begin(), call.values.end(), nan);
    EXPECT_TRUE(all_equal(execute(plan.get(), c, x), y));
}

TEST(Abi, AThousandHandles) {
    const uint64_t before = axnn_live_handles();
    for (int i = 0; i < 1000; i++) {
        const Context context = make_context(AXNN_TIER_BEST, 1 + i % 2);
        const Plan plan = i % 2 ? binary_plan(context.get()) : float_plan(context.get());
        ASSERT_EQ(axnn_live_handles(), before + 2);
    }
    EXPECT_EQ(axnn_live_handles(), before);
}

// ---- Texts and versions --------------------------------------------------------------------------

TEST(Abi, LastErrorIsCutToFit) {
    ASSERT_EQ(axnn_context_create(nullptr, nullptr), AXNN_ERROR_NULL_POINTER);
    const std::string whole = last_error();
    ASSERT_GT(whole.size(), 4u);
    EXPECT_EQ(axnn_last_error(nullptr, 0), whole.size());
    char cut[8] = "#######";
    EXPECT_EQ(axnn_last_error(cut, 4), whole.size());
    EXPECT_EQ(std::string(cut), whole.substr(0, 3));
    EXPECT_EQ(cut[4], '#') << "written past the end";
    EXPECT_EQ(axnn_last_error(cut, 1), whole.size());
    EXPECT_EQ(cut[0], '\0');
    cut[0] = '#';
    EXPECT_EQ(axnn_last_error(cut, 0), whole.size());
    EXPECT_EQ(cut[0], '#') << "written into no bytes";
}

TEST(Abi, ASuccessLeavesTheMessage) {
    ASSERT_EQ(axnn_context_create(nullptr, nullptr), AXNN_ERROR_NULL_POINTER);
    const std::string message = last_error();
    make_context(AXNN_TIER_SCALAR, 1);
    EXPECT_EQ(last_error(), message);
}

TEST(Abi, Versions) {
    EXPECT_EQ(axnn_abi_version(), uint32_t{AXNN_ABI_VERSION});
    char text[32];
    const size_t length = axnn_version(text, sizeof text);
    EXPECT_EQ(std::string(text), AXNN_PROJECT_VERSION);
    EXPECT_EQ(length, std::strlen(AXNN_PROJECT_VERSION));
    EXPECT_EQ(axnn_version(nullptr, 0), length);
}

}  // namespace
}  // namespace axnn::test
