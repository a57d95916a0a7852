// The contract of the C functions for bits and binary layers. A failed call writes nothing but a message that
// names the argument.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/mistakes.hpp"
#include "support/reference.hpp"

namespace axnn::test {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr int32_t int32_max = std::numeric_limits<int32_t>::max();

constexpr Conv shape = {.n = 2,
                        .in_channels = 12,
                        .h = 4,
                        .w = 5,
                        .out_channels = 9,
                        .kernel_h = 3,
                        .kernel_w = 2,
                        .pad_top = 1,
                        .pad_left = 1};
constexpr size_t output_pixels = size_t{2} * 3 * 5;

Plan binary_plan(const axnn_context* context) {
    BinaryLayer layer;
    layer.w.assign(shape.weights(), 0.5f);
    return layer.make(context, shape);
}

Plan float_plan(const axnn_context* context) {
    return make_float_plan(context, shape, std::vector<float>(shape.weights(), 0.5f), {});
}

// ---- Execute -------------------------------------------------------------------------------------

struct ExecuteCall {
    Context context = make_context(AXNN_TIER_BEST, 2);
    Plan owned = binary_plan(context.get());
    Plan floats = float_plan(context.get());
    const axnn_plan* plan = owned.get();
    // Bits by the bit image's size, or floats.
    std::vector<float> values = std::vector<float>(shape.inputs(), 0.25f);
    uint32_t x_type = AXNN_FLOAT32;
    const void* x = values.data();
    size_t x_bytes = shape.inputs() * sizeof(float);
    int32_t n = shape.n;
    int32_t h = shape.h;
    int32_t w = shape.w;
    uint32_t y_type = AXNN_FLOAT32;
    axnn_quantization numbers = {sizeof numbers, 1, 0, -128, 127};
    const axnn_quantization* quantization = nullptr;
    Output<float> out{shape.outputs()};
    const void* y = out.data;
    size_t y_bytes = out.bytes;

