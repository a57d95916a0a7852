// The contract of the C functions that training and tracing need: derived plans, noise, gradients, operands,
// fake quantisation. A failed call writes nothing but a message that names the argument.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/compare.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/mistakes.hpp"
#include "support/reference.hpp"

namespace axnn::test {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr int32_t int32_max = std::numeric_limits<int32_t>::max();

constexpr Conv shape = {.n = 2,
                        .in_channels = 2,
                        .h = 4,
                        .w = 5,
                        .out_channels = 3,
                        .kernel_h = 3,
                        .kernel_w = 2,
                        .pad_top = 1,
                        .pad_left = 1};

Plan approx_plan(const axnn_context* context, uint32_t products = AXNN_PRODUCTS_TABLE) {
    ApproxLayer layer;
    layer.table = exact_table();
    layer.desc.products = products;
    layer.w.assign(shape.weights(), 0.5f);
    return layer.make(context, shape);
}

Plan binary_plan(const axnn_context* context) {
    BinaryLayer layer;
    layer.w.assign(shape.weights(), 0.5f);
    return layer.make(context, shape);
}

Plan float_plan(const axnn_context* context) {
    return make_float_plan(context, shape, std::vector<float>(shape.weights(), 0.5f), {});
}

// ---- Runs of a plan ------------------------------------------------------------------------------

struct PlanCall {
    Context context = make_context(AXNN_TIER_BEST, 2);
    Plan owned = approx_plan(context.get());
    Plan binary = binary_plan(context.get());
    Plan floats = float_plan(context.get());
    const axnn_plan* plan = owned.get();
    std::vector<float> values = std::vector<float>(shape.inputs(), 0.25f);
    const float* x = values.data();
    size_t x_bytes = shape.inputs() * sizeof(float);
    int32_t n = shape.n;
    int32_t h = shape.h;
    int32_t w = shape.w;
};

// What all runs refuse; `output` is the name of the result, which is a member `out`.
template <typename Call>
std::vector<Mistake<Call>> run_mistakes(const char* output) {
    return {
        {AXNN_ERROR_NULL_POINTER, "plan", [](Call& c) { c.plan = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "x", [](Call& c) { c.x = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x is not aligned", [](Call& c) { c.x = misaligned(c.x); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](Call& c) { c.x_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](Call& c) { c.x_bytes = 0; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](Call& c) { c.n++; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "n is 0", [](Call& c) { c.n = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "n is -1", [](Call& c) { c.n = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "h is 0", [](Call& c) { c.h = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "w is", [](Call& c) { c.w = INT32_MIN; }},
        {AXNN_ERROR_SHAPE, "1 x 5", [](Call& c) { c.h = 1; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](Call& c) { c.n = c.h = c.w = int32_max; }},
        {AXNN_ERROR_NULL_POINTER, output, [](Call& c) { c.out.data = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, output, [](Call& c) { c.out.bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, output, [](Call& c) { c.out.bytes = 0; }},
    };
}

// What only an approximate plan can do.
template <typename Call>
std::vector<Mistake<Call>> approximate_only(const char* output) {
    std::vector<Mistake<Call>> mistakes = run_mistakes<Call>(output);
    mistakes.push_back({AXNN_ERROR_UNSUPPORTED, "plan", [](Call& c) { c.plan = c.floats.get(); }});
    mistakes.push_back({AXNN_ERROR_UNSUPPORTED, "plan", [](Call& c) { c.plan = c.binary.get(); }});
    return mistakes;
}

struct NoiseCall : PlanCall {
    axnn_noise_desc noise = {sizeof noise, 0.5f, 0.25f, 1, 2};
    const axnn_noise_desc* noise_pointer = &noise;
    Output<float> out{shape.outputs()};

    axnn_status run() {
        return axnn_plan_execute_noise(plan, noise_pointer, x, x_bytes, n, h, w, out.data, out.bytes);
    }
    bool untouched() const { return out.untouched(); }
};

TEST(AbiTraining, NoiseRefuses) {
    using C = NoiseCall;
    expect_refusals(approximate_only<C>("y"));
    expect_refusals<C>({
        {AXNN_ERROR_INVALID_ARGUMENT, "y is not aligned", [](C& c) { c.out.data = misaligned(c.out.data); }},
        {AXNN_ERROR_NULL_POINTER, "noise", [](C& c) { c.noise_pointer = nullptr; }},
        {AXNN_ERROR_STRUCT_SIZE, "noise->struct_size", [](C& c) { c.noise.struct_size = 0; }},
        {AXNN_ERROR_STRUCT_SIZE, "noise->struct_size", [](C& c) { c.noise.struct_size -= 4; }},
        {AXNN_ERROR_STRUCT_SIZE, "noise->struct_size", [](C& c) { c.noise.struct_size += 4; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "noise->stdev is -1", [](C& c) { c.noise.stdev = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "noise->stdev", [](C& c) { c.noise.stdev = infinity; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "noise->stdev", [](C& c) { c.noise.stdev = nan; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "noise->mean", [](C& c) { c.noise.mean = infinity; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "noise->mean", [](C& c) { c.noise.mean = -infinity; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "noise->mean", [](C& c) { c.noise.mean = nan; }},
    });
}

struct UnfoldCall : PlanCall {
    Output<uint8_t> out{shape.n * shape.fan_in() * shape.out_h() * shape.out_w()};

    axnn_status run() { return axnn_plan_unfold(plan, x, x_bytes, n, h, w, out.data, out.bytes); }
    bool untouched() const { return out.untouched(); }
};

TEST(AbiTraining, UnfoldRefuses) { expect_refusals(approximate_only<UnfoldCall>("codes")); }

struct HistogramCall : PlanCall {
    Output<int64_t> out{256};

    axnn_status run() { return axnn_plan_unfold_histogram(plan, x, x_bytes, n, h, w, out.data, out.bytes); }
    bool untouched() const { return out.untouched(); }
};

TEST(AbiTraining, UnfoldHistogramRefuses) {
    using C = HistogramCall;
    expect_refusals(approximate_only<C>("counts"));
    expect_refusals<C>({{AXNN_ERROR_INVALID_ARGUMENT, "counts is not aligned",
                         [](C& c) { c.out.data = misaligned(c.out.data); }}});
}

struct WeightCodesCall : PlanCall {
    Output<uint8_t> out{shape.weights()};

    axnn_status run() { return axnn_plan_weight_codes(plan, out.data, out.bytes); }
    bool untouched() const { return out.untouched(); }
};

TEST(AbiTraining, WeightCodesRefuses) {
    using C = WeightCodesCall;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "plan", [](C& c) { c.plan = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "codes", [](C& c) { c.out.data = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "codes", [](C& c) { c.out.bytes--; }},
        {AXNN_ERROR_UNSUPPORTED, "plan", [](C& c) { c.plan = c.floats.get(); }},
        {AXNN_ERROR_UNSUPPORTED, "plan", [](C& c) { c.plan = c.binary.get(); }},
    });
}

// ---- Fake quantisation ---------------------------------------------------------------------------

struct FakeQuantizeCall {
    Context owner = make_context(AXNN_TIER_BEST, 1);
    const axnn_context* context = owner.get();
    axnn_quantization quantization = {sizeof quantization, 0.5f, 0, -128, 127};
    const axnn_quantization* quantization_pointer = &quantization;
    std::vector<float> values = std::vector<float>(4, 1.0f);
    const float* x = values.data();
    size_t x_bytes = 16;
    size_t count = 4;
    Output<float> out{4};

    axnn_status run() {
        return axnn_fake_quantize(context, quantization_pointer, x, x_bytes, count, out.data, out.bytes);
    }
    bool untouched() const { return out.untouched(); }
};

struct FakeQuantizeBackwardCall : FakeQuantizeCall {
    const float* grad_y = values.data();
    size_t grad_y_bytes = 16;

    axnn_status run() {
        return axnn_fake_quantize_backward(context, quantization_pointer, x, x_bytes, grad_y, grad_y_bytes,
                                           count, out.data, out.bytes);
    }
};

template <typename C>
std::vector<Mistake<C>> fake_quantize_mistakes(const char* output) {
    return {
        {AXNN_ERROR_NULL_POINTER, "context", [](C& c) { c.context = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "quantization", [](C& c) { c.quantization_pointer = nullptr; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.quantization.struct_size = 0; }},
        {AXNN_ERROR_STRUCT_SIZE, "struct_size", [](C& c) { c.quantization.struct_size += 4; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.quantization.scale = 0; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.quantization.scale = -1; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.quantization.scale = infinity; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.quantization.scale = nan; }},
        {AXNN_ERROR_QUANTIZATION, "zero_point", [](C& c) { c.quantization.zero_point = 128; }},
        {AXNN_ERROR_QUANTIZATION, "code_min", [](C& c) { c.quantization.code_max = 32768; }},
        {AXNN_ERROR_QUANTIZATION, "code_min", [](C& c) { c.quantization.code_max = -129; }},
        {AXNN_ERROR_NULL_POINTER, "x", [](C& c) { c.x = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x is not aligned", [](C& c) { c.x = misaligned(c.x); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.x_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.count++; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.count = SIZE_MAX; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.count = size_t{1} << 62; }},
        {AXNN_ERROR_NULL_POINTER, output, [](C& c) { c.out.data = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, output, [](C& c) { c.out.data = misaligned(c.out.data); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, output, [](C& c) { c.out.bytes--; }},
    };
}

struct CopyChannelsCall {
    Context owner = make_context(AXNN_TIER_BEST, 1);
    const axnn_context* context = owner.get();
    std::vector<float> values = std::vector<float>(4, 1.0f);
    const float* x = values.data();
    size_t x_bytes = 16;
    size_t count = 4;
    size_t channels = 2;
    Output<float> y{4};
    Output<float> magnitudes{2};

    axnn_status run() {
        return axnn_copy_channels(context, x, x_bytes, count, channels, y.data, y.bytes, magnitudes.data,
                                  magnitudes.bytes);
    }
    bool untouched() const { return y.untouched() && magnitudes.untouched(); }
};

TEST(AbiTraining, CopyChannelsRefuses) {
    using C = CopyChannelsCall;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "context", [](C& c) { c.context = nullptr; }},
        {AXNN_ERROR_SHAPE, "channels is 0", [](C& c) { c.channels = 0; }},
        {AXNN_ERROR_SHAPE, "channels is 3", [](C& c) { c.channels = 3; }},
        {AXNN_ERROR_NULL_POINTER, "x", [](C& c) { c.x = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x is not aligned", [](C& c) { c.x = misaligned(c.x); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.x_bytes--; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.count = size_t{1} << 62; }},
        {AXNN_ERROR_NULL_POINTER, "y", [](C& c) { c.y.data = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "y has", [](C& c) { c.y.bytes--; }},
        {AXNN_ERROR_NULL_POINTER, "magnitudes", [](C& c) { c.magnitudes.data = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "magnitudes has", [](C& c) { c.magnitudes.bytes--; }},
    });
}

TEST(AbiTraining, FakeQuantizeRefuses) { expect_refusals(fake_quantize_mistakes<FakeQuantizeCall>("y")); }

TEST(AbiTraining, FakeQuantizeBackwardRefuses) {
    using C = FakeQuantizeBackwardCall;
    expect_refusals(fake_quantize_mistakes<C>("grad_x"));
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "grad_y", [](C& c) { c.grad_y = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "grad_y", [](C& c) { c.grad_y = misaligned(c.grad_y); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "grad_y", [](C& c) { c.grad_y_bytes--; }},
    });
}

// ---- Gradients -----------------------------------------------------------------------------------

struct BackwardCall : PlanCall {
    int32_t half_window = 0;
    std::vector<float> gradients = std::vector<float>(shape.outputs(), 0.5f);
    const float* grad_out = gradients.data();
    size_t grad_out_bytes = shape.outputs() * sizeof(float);
    Output<float> grad_x{shape.inputs()};
    Output<float> grad_weights{shape.weights()};
    Output<float> grad_bias{3};

    axnn_status run() {
        return axnn_plan_backward(plan, half_window, x, x_bytes, n, h, w, grad_out, grad_out_bytes,
                                  grad_x.data, grad_x.bytes, grad_weights.data, grad_weights.bytes,
                                  grad_bias.data, grad_bias.bytes);
    }
    bool untouched() const { return grad_x.untouched() && grad_weights.untouched() && grad_bias.untouched(); }
};

// The arguments are examined before the kind of plan.
TEST(AbiTraining, BackwardRefuses) {
    using C = BackwardCall;
    const std::vector<Mistake<C>> mistakes = {
        {AXNN_ERROR_NULL_POINTER, "plan", [](C& c) { c.plan = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "x", [](C& c) { c.x = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x is not aligned", [](C& c) { c.x = misaligned(c.x); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.x_bytes--; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "n is 0", [](C& c) { c.n = 0; }},
        {AXNN_ERROR_SHAPE, "1 x 5", [](C& c) { c.h = 1; }},
        {AXNN_ERROR_NULL_POINTER, "grad_out", [](C& c) { c.grad_out = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "grad_out", [](C& c) { c.grad_out = misaligned(c.grad_out); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "grad_out", [](C& c) { c.grad_out_bytes--; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "half_window is -1", [](C& c) { c.half_window = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "half_window is 64", [](C& c) { c.half_window = 64; }},
        {AXNN_ERROR_NULL_POINTER, "grad_x", [](C& c) { c.grad_x.data = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "grad_weights", [](C& c) { c.grad_weights.data = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "grad_bias", [](C& c) { c.grad_bias.data = nullptr; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "grad_x", [](C& c) { c.grad_x.bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "grad_x", [](C& c) { c.grad_x.bytes = 0; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "grad_weights", [](C& c) { c.grad_weights.bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "grad_bias", [](C& c) { c.grad_bias.bytes--; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "grad_x", [](C& c) { c.grad_x.data = misaligned(c.grad_x.data); }},
        {AXNN_ERROR_INVALID_ARGUMENT, "grad_bias",
         [](C& c) { c.grad_bias.data = misaligned(c.grad_bias.data); }},
        {AXNN_ERROR_NULL_POINTER, "grad_x, grad_weights and grad_bias",
         [](C& c) {
             for (Output<float>* grad : {&c.grad_x, &c.grad_weights, &c.grad_bias}) {
                 grad->data = nullptr;
                 grad->bytes = 0;
             }
         }},
        {AXNN_ERROR_UNSUPPORTED, "axnn_binary_backward", [](C& c) { c.plan = c.binary.get(); }},
    };
    for (size_t i = 0; i < mistakes.size(); i++) {
        SCOPED_TRACE("mistake " + std::to_string(i));
        C call;
        mistakes[i].make(call);
        EXPECT_TRUE(fails_with(call.run(), mistakes[i].status, mistakes[i].named));
        EXPECT_TRUE(call.untouched()) << "a failure wrote output";
    }
}

// ---- Derived plans -------------------------------------------------------------------------------

struct DeriveCall {
    Context context = make_context(AXNN_TIER_BEST, 1);
    Plan owned = approx_plan(context.get());
    Plan exact = approx_plan(context.get(), AXNN_PRODUCTS_EXACT);
    Plan binary = binary_plan(context.get());
    Plan floats = float_plan(context.get());
    const axnn_plan* plan = owned.get();
    ApproxLayer layer;
    const axnn_approx_desc* approx = &layer.desc;
    std::vector<float> w = std::vector<float>(shape.weights(), 0.25f);
    const float* weights = w.data();
    size_t weights_bytes = w.size() * sizeof(float);
    std::vector<float> scales = std::vector<float>(3, 0.5f);
    const float* weight_scales = scales.data();
    size_t weight_scales_bytes = 12;
    std::vector<int32_t> zero_points = std::vector<int32_t>(3, 0);
    const int32_t* weight_zero_points = zero_points.data();
    size_t weight_zero_points_bytes = 12;
    std::vector<float> b = std::vector<float>(3, 0.5f);
    const float* bias = b.data();
    size_t bias_bytes = 12;
    axnn_plan* result = reinterpret_cast<axnn_plan*>(uintptr_t{16});
    axnn_plan** out = &result;
    Plan derived;

    void keep_weights() {
        weights = weight_scales = nullptr;
        weight_zero_points = nullptr;
        weights_bytes = weight_scales_bytes = weight_zero_points_bytes = 0;
    }
    axnn_status run() {
        const axnn_status status = axnn_approx_derive(plan, approx, nullptr, weights, weights_bytes,
                                                      weight_scales, weight_scales_bytes, weight_zero_points,
                                                      weight_zero_points_bytes, bias, bias_bytes, out);
        if (out) derived.reset(result);
        return status;
    }
    // A failure gives no handle.
    bool untouched() const { return !derived; }
};

TEST(AbiTraining, DeriveRefuses) {
    using C = DeriveCall;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "out", [](C& c) { c.out = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "plan", [](C& c) { c.plan = nullptr; }},
        {AXNN_ERROR_UNSUPPORTED, "plan", [](C& c) { c.plan = c.floats.get(); }},
        {AXNN_ERROR_UNSUPPORTED, "plan", [](C& c) { c.plan = c.binary.get(); }},
        {AXNN_ERROR_STRUCT_SIZE, "approx->struct_size", [](C& c) { c.layer.desc.struct_size = 0; }},
        {AXNN_ERROR_STRUCT_SIZE, "approx->struct_size", [](C& c) { c.layer.desc.struct_size -= 4; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "operand_order is 2", [](C& c) { c.layer.desc.operand_order = 2; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "padding_code is 2", [](C& c) { c.layer.desc.padding_code = 2; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "correction is 2",
         [](C& c) { c.layer.desc.zero_point_correction = 2; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "products is 2", [](C& c) { c.layer.desc.products = 2; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "products is", [](C& c) { c.layer.desc.products = UINT32_MAX; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "output_min", [](C& c) { c.layer.desc.output_min = nan; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "output_min",
         [](C& c) {
             c.layer.desc.output_max = -infinity;
             c.layer.desc.output_min = 0;
         }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.layer.desc.input_scale = 0; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.scales[1] = nan; }},
        {AXNN_ERROR_QUANTIZATION, "scale", [](C& c) { c.layer.desc.input_scale = c.scales[2] = 1e30f; }},
        {AXNN_ERROR_QUANTIZATION, "input_zero_point", [](C& c) { c.layer.desc.input_zero_point = 128; }},
        {AXNN_ERROR_QUANTIZATION, "weight_zero_points[2]", [](C& c) { c.zero_points[2] = 128; }},
        {AXNN_ERROR_OPERAND_RANGE, "input",
         [](C& c) {
             c.layer.desc.input_code_min = 0;
             c.layer.desc.input_code_max = 255;
         }},
        {AXNN_ERROR_OPERAND_RANGE, "weights",
         [](C& c) {
             c.layer.desc.weight_code_min = 0;
             c.layer.desc.weight_code_max = 255;
         }},
        // Weights, scales and zero points come together.
        {AXNN_ERROR_NULL_POINTER, "weights",
         [](C& c) {
             c.weights = nullptr;
             c.weights_bytes = 0;
         }},
        {AXNN_ERROR_NULL_POINTER, "weight_scales",
         [](C& c) {
             c.weight_scales = nullptr;
             c.weight_scales_bytes = 0;
         }},
        {AXNN_ERROR_NULL_POINTER, "weight_zero_points",
         [](C& c) {
             c.weight_zero_points = nullptr;
             c.weight_zero_points_bytes = 0;
         }},
        // NULL means "keep" only with 0 bytes.
        {AXNN_ERROR_NULL_POINTER, "weights",
         [](C& c) {
             c.keep_weights();
             c.weights_bytes = 4;
         }},
        {AXNN_ERROR_NULL_POINTER, "bias", [](C& c) { c.bias = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "weights is not aligned",
         [](C& c) { c.weights = misaligned(c.weights); }},
        {AXNN_ERROR_INVALID_ARGUMENT, "bias is not aligned", [](C& c) { c.bias = misaligned(c.bias); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights", [](C& c) { c.weights_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weight_scales", [](C& c) { c.weight_scales_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weight_zero_points", [](C& c) { c.weight_zero_points_bytes = 8; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "bias", [](C& c) { c.bias_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "bias", [](C& c) { c.bias_bytes = 0; }},
        // A new range of weight codes needs weights.
        {AXNN_ERROR_INVALID_ARGUMENT, "weight_code_min..weight_code_max is -127..127",
         [](C& c) {
             c.keep_weights();
             c.layer.desc.weight_code_min = -127;
         }},
        // The plan has exact products and was given no multiplier.
        {AXNN_ERROR_NULL_POINTER, "multiplier", [](C& c) { c.plan = c.exact.get(); }},
    });
}

// All that a caller can see of a plan.
void expect_same(const axnn_plan* actual, const axnn_plan* expected, const std::vector<float>& x) {
    EXPECT_TRUE(all_equal(execute(actual, shape, x), execute(expected, shape, x)));
    EXPECT_TRUE(all_equal(execute_sums(actual, shape, x), execute_sums(expected, shape, x)));
    const auto codes = [](const axnn_plan* plan) {
        std::vector<uint8_t> bytes(shape.weights());
        require(axnn_plan_weight_codes(plan, bytes.data(), bytes.size()));
        return bytes;
    };
    EXPECT_TRUE(all_equal(codes(actual), codes(expected)));
    const auto unfolded = [&](const axnn_plan* plan) {
        std::vector<uint8_t> bytes(shape.n * shape.fan_in() * shape.out_h() * shape.out_w());
        require(axnn_plan_unfold(plan, x.data(), x.size() * sizeof(float), shape.n, shape.h, shape.w,
                                 bytes.data(), bytes.size()));
        return bytes;
    };
    EXPECT_TRUE(all_equal(unfolded(actual), unfolded(expected)));
    const auto explained = [](const axnn_plan* plan) {
        char line[512];
        size_t length = 0;
        require(axnn_plan_explain(plan, shape.n, shape.h, shape.w, line, sizeof line, &length));
        return std::string(line);
    };
    EXPECT_EQ(explained(actual), explained(expected));
}

// Which parts of a layer a derived plan replaces.
struct Parts {
    bool numbers;
    bool multiplier;
    bool weights;
    bool bias;
};

// derive(plan of `layer`, parts of `other`).
Plan derive(const axnn_plan* plan, const ApproxLayer& other, const Parts& parts) {
    Multiplier multiplier;
    if (parts.multiplier) multiplier = make_multiplier(other.table);
    const auto data = [](bool given, const auto& values) { return given ? values.data() : nullptr; };
    const auto bytes = [](bool given, const auto& values) { return given ? values.size() * 4 : size_t{0}; };
    return make_plan([&](axnn_plan** out) {
        return axnn_approx_derive(plan, parts.numbers ? &other.desc : nullptr, multiplier.get(),
                                  data(parts.weights, other.w), bytes(parts.weights, other.w),
                                  data(parts.weights, other.w_scale), bytes(parts.weights, other.w_scale),
                                  data(parts.weights, other.w_zero_point),
                                  bytes(parts.weights, other.w_zero_point), data(parts.bias, other.bias),
                                  bytes(parts.bias, other.bias), out);
    });
}

// A layer whose every number differs from those of another seed.
ApproxLayer random_layer(Random& random) {
    ApproxLayer layer;
    layer.table = random_table(random, -30'000, 30'000);
    layer.desc.input_scale = random.real(0.01f, 0.02f);
    layer.desc.input_zero_point = static_cast<int32_t>(random.integer(-50, 50));
    layer.desc.input_code_min = static_cast<int32_t>(random.integer(-128, -100));
    layer.desc.input_code_max = static_cast<int32_t>(random.integer(100, 127));
    layer.desc.operand_order = random.pick({AXNN_WEIGHT_FIRST, AXNN_ACTIVATION_FIRST});
    layer.desc.padding_code = random.pick({AXNN_PAD_ZERO_POINT, AXNN_PAD_ZERO});
    layer.desc.zero_point_correction = random.pick({AXNN_CORRECTION_EXACT, AXNN_CORRECTION_TABLE});
    layer.desc.output_min = random.real(-2000, -1000);
    layer.desc.output_max = random.real(1000, 2000);
    layer.w = random.reals(shape.weights(), -2, 2);
    layer.w_scale = random.reals(shape.out_channels, 0.01f, 0.02f);
    for (size_t o = 1; o < layer.w_scale.size(); o++) layer.w_zero_point.push_back(0);
    for (int32_t& z : layer.w_zero_point) z = static_cast<int32_t>(random.integer(-50, 50));
    layer.bias = random.reals(shape.out_channels, -100, 100);
    return layer;
}

TEST(AbiTraining, ADerivedPlanIsThePlanMadeAnew) {
    Random random(90);
    for (uint32_t tier : available_tiers())
        for (int repeat = 0; repeat < 64; repeat++) {
            const Parts parts = {(repeat & 1) != 0, (repeat & 2) != 0, (repeat & 4) != 0, (repeat & 8) != 0};
            SCOPED_TRACE(std::string(tier_name(tier)) + ", parts " + std::to_string(repeat % 16));
            const ApproxLayer layer = random_layer(random);
            ApproxLayer other = random_layer(random);
            // To exact products and back needs the multiplier, which is kept meanwhile.
            if (parts.numbers && repeat >= 32) other.desc.products = AXNN_PRODUCTS_EXACT;
            // Another range of weight codes.
            if (parts.numbers && parts.weights) other.desc.weight_code_min = -127;
            const std::vector<float> x = random.reals(shape.inputs(), -2, 2);

            ApproxLayer mixed = layer;
            if (parts.numbers) mixed.desc = other.desc;
            if (parts.multiplier) mixed.table = other.table;
            if (parts.weights) {
                mixed.w = other.w;
                mixed.w_scale = other.w_scale;
                mixed.w_zero_point = other.w_zero_point;
            }
            if (parts.bias) mixed.bias = other.bias;

            const Context context = make_context(tier, 2);
            const Plan anew = mixed.make(context.get(), shape);
            Plan plan = layer.make(context.get(), shape);
            const std::vector<float> before = execute(plan.get(), shape, x);
            // The caller's buffers and the multiplier are gone after this.
            Plan derived = derive(plan.get(), ApproxLayer(other), parts);
            expect_same(derived.get(), anew.get(), x);
            EXPECT_TRUE(all_equal(execute(plan.get(), shape, x), before)) << "the old plan changed";

            // Either goes first; what is left works.
            if (repeat & 16) {
                plan.reset();
                expect_same(derived.get(), anew.get(), x);
            } else {
                derived.reset();
                EXPECT_TRUE(all_equal(execute(plan.get(), shape, x), before));
            }
            if (::testing::Test::HasFailure()) return;
        }
}

// A sweep: the multiplier's handle is destroyed at once; exact products keep the multiplier for later.
TEST(AbiTraining, APlanKeepsTheMultiplierItWasGiven) {
    Random random(91);
    const std::vector<float> x = random.reals(shape.inputs(), -2, 2);
    const ApproxLayer layer = random_layer(random);
    ApproxLayer exact = layer;
    exact.desc.products = AXNN_PRODUCTS_EXACT;
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Plan table_plan = layer.make(context.get(), shape);
    const Parts numbers = {true, false, false, false};

    const Plan to_exact = derive(table_plan.get(), exact, numbers);
    expect_same(to_exact.get(), exact.make(context.get(), shape).get(), x);
    expect_same(derive(to_exact.get(), layer, numbers).get(), table_plan.get(), x);

    // Given to a plan of exact products.
    ApproxLayer other = layer;
    other.table = random_table(random, -30'000, 30'000);
    const Plan swapped = derive(to_exact.get(), other, {false, true, false, false});
    expect_same(swapped.get(), to_exact.get(), x);
    expect_same(derive(swapped.get(), layer, numbers).get(), other.make(context.get(), shape).get(), x);
}

// Derived plans count as handles, and nothing of a chain of them stays behind.
TEST(AbiTraining, DerivedPlansAreHandles) {
    Random random(92);
    const uint64_t before = axnn_live_handles();
    const std::vector<float> x = random.reals(shape.inputs(), -2, 2);
    Context context = make_context(AXNN_TIER_BEST, 1);
    Plan plan = random_layer(random).make(context.get(), shape);
    context.reset();
    ApproxLayer last;
    for (int i = 0; i < 100; i++) {
        last = random_layer(random);
        plan = derive(plan.get(), last, {true, true, true, true});
        ASSERT_EQ(axnn_live_handles(), before + 1);
    }
    context = make_context(AXNN_TIER_BEST, 1);
    expect_same(plan.get(), last.make(context.get(), shape).get(), x);
    plan.reset();
    context.reset();
    EXPECT_EQ(axnn_live_handles(), before);
}

}  // namespace
}  // namespace axnn::test
