// Gradients of binary layers, and what training does with their float weights, through the C ABI: against
// plain double loops of their definitions and against finite differences, on every tier, bit-equal on every
// thread count.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/gradients.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/mistakes.hpp"
#include "support/random.hpp"
#include "support/random_conv.hpp"
#include "support/reference.hpp"

namespace axnn::test {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float largest = std::numeric_limits<float>::max();
constexpr float smallest = std::numeric_limits<float>::denorm_min();

// ---- Estimators ----------------------------------------------------------------------------------

struct Estimator {
    uint32_t kind;
    float parameter;
};

const std::vector<Estimator> estimators = {
    {AXNN_SIGN_IDENTITY, 0}, {AXNN_SIGN_STE, 1},   {AXNN_SIGN_STE, 0.3f},
    {AXNN_SIGN_APPROX, 0},   {AXNN_SIGN_SWISH, 5}, {AXNN_SIGN_SWISH, 0.7f},
};

axnn_sign_desc desc_of(const Estimator& input, const Estimator& weight) {
    return {sizeof(axnn_sign_desc), input.kind, input.parameter, weight.kind, weight.parameter};
}

// As axnn.h defines it, for values where the hyperbolic functions do not overflow.
double estimate(const Estimator& e, double v) {
    const double c = e.parameter;
    if (e.kind == AXNN_SIGN_IDENTITY) return 1;
    if (std::isnan(v)) return 0;
    switch (e.kind) {
        case AXNN_SIGN_STE:
            return std::fabs(v) <= c ? 1 : 0;
        case AXNN_SIGN_APPROX:
            return std::fabs(v) <= 1 ? 2 - 2 * std::fabs(v) : 0;
        default:
            return c * (2 - c * v * std::tanh(c * v / 2)) / (1 + std::cosh(c * v));
    }
}

// The function that stands in sign's place: its derivative is the estimator.
double surrogate(const Estimator& e, double v) {
    const double c = e.parameter;
    switch (e.kind) {
        case AXNN_SIGN_IDENTITY:
            return v;
        case AXNN_SIGN_STE:
            return std::clamp(v, -c, c);
        case AXNN_SIGN_APPROX: {
            const double u = std::clamp(v, -1.0, 1.0);
            return 2 * u - u * std::fabs(u);
        }
        default: {
            const double logistic = 1 / (1 + std::exp(-c * v));
            return 2 * logistic * (1 + c * v * (1 - logistic)) - 1;
        }
    }
}

// ---- Random layers -------------------------------------------------------------------------------

// Values on both sides of every limit of the estimators, on the limits, and NaN.
std::vector<float> random_values(Random& random, size_t count) {
    std::vector<float> values = random.reals(count, -2, 2);
    for (float& v : values)
        if (random.chance(0.1)) v = random.pick({0.0f, -0.0f, 1.0f, -1.0f, 0.3f, -0.3f, nan});
    return values;
}

// Scales of any sign, some of them 0, or none.
std::vector<float> random_scales(Random& random, const Conv& c) {
    if (random.chance(0.2)) return {};
    std::vector<float> scales = random.reals(static_cast<size_t>(c.out_channels), -2, 2);
    for (float& s : scales)
        if (random.chance(0.1)) s = 0;
    return scales;
}

struct Case {
    Conv c;
    bool linear = false;
    BinaryLayer layer = {};
    Estimator input = {};
    Estimator weight = {};
    std::vector<float> x = {};
    std::vector<float> grad_out = {};

    void draw(Random& random) {
        layer.desc.padding_value = random.pick({AXNN_PAD_MINUS_ONE, AXNN_PAD_TRUE_ZERO, AXNN_PAD_PLUS_ONE});
        layer.w = random_values(random, c.weights());
        layer.scale = random_scales(random, c);
        // No part of the gradients.
        layer.desc.output_min = -0.5f;
        layer.bias = random.reals(static_cast<size_t>(c.out_channels), -1, 1);
        x = random_values(random, c.inputs());
        grad_out = random.reals(c.outputs(), -1, 1);
        const auto last = static_cast<int64_t>(estimators.size()) - 1;
        input = estimators[static_cast<size_t>(random.integer(0, last))];
        weight = estimators[static_cast<size_t>(random.integer(0, last))];
    }

