// Gradients through the C ABI against plain double loops of their definitions, on random shapes, on every
// tier, bit-equal on every thread count.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/compare.hpp"
#include "support/gradients.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/random.hpp"
#include "support/random_conv.hpp"
#include "support/reference.hpp"

namespace axnn::test {
namespace {

Expected expected_float(const Conv& c, const std::vector<float>& x, const std::vector<float>& w,
                        const std::vector<float>& grad_out) {
    return expected_gradients(c, grad_out, [&](int32_t, int64_t weight, int64_t input) -> Derivatives {
        return {w[static_cast<size_t>(weight)], input == padded ? 0 : x[static_cast<size_t>(input)]};
    });
}

void expect_close(const BackwardResult& actual, const Expected& expected) {
    EXPECT_TRUE(all_close(actual.x, expected.x)) << "grad_x";
    EXPECT_TRUE(all_close(actual.weights, expected.weights)) << "grad_weights";
    EXPECT_TRUE(all_close(actual.bias, expected.bias)) << "grad_bias";
}

void expect_equal(const BackwardResult& actual, const BackwardResult& expected) {
    EXPECT_TRUE(all_equal(actual.x, expected.x)) << "grad_x";
    EXPECT_TRUE(all_equal(actual.weights, expected.weights)) << "grad_weights";
    EXPECT_TRUE(all_equal(actual.bias, expected.bias)) << "grad_bias";
}

// Runs the plan that make(context) gives on every tier with one, two and three threads.
void check(const std::function<Plan(const axnn_context*)>& make, const Conv& c, const std::vector<float>& x,
           const std::vector<float>& grad_out, const Expected& expected, int32_t half_window = 0) {
    for (uint32_t tier : available_tiers()) {
        BackwardResult one_thread;
        for (uint32_t threads : {1, 2, 3}) {
            SCOPED_TRACE(std::string("tier ") + tier_name(tier) + ", threads " + std::to_string(threads));
            const Context context = make_context(tier, threads);
            const Plan plan = make(context.get());
            const BackwardResult all = backward(plan.get(), c, x, grad_out, half_window);
            expect_close(all, expected);
            if (threads == 1) one_thread = all;
            expect_equal(all, one_thread);
            // Subsets.
            expect_equal(backward(plan.get(), c, x, grad_out, half_window, true, false, false),
                         {all.x, {}, {}});
            expect_equal(backward(plan.get(), c, x, grad_out, half_window, false, true, true),
                         {{}, all.weights, all.bias});
        }
    }
}

TEST(Gradients, FloatLayers) {
    Random random(1);
    for (int i = 0; i < 60; i++) {
        const bool linear = i % 4 == 3;
        const Conv c = linear ? random_linear(random) : random_conv(random, 40, 70);
        SCOPED_TRACE("case " + std::to_string(i));
        const std::vector<float> x = random.reals(c.inputs(), -1, 1);
        const std::vector<float> w = random.reals(c.weights(), -1, 1);
        const std::vector<float> grad_out = random.reals(c.outputs(), -1, 1);
        check([&](const axnn_context* context) { return make_float_plan(context, c, w, {}, linear); }, c, x,
              grad_out, expected_float(c, x, w, grad_out));
    }
}

// d(sum of grad_out * y) by central differences; the sum is linear in each element.
TEST(Gradients, FloatLayersAgainstFiniteDifferences) {
    Random random(2);
    const Context context = make_context(AXNN_TIER_BEST, 2);
    for (int i = 0; i < 20; i++) {
        SCOPED_TRACE("case " + std::to_string(i));
        const Conv c = random_conv(random, 40, 70);
        std::vector<float> x = random.reals(c.inputs(), -1, 1);
        std::vector<float> w = random.reals(c.weights(), -1, 1);
        const std::vector<float> grad_out = random.reals(c.outputs(), -1, 1);
        const BackwardResult actual =
            backward(make_float_plan(context.get(), c, w, {}).get(), c, x, grad_out);
        const auto difference = [&](std::vector<float>& values, size_t index) {
            const auto loss = [&](float v) {
                const float kept = std::exchange(values[index], v);
                const std::vector<double> y = float_conv(c, x, w, {});
                values[index] = kept;
                double sum = 0;
                for (size_t n = 0; n < y.size(); n++) sum += grad_out[n] * y[n];
                return sum;
            };
            return (loss(1) - loss(-1)) / 2;
        };
        for (int probe = 0; probe < 3; probe++) {
            const auto at = [&](size_t count) {
                return static_cast<size_t>(random.integer(0, static_cast<int64_t>(count) - 1));
            };
            const size_t input = at(x.size()), weight = at(w.size());
            EXPECT_NEAR(actual.x[input], difference(x, input), 1e-4 * std::sqrt(c.outputs()));
            EXPECT_NEAR(actual.weights[weight], difference(w, weight), 1e-4 * std::sqrt(c.outputs()));
        }
    }
}

// ---- Through the table ---------------------------------------------------------------------------

// D of docs/numerics.md, term by term.
double difference(const std::function<double(int32_t)>& f, int32_t min, int32_t max, int32_t half_window,
                  int32_t v) {
    const auto smoothed = [&](int32_t centre) {
        double sum = 0;
        for (int32_t i = -half_window; i <= half_window; i++) sum += f(centre + i);
        return sum / (2 * half_window + 1);
    };
    const auto exists = [&](int32_t centre) {
        return centre >= min + half_window && centre <= max - half_window;
    };
    if (exists(v - 1) && exists(v + 1)) return (smoothed(v + 1) - smoothed(v - 1)) / 2;
    return (f(max) - f(min)) / (max - min);
}

Expected expected_table(const ApproxLayer& layer, const Conv& c, const std::vector<float>& x,
                        const std::vector<float>& grad_out, int32_t half_window) {
    const axnn_approx_desc& d = layer.desc;
    const int32_t zx = d.input_zero_point;
    const int32_t pad = d.padding_code == AXNN_PAD_ZERO ? 0 : zx;
    const int32_t x_min = std::min(d.input_code_min, pad), x_max = std::max(d.input_code_max, pad);
    const auto code_of = [&](int64_t input) {
        return input == padded ? pad
                               : quantize(x[static_cast<size_t>(input)], d.input_scale, zx, d.input_code_min,
                                          d.input_code_max);
    };
    const auto dx = [&](int32_t w, int32_t a) {
        return difference([&](int32_t v) { return layer.product(w, v); }, x_min, x_max, half_window, a);
    };
    const auto dw = [&](int32_t w, int32_t a) {
        return difference([&](int32_t v) { return layer.product(v, a); }, d.weight_code_min,
                          d.weight_code_max, half_window, w);
    };
    const bool exact = d.zero_point_correction == AXNN_CORRECTION_EXACT;
    return expected_gradients(c, grad_out, [&](int32_t o, int64_t weight, int64_t input) -> Derivatives {
        const auto channel = static_cast<size_t>(o);
        const int32_t a = code_of(input), zw = layer.weight_zero_point(channel);
        const int32_t w = quantize(layer.w[static_cast<size_t>(weight)], layer.weight_scale(channel), zw,
                                   d.weight_code_min, d.weight_code_max);
        return {layer.weight_scale(channel) * (dx(w, a) - (exact ? zw : dx(zw, a))),
                d.input_scale * (dw(w, a) - (exact ? zx : dw(w, zx)))};
    });
}

ApproxLayer random_layer(Random& random, const Conv& c, bool wide_codes) {
    ApproxLayer layer;
    axnn_approx_desc& d = layer.desc;
    layer.table = random_table(random, -1000, 1000);
    if (!wide_codes) {
        d.input_code_min = static_cast<int32_t>(random.integer(-20, 5));
        d.input_code_max = d.input_code_min + static_cast<int32_t>(random.integer(1, 100));
        d.weight_code_min = static_cast<int32_t>(random.integer(-100, 0));
        d.weight_code_max = d.weight_code_min + static_cast<int32_t>(random.integer(1, 120));
    }
    d.input_zero_point = static_cast<int32_t>(random.integer(d.input_code_min, d.input_code_max));
    d.operand_order = random.pick({AXNN_WEIGHT_FIRST, AXNN_ACTIVATION_FIRST});
    d.padding_code = random.pick({AXNN_PAD_ZERO, AXNN_PAD_ZERO_POINT});
    d.zero_point_correction = random.pick({AXNN_CORRECTION_EXACT, AXNN_CORRECTION_TABLE});
    layer.w = random.reals(c.weights(), -2.2f, 2.2f);
    const auto channels = static_cast<size_t>(c.out_channels);
    layer.w_scale = random.reals(random.chance(0.5) ? channels : 1, 0.01f, 0.03f);
    layer.w_zero_point.resize(random.chance(0.5) ? channels : 1);
    for (int32_t& z : layer.w_zero_point)
        z = static_cast<int32_t>(random.integer(d.weight_code_min, d.weight_code_max));
    return layer;
}

TEST(Gradients, ThroughTheTable) {
    Random random(3);
    int i = 0;
    for (int32_t half_window : {0, 1, 4, 63, 0, 1, 4, 63}) {
        SCOPED_TRACE("case " + std::to_string(i) + ", half window " + std::to_string(half_window));
        const bool linear = i == 3;
        Conv c = random_conv(random, 40, 70);
        if (linear) {
            c = Conv();
            c.n = 20;
            c.in_channels = 30;
            c.out_channels = 70;
        }
        // The definition is slow.
        c.n = linear ? c.n : 1;
        c.out_channels = linear ? c.out_channels : c.groups * 2;
        c.h = std::min(c.h, 12);
        const ApproxLayer layer = random_layer(random, c, i++ % 2 == 0);
        const std::vector<float> x = random.reals(c.inputs(), -2.2f, 2.2f);
        const std::vector<float> grad_out = random.reals(c.outputs(), -1, 1);
        check([&](const axnn_context* context) { return layer.make(context, c, linear); }, c, x, grad_out,
              expected_table(layer, c, x, grad_out, half_window), half_window);
    }
}

TEST(Gradients, ExactProductsAreThoseOfTheExactTable) {
    Random random(4);
    for (int i = 0; i < 20; i++) {
        SCOPED_TRACE("case " + std::to_string(i));
        const Conv c = random_conv(random, 40, 70);
        ApproxLayer layer = random_layer(random, c, true);
        layer.table = exact_table();
        const std::vector<float> x = random.reals(c.inputs(), -2.2f, 2.2f);
        const std::vector<float> grad_out = random.reals(c.outputs(), -1, 1);
        const auto code = [](float v, float scale, int32_t zero_point) {
            return quantize(v, scale, zero_point, -128, 127) - zero_point;
        };
        const axnn_approx_desc& d = layer.desc;
        const int32_t pad = d.padding_code == AXNN_PAD_ZERO ? -d.input_zero_point : 0;
        const Expected expected =
            expected_gradients(c, grad_out, [&](int32_t o, int64_t weight, int64_t input) -> Derivatives {
                const auto channel = static_cast<size_t>(o);
                const float scale = layer.weight_scale(channel);
                const int32_t a =
                    input == padded ? pad
                                    : code(x[static_cast<size_t>(input)], d.input_scale, d.input_zero_point);
                return {static_cast<double>(scale) * code(layer.w[static_cast<size_t>(weight)], scale,
                                                          layer.weight_zero_point(channel)),
                        static_cast<double>(d.input_scale) * a};
            });
        for (uint32_t products : {AXNN_PRODUCTS_TABLE, AXNN_PRODUCTS_EXACT}) {
            layer.desc.products = products;
            // Exact products take any half window, which changes nothing.
            check([&](const axnn_context* context) { return layer.make(context, c); }, c, x, grad_out,
                  expected, products == AXNN_PRODUCTS_TABLE ? 0 : 4);
        }
    }
}

TEST(Gradients, AFloatPlanHasNoHalfWindow) {
    const Context context = make_context(AXNN_TIER_BEST, 1);
    const Conv c;
    const Plan plan = make_float_plan(context.get(), c, {1.0f}, {});
    const float one = 1;
    float grad = 7;
    EXPECT_EQ(axnn_plan_backward(plan.get(), 1, &one, 4, 1, 1, 1, &one, 4, &grad, 4, nullptr, 0, nullptr, 0),
              AXNN_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(grad, 7);
    EXPECT_NE(last_error().find("half_window is 1"), std::string::npos) << last_error();
}

}  // namespace
}  // namespace axnn::test
