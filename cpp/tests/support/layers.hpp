// Layers with all their numbers, and how to make and run them through the C ABI.
#pragma once

#include <axnn/axnn.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "support/handles.hpp"
#include "support/random.hpp"
#include "support/reference.hpp"
#include "support/structure.hpp"

namespace axnn::test {

constexpr float infinity = std::numeric_limits<float>::infinity();

inline const float* data_or_null(const std::vector<float>& values) {
    return values.empty() ? nullptr : values.data();
}

// Makes a plan by one of the create functions, whose last argument is `out`.
template <typename Create>
Plan make_plan(Create create) {
    axnn_plan* plan = nullptr;
    require(create(&plan));
    return Plan(plan);
}

inline std::vector<float> execute(const axnn_plan* plan, const Conv& c, const std::vector<float>& x) {
    std::vector<float> y(c.outputs());
    require(axnn_plan_execute(plan, x.data(), x.size() * sizeof(float), c.n, c.h, c.w, y.data(),
                              y.size() * sizeof(float)));
    return y;
}

inline std::string explain(const axnn_plan* plan, const Conv& c) {
    size_t length = 0;
    require(axnn_plan_explain(plan, c.n, c.h, c.w, nullptr, 0, &length));
    std::string line(length + 1, '\0');
    require(axnn_plan_explain(plan, c.n, c.h, c.w, line.data(), line.size(), &length));
    line.pop_back();
    return line;
}

inline std::vector<int64_t> execute_sums(const axnn_plan* plan, const Conv& c, const std::vector<float>& x) {
    std::vector<int64_t> sums(c.outputs());
    require(axnn_plan_execute_sums(plan, x.data(), x.size() * sizeof(float), c.n, c.h, c.w, sums.data(),
                                   sums.size() * sizeof(int64_t)));
    return sums;
}

struct BackwardResult {
    std::vector<float> x;
    std::vector<float> weights;
    std::vector<float> bias;
};

// The gradients that are asked for; the others stay empty.
inline BackwardResult backward(const axnn_plan* plan, const Conv& c, const std::vector<float>& x,
                               const std::vector<float>& grad_out, int32_t half_window = 0,
                               bool want_x = true, bool want_weights = true, bool want_bias = true) {
    BackwardResult result;
    result.x.resize(want_x ? c.inputs() : 0);
    result.weights.resize(want_weights ? c.weights() : 0);
    result.bias.resize(want_bias ? static_cast<size_t>(c.out_channels) : 0);
    const auto data = [](std::vector<float>& v) { return v.empty() ? nullptr : v.data(); };
    require(axnn_plan_backward(plan, half_window, x.data(), x.size() * sizeof(float), c.n, c.h, c.w,
                               grad_out.data(), grad_out.size() * sizeof(float), data(result.x),
                               result.x.size() * sizeof(float), data(result.weights),
                               result.weights.size() * sizeof(float), data(result.bias),
                               result.bias.size() * sizeof(float)));
    return result;
}

struct ApproxLayer {
    axnn_multiplier_desc operands = {sizeof(axnn_multiplier_desc), 8, 1, 8, 1};
    std::vector<int32_t> table;
    std::optional<Structure> structure;  // which the multiplier is made with, above 8 bits without a table
    axnn_approx_desc desc = {.struct_size = sizeof(axnn_approx_desc),
                             .input_scale = 1.0f / 64,
                             .input_zero_point = 0,
                             .input_code_min = -128,
                             .input_code_max = 127,
                             .weight_code_min = -128,
                             .weight_code_max = 127,
                             .operand_order = AXNN_WEIGHT_FIRST,
                             .padding_code = AXNN_PAD_ZERO_POINT,
                             .zero_point_correction = AXNN_CORRECTION_EXACT,
                             .products = AXNN_PRODUCTS_TABLE,
                             .structure_use = AXNN_STRUCTURE_AUTO,
                             .output_min = -infinity,
                             .output_max = infinity};
    std::vector<float> w;
    std::vector<float> w_scale = {1.0f / 64};
    std::vector<int32_t> w_zero_point = {0};
    std::vector<float> bias;

