// Gradients as their definitions read, one product at a time in double.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "support/reference.hpp"

namespace axnn::test {

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
