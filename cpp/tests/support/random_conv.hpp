// Random convolutions that tests run on.
#pragma once

#include <algorithm>
#include <cstdint>

#include "support/random.hpp"
#include "support/reference.hpp"

namespace axnn::test {

// Kernel, stride, dilation, padding and an image that fits them.
inline void draw_window(Random& random, Conv& c) {
    const auto draw = [&](int64_t low, int64_t high) {
        return static_cast<int32_t>(random.integer(low, high));
    };
    c.kernel_h = draw(1, 4);
    c.kernel_w = draw(1, 4);
    c.stride_h = draw(1, 3);
    c.stride_w = draw(1, 3);
    c.dilation_h = draw(1, 3);
    c.dilation_w = draw(1, 3);
    c.pad_top = draw(0, 4);
    c.pad_bottom = draw(0, 4);
    c.pad_left = draw(0, 4);
    c.pad_right = draw(0, 4);
    const auto least = [](int32_t kernel, int32_t dilation, int32_t pads) {
        return std::max(1, dilation * (kernel - 1) + 1 - pads);
    };
    c.h = least(c.kernel_h, c.dilation_h, c.pad_top + c.pad_bottom) + draw(0, 10);
    c.w = least(c.kernel_w, c.dilation_w, c.pad_left + c.pad_right) + draw(0, 14);
}

// With at most so many channels in and out of a group; some are depthwise.
inline Conv random_conv(Random& random, int32_t group_inputs = 9, int32_t group_outputs = 20) {
    const auto draw = [&](int64_t low, int64_t high) {
        return static_cast<int32_t>(random.integer(low, high));
    };
    Conv c;
    const bool depthwise = random.chance(0.15);
    c.groups = depthwise ? draw(1, 20) : random.pick({1, 1, 1, 2, 3, 5});
    c.in_channels = c.groups * (depthwise ? 1 : draw(1, group_inputs));
    c.out_channels = c.groups * (depthwise ? draw(1, 4) : draw(1, group_outputs));
    c.n = draw(1, 3);
    draw_window(random, c);
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

}  // namespace axnn::test