    Plan make(const axnn_context* context, const Conv& c, bool linear = false) const {
        axnn_multiplier* handle = nullptr;
        if (desc.products == AXNN_PRODUCTS_TABLE && structure)
            require(structure->create(operands, table, &handle));
        else if (desc.products == AXNN_PRODUCTS_TABLE)
            require(axnn_multiplier_create(&operands, table.data(), table.size() * sizeof(int32_t), &handle));
        const Multiplier multiplier(handle);
        const axnn_conv2d_desc conv = c.desc();
        const axnn_linear_desc features = {sizeof features, c.in_channels, c.out_channels};
        const auto make = [&](auto create, const auto* shape) {
            return make_plan([&](axnn_plan** out) {
                return create(context, shape, &desc, handle, w.data(), w.size() * sizeof(float),
                              w_scale.data(), w_scale.size() * sizeof(float), w_zero_point.data(),
                              w_zero_point.size() * sizeof(int32_t), data_or_null(bias),
                              bias.size() * sizeof(float), out);
            });
        };
        return linear ? make(axnn_approx_linear_create, &features) : make(axnn_approx_conv2d_create, &conv);
    }

    int64_t product(int32_t weight, int32_t activation) const {
        const bool weight_first = desc.operand_order == AXNN_WEIGHT_FIRST;
        if (table.empty() && !structure) return int64_t{weight} * activation;
        if (structure)
            return structure->product(operands, weight_first ? weight : activation,
                                      weight_first ? activation : weight);
        const auto row = static_cast<uint8_t>(weight_first ? weight : activation);
        const auto column = static_cast<uint8_t>(weight_first ? activation : weight);
        return table[size_t{256} * row + column];
    }
    float weight_scale(size_t o) const { return w_scale.size() == 1 ? w_scale[0] : w_scale[o]; }
    int32_t weight_zero_point(size_t o) const {
        return w_zero_point.size() == 1 ? w_zero_point[0] : w_zero_point[o];
    }
};

struct ApproxExpected {
    std::vector<int64_t> sums;
    std::vector<float> y;
};

inline ApproxExpected expected_of(const ApproxLayer& layer, const Conv& c, const std::vector<float>& x) {
    const axnn_approx_desc& d = layer.desc;
    const int64_t zx = d.input_zero_point;
    const auto pad = static_cast<int32_t>(d.padding_code == AXNN_PAD_ZERO ? 0 : zx);
    std::vector<int32_t> x_codes;
    for (float v : x)
        x_codes.push_back(quantize(v, d.input_scale, d.input_zero_point, d.input_code_min, d.input_code_max));
    std::vector<int32_t> w_codes;
    for (size_t i = 0; i < layer.w.size(); i++) {
        const size_t o = i / c.fan_in();
        w_codes.push_back(quantize(layer.w[i], layer.weight_scale(o), layer.weight_zero_point(o),
                                   d.weight_code_min, d.weight_code_max));
    }
    const auto code_at = [&](int64_t input) { return input == padded ? pad : x_codes[input]; };

    ApproxExpected expected;
    expected.sums = window_sums<int64_t>(c, [&](int32_t, int64_t weight, int64_t input) -> int64_t {
        return layer.product(w_codes[weight], code_at(input));
    });
    const std::vector<int64_t> corrected =
        window_sums<int64_t>(c, [&](int32_t o, int64_t weight, int64_t input) -> int64_t {
            const int32_t w = w_codes[weight];
            const int32_t a = code_at(input);
            const int32_t zw = layer.weight_zero_point(o);
            const int64_t t = layer.product(w, a);
            if (d.zero_point_correction == AXNN_CORRECTION_EXACT)
                return t - zx * w - int64_t{zw} * a + zx * zw;
            const auto z = static_cast<int32_t>(zx);
            return t - layer.product(w, z) - layer.product(zw, a) + layer.product(zw, z);
        });
    std::vector<float> scale;
    for (int32_t o = 0; o < c.out_channels; o++) scale.push_back(d.input_scale * layer.weight_scale(o));
    const std::vector<float> bias = layer.bias.empty() ? std::vector<float>(c.out_channels) : layer.bias;
    expected.y = dequantize(c, corrected, scale, bias, d.output_min, d.output_max);
    return expected;
}

struct BinaryLayer {
    axnn_binary_desc desc = {sizeof(axnn_binary_desc), AXNN_PAD_MINUS_ONE, -infinity, infinity};
    std::vector<float> w;
    std::vector<float> scale;
    std::vector<float> bias;