    axnn_status run() {
        return axnn_binary_execute(plan, x_type, x, x_bytes, n, h, w, y_type, quantization,
                                   const_cast<void*>(y), y_bytes);
    }
    bool untouched() const { return out.untouched(); }
};

TEST(AbiBinary, ExecuteRefuses) {
    using C = ExecuteCall;
    EXPECT_EQ(shape.outputs(), output_pixels * 9);
    const auto bits_in = [](C& c, size_t bytes) {
        c.x_type = AXNN_BITS;
        c.x_bytes = bytes;
    };
    const auto to = [](C& c, uint32_t type, size_t bytes) {
        c.y_type = type;
        c.y_bytes = bytes;
        if (type == AXNN_CODES) c.quantization = &c.numbers;
    };
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "plan", [](C& c) { c.plan = nullptr; }},
        {AXNN_ERROR_UNSUPPORTED, "plan", [](C& c) { c.plan = c.floats.get(); }},
        {AXNN_ERROR_INVALID_ARGUMENT, "n is 0", [](C& c) { c.n = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "h is 0", [](C& c) { c.h = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "w is -1", [](C& c) { c.w = -1; }},
        {AXNN_ERROR_SHAPE, "no output pixel", [](C& c) { c.h = 1; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.n = c.h = c.w = int32_max; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x_type is 4", [](C& c) { c.x_type = 4; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x_type is 1", [](C& c) { c.x_type = AXNN_INT32; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x_type is 2", [](C& c) { c.x_type = AXNN_CODES; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "y_type is 4", [](C& c) { c.y_type = 4; }},
        {AXNN_ERROR_NULL_POINTER, "x", [](C& c) { c.x = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x is not aligned",
         [](C& c) { c.x = static_cast<const uint8_t*>(c.x) + 1; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.x_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has 79 bytes, needed are 80", [&](C& c) { bits_in(c, 79); }},
        {AXNN_ERROR_NULL_POINTER, "y", [](C& c) { c.y = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "y is not aligned",
         [](C& c) { c.y = static_cast<const uint8_t*>(c.y) + 1; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "y has", [](C& c) { c.y_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "y has", [&](C& c) { to(c, AXNN_INT32, c.y_bytes - 1); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "y has", [&](C& c) { to(c, AXNN_CODES, shape.outputs() - 1); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "y has", [&](C& c) { to(c, AXNN_BITS, 2 * output_pixels - 1); }},
        {AXNN_ERROR_NULL_POINTER, "y_quantization",
         [&](C& c) {
             to(c, AXNN_CODES, shape.outputs());
             c.quantization = nullptr;
         }},
        {AXNN_ERROR_QUANTIZATION, "y_quantization->scale",
         [&](C& c) {
             to(c, AXNN_CODES, shape.outputs());
             c.numbers.scale = nan;
         }},
        {AXNN_ERROR_STRUCT_SIZE, "y_quantization",
         [&](C& c) {
             to(c, AXNN_CODES, shape.outputs());
             c.numbers.struct_size--;
         }},
        {AXNN_ERROR_INVALID_ARGUMENT, "y_quantization is not NULL",
         [](C& c) { c.quantization = &c.numbers; }},
    });
}

TEST(AbiBinary, ExecuteTakesBuffersOfJustTheSize) {
    for (uint32_t x_type : {AXNN_FLOAT32, AXNN_BITS})
        for (uint32_t y_type : {AXNN_FLOAT32, AXNN_INT32, AXNN_CODES, AXNN_BITS}) {
            ExecuteCall c;
            c.x_type = x_type;
            if (x_type == AXNN_BITS) c.x_bytes = size_t{2} * 4 * 5 * 2;
            c.y_type = y_type;
            if (y_type == AXNN_CODES) c.y_bytes = shape.outputs();
            if (y_type == AXNN_BITS) c.y_bytes = output_pixels * 2;
            if (y_type == AXNN_CODES) c.quantization = &c.numbers;
            EXPECT_EQ(c.run(), AXNN_OK) << last_error();
            EXPECT_FALSE(c.untouched());
        }
}

TEST(AbiBinary, NoGradientsThroughTheFunctionOfFloatPlans) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Plan plan = binary_plan(context.get());
    std::vector<float> x(shape.inputs()), grad(shape.outputs()), bias(9);
    EXPECT_TRUE(fails_with(
        axnn_plan_backward(plan.get(), 0, x.data(), x.size() * 4, shape.n, shape.h, shape.w, grad.data(),
                           grad.size() * 4, nullptr, 0, nullptr, 0, bias.data(), bias.size() * 4),
        AXNN_ERROR_UNSUPPORTED, "axnn_binary_backward"));
}

// ---- Images --------------------------------------------------------------------------------------

struct PackImageCall {
    Context owned = make_context(AXNN_TIER_BEST, 1);
    const axnn_context* context = owned.get();
    std::vector<float> values = std::vector<float>(2 * 9 * 3 * 4, 0.5f);
    const float* x = values.data();
    size_t x_bytes = values.size() * sizeof(float);
    int32_t n = 2;
    int32_t channels = 9;
    int32_t h = 3;
    int32_t w = 4;
    Output<uint8_t> out{2 * 3 * 4 * 2};

    axnn_status run() {
        return axnn_binary_pack_image(context, x, x_bytes, n, channels, h, w, out.data, out.bytes);
    }
    bool untouched() const { return out.untouched(); }
};

TEST(AbiBinary, PackImageRefuses) {
    using C = PackImageCall;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "context", [](C& c) { c.context = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "x", [](C& c) { c.x = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x is not aligned", [](C& c) { c.x = misaligned(c.x); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.x_bytes--; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "n is 0", [](C& c) { c.n = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "channels is 0", [](C& c) { c.channels = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "h is -1", [](C& c) { c.h = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "w is 0", [](C& c) { c.w = 0; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.n = c.channels = c.h = int32_max; }},
        {AXNN_ERROR_NULL_POINTER, "bits", [](C& c) { c.out.data = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "bits has 47 bytes, needed are 48", [](C& c) { c.out.bytes--; }},
    });
}

struct MaxPoolCall {
    Context owned = make_context(AXNN_TIER_BEST, 1);
    const axnn_context* context = owned.get();
    axnn_conv2d_desc desc = Conv{.in_channels = 9,
                                 .out_channels = 9,
                                 .kernel_h = 2,
                                 .kernel_w = 2,
                                 .stride_h = 2,
                                 .stride_w = 2,
                                 .groups = 9}
                                .desc();
    const axnn_conv2d_desc* window = &desc;
    std::vector<uint8_t> values = std::vector<uint8_t>(2 * 4 * 6 * 2, 0xff);
    const uint8_t* x = values.data();
    size_t x_bytes = values.size();
    int32_t n = 2;
    int32_t h = 4;
    int32_t w = 6;
    std::vector<uint8_t> minima = {1, 0};
    const uint8_t* minimum = minima.data();
    size_t minimum_bytes = 2;
    Output<uint8_t> out{2 * 2 * 3 * 2};

    axnn_status run() {
        return axnn_binary_max_pool(context, window, x, x_bytes, n, h, w, minimum, minimum_bytes, out.data,
                                    out.bytes);
    }
    bool untouched() const { return out.untouched(); }
};

TEST(AbiBinary, MaxPoolRefuses) {
    using C = MaxPoolCall;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "context", [](C& c) { c.context = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "window", [](C& c) { c.window = nullptr; }},
        {AXNN_ERROR_STRUCT_SIZE, "window", [](C& c) { c.desc.struct_size++; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "stride_h is 0", [](C& c) { c.desc.stride_h = 0; }},
        {AXNN_ERROR_SHAPE, "out_channels 18", [](C& c) { c.desc.out_channels = 18; }},
        {AXNN_ERROR_SHAPE, "groups 3", [](C& c) { c.desc.groups = 3; }},
        {AXNN_ERROR_NULL_POINTER, "x", [](C& c) { c.x = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.x_bytes--; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "n is 0", [](C& c) { c.n = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "h is 0", [](C& c) { c.h = 0; }},
        {AXNN_ERROR_SHAPE, "no output pixel", [](C& c) { c.w = 1; }},
        {AXNN_ERROR_NULL_POINTER, "minimum", [](C& c) { c.minimum = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "minimum has", [](C& c) { c.minimum_bytes = 1; }},
        {AXNN_ERROR_NULL_POINTER, "y", [](C& c) { c.out.data = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "y has", [](C& c) { c.out.bytes--; }},
    });
}

// ---- What a plan keeps -----------------------------------------------------------------------------

struct ParametersCall {
    Context context = make_context(AXNN_TIER_BEST, 1);
    Plan owned = binary_plan(context.get());
    Plan floats = float_plan(context.get());
    const axnn_plan* plan = owned.get();
    Output<uint8_t> weights{9 * 9};
    Output<float> scales{9};
    Output<float> bias{9};

    axnn_status run() {
        return axnn_binary_parameters(plan, weights.data, weights.bytes, scales.data, scales.bytes, bias.data,
                                      bias.bytes);
    }
    bool untouched() const { return weights.untouched() && scales.untouched() && bias.untouched(); }
};

TEST(AbiBinary, ParametersRefuse) {
    using C = ParametersCall;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "plan", [](C& c) { c.plan = nullptr; }},
        {AXNN_ERROR_UNSUPPORTED, "plan", [](C& c) { c.plan = c.floats.get(); }},
        {AXNN_ERROR_NULL_POINTER, "weights", [](C& c) { c.weights.data = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights has 80 bytes, needed are 81", [](C& c) { c.weights.bytes--; }},
        {AXNN_ERROR_NULL_POINTER, "scales", [](C& c) { c.scales.data = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "scales is not aligned",
         [](C& c) { c.scales.data = misaligned(c.scales.data); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "scales has", [](C& c) { c.scales.bytes--; }},
        {AXNN_ERROR_NULL_POINTER, "bias", [](C& c) { c.bias.data = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "bias has", [](C& c) { c.bias.bytes--; }},
    });
}

TEST(AbiBinary, MemoryRefuses) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Plan binary = binary_plan(context.get()), floats = float_plan(context.get());
    uint64_t bytes = 77;
    EXPECT_TRUE(fails_with(axnn_binary_memory(nullptr, &bytes), AXNN_ERROR_NULL_POINTER, "plan"));
    EXPECT_TRUE(fails_with(axnn_binary_memory(floats.get(), &bytes), AXNN_ERROR_UNSUPPORTED, "plan"));
    EXPECT_TRUE(fails_with(axnn_binary_memory(binary.get(), nullptr), AXNN_ERROR_NULL_POINTER, "bytes"));
    EXPECT_EQ(bytes, 77u);
}

}  // namespace
}  // namespace axnn::test
