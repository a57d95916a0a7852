// Random numbers of approximate layers.
#pragma once

#include <cstdint>
#include <vector>

#include "support/layers.hpp"
#include "support/random.hpp"
#include "support/reference.hpp"

namespace axnn::test {

// Weights and inputs that reach every code of the layer and beyond; one scale and zero point, or one
// for each output channel, symmetric or affine.
inline void draw_numbers(ApproxLayer& layer, const Conv& c, Random& random) {
    axnn_approx_desc& d = layer.desc;
    const bool affine = random.chance(0.5);
    const bool per_channel = random.chance(0.5);
    const auto channels = static_cast<size_t>(c.out_channels);
    const auto zero_point = [&](int32_t low, int32_t high) {
        return static_cast<int32_t>(affine || low > 0 ? random.integer(low, high) : 0);
    };
    d.input_scale = random.real(0.002f, 0.1f);
    d.input_zero_point = zero_point(d.input_code_min, d.input_code_max);
    layer.w_scale.resize(per_channel ? channels : 1);
    layer.w_zero_point.resize(random.chance(0.5) ? layer.w_scale.size() : 1);
    for (float& scale : layer.w_scale) scale = random.real(0.002f, 0.1f);
    for (int32_t& z : layer.w_zero_point) z = zero_point(d.weight_code_min, d.weight_code_max);
    layer.w.clear();
    for (size_t i = 0; i < c.weights(); i++) {
        const size_t o = i / c.fan_in();
        const auto code = static_cast<float>(random.integer(d.weight_code_min - 3, d.weight_code_max + 3));
        layer.w.push_back((code + random.real(-0.4f, 0.4f) - static_cast<float>(layer.weight_zero_point(o))) *
                          layer.weight_scale(o));
    }
    if (random.chance(0.5)) layer.bias = random.reals(channels, -100, 100);
}

inline std::vector<float> draw_input(const ApproxLayer& layer, const Conv& c, Random& random) {
    const axnn_approx_desc& d = layer.desc;
    std::vector<float> x;
    for (size_t i = 0; i < c.inputs(); i++) {
        const auto code = static_cast<float>(random.integer(d.input_code_min - 3, d.input_code_max + 3));
        x.push_back((code + random.real(-0.4f, 0.4f) - static_cast<float>(d.input_zero_point)) *
                    d.input_scale);
    }
    return x;
}

}  // namespace axnn::test