    double scale(int32_t o) const { return layer.scale.empty() ? 1 : layer.scale[static_cast<size_t>(o)]; }
    Plan make(const axnn_context* context) const { return layer.make(context, c, linear); }
    axnn_sign_desc signs() const { return desc_of(input, weight); }
    void backward(const axnn_plan* plan, BinaryGradients& gradients) const {
        require(binary_backward(plan, signs(), c, layer.w, x, grad_out, gradients));
    }
    BinaryGradients backward(const axnn_plan* plan) const {
        BinaryGradients gradients = BinaryGradients::all(c, nan);
        backward(plan, gradients);
        return gradients;
    }
};

struct ExpectedBinary {
    Expected products;
    std::vector<double> scales;
};

ExpectedBinary expected_of(const Case& t) {
    const auto of = [&](int32_t o, int64_t weight, int64_t input) -> Derivatives {
        const float w = t.layer.w[static_cast<size_t>(weight)];
        const double v = input == padded ? nan : t.x[static_cast<size_t>(input)];
        const int32_t s = input == padded ? t.layer.padding_value() : sign(static_cast<float>(v));
        return {estimate(t.input, v) * t.scale(o) * sign(w), estimate(t.weight, w) * t.scale(o) * s};
    };
    ExpectedBinary e = {expected_gradients(t.c, t.grad_out, of),
                        std::vector<double>(static_cast<size_t>(t.c.out_channels))};
    const std::vector<int64_t> sums = sign_sums(t.c, t.x, t.layer.w, t.layer.padding_value());
    for (size_t i = 0; i < sums.size(); i++)
        e.scales[t.c.channel_of(i)] += t.grad_out[i] * static_cast<double>(sums[i]);
    return e;
}

void expect_equal(const BinaryGradients& actual, const BinaryGradients& expected) {
    EXPECT_TRUE(all_equal(actual.x, expected.x)) << "grad_x";
    EXPECT_TRUE(all_equal(actual.weights, expected.weights)) << "grad_weights";
    EXPECT_TRUE(all_equal(actual.scales, expected.scales)) << "grad_scales";
    EXPECT_TRUE(all_equal(actual.bias, expected.bias)) << "grad_bias";
}

void check(const Case& t) {
    const ExpectedBinary expected = expected_of(t);
    for (uint32_t tier : available_tiers()) {
        BinaryGradients one_thread;
        for (uint32_t threads : {1, 2, 5}) {
            SCOPED_TRACE(std::string("tier ") + tier_name(tier) + ", threads " + std::to_string(threads));
            const Context context = make_context(tier, threads);
            const Plan plan = t.make(context.get());
            const BinaryGradients all = t.backward(plan.get());
            EXPECT_TRUE(all_close(all.x, expected.products.x)) << "grad_x";
            EXPECT_TRUE(all_close(all.weights, expected.products.weights)) << "grad_weights";
            EXPECT_TRUE(all_close(all.scales, expected.scales)) << "grad_scales";
            EXPECT_TRUE(all_close(all.bias, expected.products.bias)) << "grad_bias";
            if (threads == 1) one_thread = all;
            expect_equal(all, one_thread);
        }
        // Every subset of the gradients.
        const Context context = make_context(tier, 2);
        const Plan plan = t.make(context.get());
        for (unsigned subset = 1; subset < 15; subset++) {
            SCOPED_TRACE(std::string("tier ") + tier_name(tier) + ", subset " + std::to_string(subset));
            const auto keep = [&](BinaryGradients gradients) {
                if (!(subset & 1)) gradients.x = {};
                if (!(subset & 2)) gradients.weights = {};
                if (!(subset & 4)) gradients.scales = {};
                if (!(subset & 8)) gradients.bias = {};
                return gradients;
            };
            BinaryGradients some = keep(BinaryGradients::all(t.c, nan));
            t.backward(plan.get(), some);
            expect_equal(some, keep(one_thread));
        }
    }
}

TEST(BinaryGradients, RandomLayers) {
    Random random(100);
    for (int i = 0; i < 60; i++) {
        SCOPED_TRACE("case " + std::to_string(i));
        Case t;
        t.linear = i % 4 == 3;
        t.c = t.linear ? random_linear(random) : random_conv(random, 40, 70);
        t.draw(random);
        check(t);
        if (HasFailure()) return;
    }
}

// Several tiles and windows, more channels than a word has bits, more elements than a block.
TEST(BinaryGradients, LargeLayers) {
    Random random(101);
    for (const Conv& c : {Conv{.in_channels = 130,
                               .h = 17,
                               .w = 23,
                               .out_channels = 70,
                               .kernel_h = 3,
                               .kernel_w = 3,
                               .pad_top = 1,
                               .pad_bottom = 1,
                               .pad_left = 1,
                               .pad_right = 1},
                          Conv{.in_channels = 3,
                               .h = 120,
                               .w = 150,
                               .out_channels = 33,
                               .kernel_h = 5,
                               .kernel_w = 3,
                               .stride_h = 2,
                               .pad_top = 4,
                               .pad_right = 2},
                          Conv{.n = 5, .in_channels = 5000, .out_channels = 11}}) {
        SCOPED_TRACE("channels " + std::to_string(c.in_channels));
        Case t = {.c = c, .linear = c.n == 5};
        t.draw(random);
        check(t);
    }
}

// ---- Finite differences --------------------------------------------------------------------------

// The sum of grad_out * y of a layer whose operands are given, y before limits and bias.
double loss(const Case& t, const std::function<double(size_t)>& weight,
            const std::function<double(size_t)>& input) {
    const std::vector<double> y = window_sums<double>(t.c, [&](int32_t o, int64_t w, int64_t x) {
        return t.scale(o) * weight(static_cast<size_t>(w)) *
               (x == padded ? t.layer.padding_value() : input(static_cast<size_t>(x)));
    });
    double sum = 0;
    for (size_t i = 0; i < y.size(); i++) sum += t.grad_out[i] * y[i];
    return sum;
}

// With sign replaced by the surrogate in one operand, y is a smooth function of that operand, and what the
// library computes is its gradient.
TEST(BinaryGradients, OfTheSurrogateByCentralDifferences) {
    Random random(102);
    const Context context = make_context(AXNN_TIER_BEST, 2);
    constexpr double step = 1e-4;
    for (size_t i = 0; i < 4 * estimators.size(); i++) {
        SCOPED_TRACE("case " + std::to_string(i));
        Case t;
        t.c = random_conv(random, 40, 70);
        t.draw(random);
        t.input = t.weight = estimators[i % estimators.size()];
        t.x = random.reals(t.c.inputs(), -1.5f, 1.5f);
        t.layer.w = random.reals(t.c.weights(), -1.5f, 1.5f);
        const BinaryGradients actual = t.backward(t.make(context.get()).get());

        // Of `values` through the surrogate at `index`; of_values(f) is the loss with f in the operand's
        // place.
        const auto difference = [&](const std::vector<float>& values, size_t index, const auto& of_values) {
            const auto moved = [&](double by) {
                return of_values(
                    [&, by](size_t j) { return surrogate(t.input, values[j] + (j == index ? by : 0)); });
            };
            return (moved(step) - moved(-step)) / (2 * step);
        };
        const auto probe = [&](const std::vector<float>& values, const std::vector<float>& gradient,
                               const auto& of_values) {
            double magnitude = 0;
            for (float g : gradient) magnitude = std::max(magnitude, std::fabs(static_cast<double>(g)));
            for (int repeat = 0; repeat < 4; repeat++) {
                const auto at =
                    static_cast<size_t>(random.integer(0, static_cast<int64_t>(values.size()) - 1));
                // The clipped identity has no derivative at its limits.
                if (t.input.kind == AXNN_SIGN_STE &&
                    std::fabs(std::fabs(values[at]) - t.input.parameter) < 2 * step)
                    continue;
                EXPECT_NEAR(gradient[at], difference(values, at, of_values), 2e-5 * magnitude)
                    << "element " << at << ", value " << values[at];
            }
        };
        const auto sign_at = [](const std::vector<float>& values) {
            return [&values](size_t j) -> double { return sign(values[j]); };
        };
        {
            SCOPED_TRACE("grad_x");
            probe(t.x, actual.x, [&](const auto& input) { return loss(t, sign_at(t.layer.w), input); });
        }
        SCOPED_TRACE("grad_weights");
        probe(t.layer.w, actual.weights, [&](const auto& weight) { return loss(t, weight, sign_at(t.x)); });
    }
}

// y is linear in scale and bias: differences of what the plan itself puts out. Whole numbers, so that its
// floats are exact.
TEST(BinaryGradients, OfScaleAndBiasByTheOutputsOfThePlan) {
    Random random(103);
    const Context context = make_context(AXNN_TIER_BEST, 2);
    for (int i = 0; i < 30; i++) {
        SCOPED_TRACE("case " + std::to_string(i));
        Case t;
        t.c = random_conv(random, 40, 70);
        t.draw(random);
        t.layer.desc.output_min = -infinity;
        t.layer.scale.assign(static_cast<size_t>(t.c.out_channels), 0);
        for (float& s : t.layer.scale) s = static_cast<float>(random.integer(-3, 3));
        t.layer.bias.assign(t.layer.scale.size(), 2);
        const BinaryGradients actual = t.backward(t.make(context.get()).get());
        const auto difference = [&](std::vector<float> BinaryLayer::* parameter, size_t o) {
            const auto moved = [&](float by) {
                Case other = t;
                (other.layer.*parameter)[o] += by;
                const std::vector<float> y = execute(other.make(context.get()).get(), t.c, t.x);
                double sum = 0;
                for (size_t j = 0; j < y.size(); j++) sum += static_cast<double>(t.grad_out[j]) * y[j];
                return sum;
            };
            return (moved(1) - moved(-1)) / 2;
        };
        std::vector<double> scales, bias;
        for (size_t o = 0; o < t.layer.scale.size(); o++) {
            scales.push_back(difference(&BinaryLayer::scale, o));
            bias.push_back(difference(&BinaryLayer::bias, o));
        }
        EXPECT_TRUE(all_close(actual.scales, scales));
        EXPECT_TRUE(all_close(actual.bias, bias));
    }
}

// ---- Values of the estimators --------------------------------------------------------------------

// The library's estimates of the values: gradients of a linear layer whose other factors are all 1.
struct Estimates {
    std::vector<float> of_inputs;
    std::vector<float> of_weights;
};

Estimates estimates(uint32_t tier, const Estimator& estimator, const std::vector<float>& values) {
    const Context context = make_context(tier, 1);
    const Conv c = {.in_channels = static_cast<int32_t>(values.size())};
    const axnn_sign_desc signs = desc_of(estimator, estimator);
    BinaryLayer layer;
    layer.w.assign(values.size(), 1);
    BinaryGradients inputs = {std::vector<float>(values.size()), {}, {}, {}};
    require(binary_backward(layer.make(context.get(), c).get(), signs, c, layer.w, values, {1.0f}, inputs));
    layer.w = values;
    BinaryGradients weights = {{}, std::vector<float>(values.size()), {}, {}};
    require(binary_backward(layer.make(context.get(), c).get(), signs, c, values,
                            std::vector<float>(values.size(), 1), {1.0f}, weights));
    return {inputs.x, weights.weights};
}

void expect_estimates(const Estimator& estimator, const std::vector<float>& values,
                      const std::vector<float>& expected) {
    for (uint32_t tier : available_tiers()) {
        SCOPED_TRACE(tier_name(tier));
        const Estimates actual = estimates(tier, estimator, values);
        EXPECT_TRUE(all_equal(actual.of_inputs, expected)) << "of inputs";
        EXPECT_TRUE(all_equal(actual.of_weights, expected)) << "of weights";
    }
}

TEST(BinaryGradients, EdgesOfTheEstimators) {
    const float next = std::nextafter(1.25f, 2.0f);
    const std::vector<float> values = {0.0f,    -0.0f,    smallest,  -smallest, 0.25f, -0.5f,
                                       1.0f,    -1.0f,    1.25f,     -1.25f,    next,  -next,
                                       largest, infinity, -infinity, nan};
    expect_estimates({AXNN_SIGN_IDENTITY, nan}, values, std::vector<float>(values.size(), 1));
    expect_estimates({AXNN_SIGN_STE, 1.25f}, values, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0});
    expect_estimates({AXNN_SIGN_STE, largest}, values, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0});
    expect_estimates({AXNN_SIGN_STE, smallest}, values, {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    // Its parameter is not used.
    for (float parameter : {0.0f, -1.0f, nan})
        expect_estimates({AXNN_SIGN_APPROX, parameter}, values,
                         {2, 2, 2, 2, 1.5f, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    // A parameter so large that all but the smallest values are far away, and one so small that none is.
    const Estimator steep = {AXNN_SIGN_SWISH, largest};
    const auto near_0 = static_cast<float>(estimate(steep, smallest));
    expect_estimates(steep, values, {largest, largest, near_0, near_0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    std::vector<float> flat(values.size(), smallest);
    std::fill(flat.end() - 3, flat.end(), 0.0f);
    expect_estimates({AXNN_SIGN_SWISH, smallest}, values, flat);
}

// The hyperbolic functions of the definition overflow for values beyond 710; the estimate has long been 0.
TEST(BinaryGradients, SwishOfLargeValues) {
    for (float c : {0.1f, 1.0f, 5.0f, 40.0f}) {
        SCOPED_TRACE("c " + std::to_string(c));
        const Estimator swish = {AXNN_SIGN_SWISH, c};
        std::vector<float> values;
        std::vector<double> expected;
        for (float v = 1.0f / 64; v < 1e6f; v *= 1.1f)
            for (float value : {v, -v}) {
                values.push_back(value);
                expected.push_back(std::fabs(c * v) < 700 ? estimate(swish, value) : 0);
            }
        for (uint32_t tier : available_tiers())
            EXPECT_TRUE(all_close(estimates(tier, swish, values).of_inputs, expected, 1e-7))
                << tier_name(tier);
    }
}

// ---- Latent weights ------------------------------------------------------------------------------

std::vector<float> mean_magnitudes(const axnn_context* context, const std::vector<float>& x, size_t rows) {
    std::vector<float> alpha(rows);
    require(axnn_mean_magnitudes(context, x.data(), x.size() * sizeof(float), rows, x.size() / rows,
                                 alpha.data(), rows * sizeof(float)));
    return alpha;
}

TEST(LatentWeights, MeanMagnitudes) {
    Random random(110);
    for (int i = 0; i < 200; i++) {
        SCOPED_TRACE("case " + std::to_string(i));
        const auto rows = static_cast<size_t>(random.integer(1, 20));
        const auto count = static_cast<size_t>(random.integer(1, i % 10 == 0 ? 20'000 : 40));
        // Multiples of 1/64: the sum is exact in any order.
        std::vector<float> x(rows * count);
        for (float& v : x) v = static_cast<float>(random.integer(-1000, 1000)) / 64;
        std::vector<float> expected;
        for (size_t row = 0; row < rows; row++) {
            double sum = 0;
            for (size_t k = 0; k < count; k++) sum += std::fabs(x[row * count + k]);
            expected.push_back(static_cast<float>(sum / static_cast<double>(count)));
        }
        const std::vector<float> reals = random.reals(rows * count, -1, 1);
        std::vector<float> first;
        for (uint32_t tier : available_tiers())
            for (uint32_t threads : {1, 2, 5}) {
                const Context context = make_context(tier, threads);
                EXPECT_TRUE(all_equal(mean_magnitudes(context.get(), x, rows), expected));
                const std::vector<float> alpha = mean_magnitudes(context.get(), reals, rows);
                if (first.empty()) first = alpha;
                EXPECT_TRUE(all_equal(alpha, first));
            }
    }
}

TEST(LatentWeights, MeanMagnitudesOfExtremes) {
    const Context context = make_context(AXNN_TIER_BEST, 2);
    // A float sum would lose the ones, and overflow.
    std::vector<float> x(4096, 1.0f);
    x[0] = 0x1p36f;
    EXPECT_EQ(mean_magnitudes(context.get(), x, 1),
              std::vector<float>{static_cast<float>((0x1p36 + 4095) / 4096)});
    EXPECT_EQ(mean_magnitudes(context.get(), std::vector<float>(100, -largest), 1),
              std::vector<float>{largest});
    EXPECT_EQ(mean_magnitudes(context.get(), {-infinity, 1, 0.0f, -0.0f}, 2),
              (std::vector<float>{infinity, 0}));
    EXPECT_TRUE(std::isnan(mean_magnitudes(context.get(), {1, nan, 1}, 1)[0]));
}

TEST(LatentWeights, Clip) {
    Random random(111);
    for (size_t count : {size_t{1}, size_t{7}, size_t{4095}, size_t{4096}, size_t{4097}, size_t{20'000}})
        for (uint32_t threads : {1, 2, 5}) {
            SCOPED_TRACE(std::to_string(count) + " values, threads " + std::to_string(threads));
            const Context context = make_context(AXNN_TIER_BEST, threads);
            constexpr float limit = 1.25f;
            std::vector<float> x = random.reals(count, -3, 3);
            for (float& v : x)
                if (random.chance(0.3))
                    v = random.pick({0.0f, -0.0f, limit, -limit, std::nextafter(limit, 2.0f), infinity,
                                     -infinity, nan, -nan});
            std::vector<float> expected = x;
            for (float& v : expected)
                if (std::fabs(v) > limit) v = std::copysign(limit, v);
            const auto bits = [](const std::vector<float>& values) {
                std::vector<uint32_t> patterns;
                for (float v : values) patterns.push_back(std::bit_cast<uint32_t>(v));
                return patterns;
            };
            const size_t bytes = count * sizeof(float);
            std::vector<float> y(count + 1, 77.0f);
            require(axnn_clip(context.get(), limit, x.data(), bytes, count, y.data(), bytes));
            EXPECT_EQ(y.back(), 77.0f);
            y.pop_back();
            EXPECT_TRUE(all_equal(bits(y), bits(expected)));
            require(axnn_clip(context.get(), limit, x.data(), bytes, count, x.data(), bytes));
            EXPECT_TRUE(all_equal(bits(x), bits(expected))) << "in place";
        }
}

TEST(LatentWeights, NoElements) {
    const Context context = make_context(AXNN_TIER_BEST, 2);
    float value = 3;
    EXPECT_EQ(axnn_clip(context.get(), 1, &value, 0, 0, &value, 0), AXNN_OK);
    EXPECT_EQ(axnn_mean_magnitudes(context.get(), &value, 0, 0, 5, &value, 0), AXNN_OK);
    EXPECT_EQ(value, 3);
}

// ---- Bad input -----------------------------------------------------------------------------------

constexpr Conv shape = {.n = 2,
                        .in_channels = 2,
                        .h = 4,
                        .w = 5,
                        .out_channels = 3,
                        .kernel_h = 3,
                        .kernel_w = 2,
                        .pad_top = 1,
                        .pad_left = 1};

struct BackwardCall {
    Context context = make_context(AXNN_TIER_BEST, 2);
    std::vector<float> w = std::vector<float>(shape.weights(), 0.5f);
    Plan owned;
    Plan floats = make_float_plan(context.get(), shape, w, {});
    Plan approx;
    const axnn_plan* plan;
    axnn_sign_desc signs = {sizeof signs, AXNN_SIGN_STE, 1, AXNN_SIGN_SWISH, 5};
    const axnn_sign_desc* signs_pointer = &signs;
    const float* weights = w.data();
    size_t weights_bytes = w.size() * sizeof(float);
    std::vector<float> values = std::vector<float>(shape.inputs(), 0.25f);
    const float* x = values.data();
    size_t x_bytes = shape.inputs() * sizeof(float);
    int32_t n = shape.n;
    int32_t h = shape.h;
    int32_t width = shape.w;
    std::vector<float> gradients = std::vector<float>(shape.outputs(), 0.5f);
    const float* grad_out = gradients.data();
    size_t grad_out_bytes = shape.outputs() * sizeof(float);
    Output<float> grad_x{shape.inputs()};
    Output<float> grad_weights{shape.weights()};
    Output<float> grad_scales{3};
    Output<float> grad_bias{3};

    BackwardCall() {
        BinaryLayer binary_layer;
        ApproxLayer approx_layer;
        approx_layer.table = exact_table();
        binary_layer.w = approx_layer.w = w;
        owned = binary_layer.make(context.get(), shape);
        approx = approx_layer.make(context.get(), shape);
        plan = owned.get();
    }
    axnn_status run() {
        return axnn_binary_backward(plan, signs_pointer, weights, weights_bytes, x, x_bytes, n, h, width,
                                    grad_out, grad_out_bytes, grad_x.data, grad_x.bytes, grad_weights.data,
                                    grad_weights.bytes, grad_scales.data, grad_scales.bytes, grad_bias.data,
                                    grad_bias.bytes);
    }
    bool untouched() const {
        return grad_x.untouched() && grad_weights.untouched() && grad_scales.untouched() &&
               grad_bias.untouched();
    }
    void no_weights() {
        weights = nullptr;
        weights_bytes = 0;
    }
    static void leave_out(Output<float>& gradient) {
        gradient.data = nullptr;
        gradient.bytes = 0;
    }
};

// What is wrong with one of the gradients, of `name`.
std::vector<Mistake<BackwardCall>> gradient_mistakes(Output<float> BackwardCall::* gradient,
                                                     const char* name) {
    using C = BackwardCall;
    return {
        {AXNN_ERROR_NULL_POINTER, name, [=](C& c) { (c.*gradient).data = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, name,
         [=](C& c) { (c.*gradient).data = misaligned((c.*gradient).data); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, name, [=](C& c) { (c.*gradient).bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, name, [=](C& c) { (c.*gradient).bytes = 0; }},
    };
}

TEST(BinaryGradients, BackwardRefuses) {
    using C = BackwardCall;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "plan", [](C& c) { c.plan = nullptr; }},
        {AXNN_ERROR_UNSUPPORTED, "plan is not a binary plan", [](C& c) { c.plan = c.floats.get(); }},
        {AXNN_ERROR_UNSUPPORTED, "plan is not a binary plan", [](C& c) { c.plan = c.approx.get(); }},
        {AXNN_ERROR_NULL_POINTER, "x", [](C& c) { c.x = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x is not aligned", [](C& c) { c.x = misaligned(c.x); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.x_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.x_bytes = 0; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.n++; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "n is 0", [](C& c) { c.n = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "n is -1", [](C& c) { c.n = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "h is 0", [](C& c) { c.h = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "w is", [](C& c) { c.width = INT32_MIN; }},
        {AXNN_ERROR_SHAPE, "1 x 5", [](C& c) { c.h = 1; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.n = c.h = c.width = INT32_MAX; }},
        {AXNN_ERROR_NULL_POINTER, "grad_out", [](C& c) { c.grad_out = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "grad_out", [](C& c) { c.grad_out = misaligned(c.grad_out); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "grad_out", [](C& c) { c.grad_out_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "grad_out", [](C& c) { c.grad_out_bytes = 0; }},
        {AXNN_ERROR_NULL_POINTER, "weights", [](C& c) { c.weights = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "weights", [](C& c) { c.no_weights(); }},
        {AXNN_ERROR_INVALID_ARGUMENT, "weights", [](C& c) { c.weights = misaligned(c.weights); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights", [](C& c) { c.weights_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "weights", [](C& c) { c.weights_bytes = 0; }},
        {AXNN_ERROR_NULL_POINTER, "grad_x, grad_weights, grad_scales and grad_bias",
         [](C& c) {
             for (Output<float>* gradient : {&c.grad_x, &c.grad_weights, &c.grad_scales, &c.grad_bias})
                 C::leave_out(*gradient);
         }},
    });
    expect_refusals(gradient_mistakes(&C::grad_x, "grad_x"));
    expect_refusals(gradient_mistakes(&C::grad_weights, "grad_weights"));
    expect_refusals(gradient_mistakes(&C::grad_scales, "grad_scales"));
    expect_refusals(gradient_mistakes(&C::grad_bias, "grad_bias"));
}

TEST(BinaryGradients, BackwardRefusesEstimators) {
    using C = BackwardCall;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "signs", [](C& c) { c.signs_pointer = nullptr; }},
        {AXNN_ERROR_STRUCT_SIZE, "signs->struct_size", [](C& c) { c.signs.struct_size = 0; }},
        {AXNN_ERROR_STRUCT_SIZE, "signs->struct_size", [](C& c) { c.signs.struct_size -= 4; }},
        {AXNN_ERROR_STRUCT_SIZE, "signs->struct_size", [](C& c) { c.signs.struct_size += 4; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "signs->input_estimator is 4",
         [](C& c) { c.signs.input_estimator = 4; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "signs->input_estimator is",
         [](C& c) { c.signs.input_estimator = UINT32_MAX; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "signs->weight_estimator is 4",
         [](C& c) { c.signs.weight_estimator = 4; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "signs->weight_estimator is",
         [](C& c) { c.signs.weight_estimator = UINT32_MAX; }},
    });
    for (uint32_t estimator : {AXNN_SIGN_STE, AXNN_SIGN_SWISH})
        for (float parameter : {0.0f, -0.0f, -1.0f, infinity, -infinity, nan})
            expect_refusals<C>({
                {AXNN_ERROR_INVALID_ARGUMENT, "signs->input_parameter",
                 [=](C& c) {
                     c.signs.input_estimator = estimator;
                     c.signs.input_parameter = parameter;
                 }},
                {AXNN_ERROR_INVALID_ARGUMENT, "signs->weight_parameter",
                 [=](C& c) {
                     c.signs.weight_estimator = estimator;
                     c.signs.weight_parameter = parameter;
                 }},
            });
}

// Float weights are asked for only where they are read.
TEST(BinaryGradients, WeightsAreNotAlwaysNeeded) {
    BackwardCall identity;
    identity.signs.weight_estimator = AXNN_SIGN_IDENTITY;
    identity.no_weights();
    EXPECT_EQ(identity.run(), AXNN_OK) << last_error();
    BackwardCall no_gradient;
    BackwardCall::leave_out(no_gradient.grad_weights);
    no_gradient.no_weights();
    EXPECT_EQ(no_gradient.run(), AXNN_OK) << last_error();
    EXPECT_TRUE(no_gradient.grad_weights.untouched());
}

struct MeanMagnitudesCall {
    Context owner = make_context(AXNN_TIER_BEST, 1);
    const axnn_context* context = owner.get();
    std::vector<float> values = std::vector<float>(6, 1.0f);
    const float* x = values.data();
    size_t x_bytes = 24;
    size_t rows = 2;
    size_t row_elements = 3;
    Output<float> alpha{2};

    axnn_status run() {
        return axnn_mean_magnitudes(context, x, x_bytes, rows, row_elements, alpha.data, alpha.bytes);
    }
    bool untouched() const { return alpha.untouched(); }
};

TEST(LatentWeights, MeanMagnitudesRefuses) {
    using C = MeanMagnitudesCall;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "context", [](C& c) { c.context = nullptr; }},
        {AXNN_ERROR_NULL_POINTER, "x is", [](C& c) { c.x = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x is not aligned", [](C& c) { c.x = misaligned(c.x); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.x_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.row_elements++; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "alpha",
         [](C& c) {
             c.rows = 3;
             c.row_elements = 2;
         }},
        {AXNN_ERROR_INVALID_ARGUMENT, "row_elements is 0", [](C& c) { c.row_elements = 0; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "rows * row_elements", [](C& c) { c.rows = SIZE_MAX; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.row_elements = size_t{1} << 61; }},
        {AXNN_ERROR_NULL_POINTER, "alpha", [](C& c) { c.alpha.data = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "alpha", [](C& c) { c.alpha.data = misaligned(c.alpha.data); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "alpha", [](C& c) { c.alpha.bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "alpha", [](C& c) { c.alpha.bytes = 0; }},
    });
}

struct ClipCall {
    Context owner = make_context(AXNN_TIER_BEST, 1);
    const axnn_context* context = owner.get();
    float limit = 1;
    std::vector<float> values = std::vector<float>(6, 2.0f);
    const float* x = values.data();
    size_t x_bytes = 24;
    size_t count = 6;
    Output<float> y{6};

    axnn_status run() { return axnn_clip(context, limit, x, x_bytes, count, y.data, y.bytes); }
    bool untouched() const { return y.untouched(); }
};

TEST(LatentWeights, ClipRefuses) {
    using C = ClipCall;
    expect_refusals<C>({
        {AXNN_ERROR_NULL_POINTER, "context", [](C& c) { c.context = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "limit is 0", [](C& c) { c.limit = 0; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "limit is -1", [](C& c) { c.limit = -1; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "limit", [](C& c) { c.limit = infinity; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "limit", [](C& c) { c.limit = nan; }},
        {AXNN_ERROR_NULL_POINTER, "x is", [](C& c) { c.x = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "x is not aligned", [](C& c) { c.x = misaligned(c.x); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.x_bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "x has", [](C& c) { c.count++; }},
        {AXNN_ERROR_SIZE_OVERFLOW, "", [](C& c) { c.count = size_t{1} << 62; }},
        {AXNN_ERROR_NULL_POINTER, "y is", [](C& c) { c.y.data = nullptr; }},
        {AXNN_ERROR_INVALID_ARGUMENT, "y is not aligned", [](C& c) { c.y.data = misaligned(c.y.data); }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "y has", [](C& c) { c.y.bytes--; }},
        {AXNN_ERROR_BUFFER_TOO_SMALL, "y has", [](C& c) { c.y.bytes = 0; }},
    });
}

}  // namespace
}  // namespace axnn::test
