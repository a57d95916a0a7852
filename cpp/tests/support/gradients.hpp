// Gradients as their definitions read, one product at a time in double, and the shapes that they are tested
// on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "support/random.hpp"
#include "support/reference.hpp"

namespace axnn::test {

inline Conv random_conv(Random& random) {
    const auto draw = [&](int64_t low, int64_t high) {
        return static_cast<int32_t>(random.integer(low, high));
    };
    Conv c;
    const bool depthwise = random.chance(0.2);
    c.groups = depthwise ? draw(1, 20) : random.pick({1, 1, 2, 3});
    c.in_channels = c.groups * (depthwise ? 1 : draw(1, 40));
    c.out_channels = c.groups * (depthwise ? draw(1, 2) : draw(1, 70));
    c.n = draw(1, 3);
    c.kernel_h = draw(1, 4);
    c.kernel_w = draw(1, 4);
    c.stride_h = draw(1, 3);
    c.stride_w = draw(1, 3);
    c.dilation_h = draw(1, 3);
    c.dilation_w = draw(1, 3);
    c.pad_top = draw(0, 3);
    c.pad_bottom = draw(0, 3);
    c.pad_left = draw(0, 3);
    c.pad_right = draw(0, 3);
    const auto least = [](int32_t kernel, int32_t dilation, int32_t pads) {
        return std::max(1, dilation * (kernel - 1) + 1 - pads);
    };
    c.h = least(c.kernel_h, c.dilation_h, c.pad_top + c.pad_bottom) + draw(0, 8);
    c.w = least(c.kernel_w, c.dilation_w, c.pad_left + c.pad_right) + draw(0, 8);
    return c;
}

// A linear layer as the convolution that it is.
inline Conv random_linear(Random& random) {
    Conv c;
    c.n = static_cast<int32_t>(random.integer(1, 300));
    c.in_channels = static_cast<int32_t>(random.integer(1, 700));
    c.out_channels = static_cast<int32_t>(random.integer(1, 80));
    return c;
}

struct Derivatives {
    double x;
    double weight;
};

struct Expected {
    std::vector<double> x;
    std::vector<double> weights;
    std::vector<double> bias;
};

// of(output channel, weight index, input index or `padded`): the derivatives of one product.
inline Expected expected_gradients(const Conv& c, const std::vector<float>& grad_out,
                                   const std::function<Derivatives(int32_t, int64_t, int64_t)>& of) {
    Expected e = {std::vector<double>(c.inputs()), std::vector<double>(c.weights()),
                  std::vector<double>(static_cast<size_t>(c.out_channels))};
    // window_sums visits the taps of an output one after the other, the outputs in order.
    size_t visited = 0;
    window_sums<int>(c, [&](int32_t o, int64_t weight, int64_t input) {
        const size_t output = visited++ / c.fan_in();
        const Derivatives d = of(o, weight, input);
        if (input != padded) e.x[static_cast<size_t>(input)] += grad_out[output] * d.x;
        e.weights[static_cast<size_t>(weight)] += grad_out[output] * d.weight;
        return 0;
    });
    for (size_t i = 0; i < grad_out.size(); i++) e.bias[c.channel_of(i)] += grad_out[i];
    return e;
}

}  // namespace axnn::test