    Plan make(const axnn_context* context, const Conv& c, bool linear = false) const {
        const auto rows = static_cast<size_t>(c.out_channels);
        std::vector<uint8_t> bits(rows * ((c.fan_in() + 7) / 8));
        require(axnn_binary_pack(context, w.data(), w.size() * sizeof(float), rows, c.fan_in(), bits.data(),
                                 bits.size()));
        const axnn_conv2d_desc conv = c.desc();
        const axnn_linear_desc features = {sizeof features, c.in_channels, c.out_channels};
        const auto make = [&](auto create, const auto* shape) {
            return make_plan([&](axnn_plan** out) {
                return create(context, shape, &desc, bits.data(), bits.size(), data_or_null(scale),
                              scale.size() * sizeof(float), data_or_null(bias), bias.size() * sizeof(float),
                              out);
            });
        };
        return linear ? make(axnn_binary_linear_create, &features) : make(axnn_binary_conv2d_create, &conv);
    }

    int32_t padding_value() const {
        switch (desc.padding_value) {
            case AXNN_PAD_MINUS_ONE:
                return -1;
            case AXNN_PAD_TRUE_ZERO:
                return 0;
            default:
                return 1;
        }
    }
};

// The gradients of a binary layer; those without elements are not asked for.
struct BinaryGradients {
    std::vector<float> x;
    std::vector<float> weights;
    std::vector<float> scales;
    std::vector<float> bias;

    static BinaryGradients all(const Conv& c, float value = 0) {
        const std::vector<float> channels(static_cast<size_t>(c.out_channels), value);
        return {std::vector<float>(c.inputs(), value), std::vector<float>(c.weights(), value), channels,
                channels};
    }
};

inline axnn_status binary_backward(const axnn_plan* plan, const axnn_sign_desc& signs, const Conv& c,
                                   const std::vector<float>& w, const std::vector<float>& x,
                                   const std::vector<float>& grad_out, BinaryGradients& gradients) {
    const auto data = [](std::vector<float>& v) { return v.empty() ? nullptr : v.data(); };
    const auto bytes = [](const std::vector<float>& v) { return v.size() * sizeof(float); };
    return axnn_binary_backward(plan, &signs, data_or_null(w), bytes(w), x.data(), bytes(x), c.n, c.h, c.w,
                                grad_out.data(), bytes(grad_out), data(gradients.x), bytes(gradients.x),
                                data(gradients.weights), bytes(gradients.weights), data(gradients.scales),
                                bytes(gradients.scales), data(gradients.bias), bytes(gradients.bias));
}

inline std::vector<float> expected_of(const BinaryLayer& layer, const Conv& c,
                                      const std::vector<int64_t>& sums) {
    const auto channels = static_cast<size_t>(c.out_channels);
    return dequantize(c, sums, layer.scale.empty() ? std::vector<float>(channels, 1.0f) : layer.scale,
                      layer.bias.empty() ? std::vector<float>(channels) : layer.bias, layer.desc.output_min,
                      layer.desc.output_max);
}

inline Plan make_float_plan(const axnn_context* context, const Conv& c, const std::vector<float>& w,
                            const std::vector<float>& bias, bool linear = false) {
    const axnn_conv2d_desc conv = c.desc();
    const axnn_linear_desc features = {sizeof features, c.in_channels, c.out_channels};
    const auto make = [&](auto create, const auto* shape) {
        return make_plan([&](axnn_plan** out) {
            return create(context, shape, w.data(), w.size() * sizeof(float), data_or_null(bias),
                          bias.size() * sizeof(float), out);
        });
    };
    return linear ? make(axnn_float_linear_create, &features) : make(axnn_float_conv2d_create, &conv);
}

inline std::vector<int32_t> random_table(Random& random, int64_t low, int64_t high) {
    std::vector<int32_t> table(size_t{256} * 256);
    for (int32_t& entry : table) entry = static_cast<int32_t>(random.integer(low, high));
    return table;
}

// The value of a signed operand's byte is its index in two's complement.
inline std::vector<int32_t> exact_table(bool row_signed = true, bool column_signed = true) {
    const auto value = [](int32_t byte, bool is_signed) {
        return is_signed && byte > 127 ? byte - 256 : byte;
    };
    std::vector<int32_t> table;
    for (int32_t r = 0; r < 256; r++)
        for (int32_t c = 0; c < 256; c++) table.push_back(value(r, row_signed) * value(c, column_signed));
    return table;
}

// Signs where each of the values whose sign is a matter of definition occurs.
inline std::vector<float> random_signs(Random& random, size_t count) {
    std::vector<float> values = random.reals(count, -1, 1);
    for (float& v : values)
        if (random.chance(0.1)) v = random.pick({0.0f, -0.0f, std::numeric_limits<float>::quiet_NaN()});
    return values;
}

}  // namespace axnn::test
