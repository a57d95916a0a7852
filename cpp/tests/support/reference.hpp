// What the layers compute, written as the definitions of axnn.h read: one loop over every output and
// every tap, 64-bit integers, no packing, no tiles.
#pragma once

#include <axnn/axnn.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace axnn::test {

// A convolution together with the input that it runs on.
struct Conv {
    int32_t n = 1;
    int32_t in_channels = 1;
    int32_t h = 1;
    int32_t w = 1;
    int32_t out_channels = 1;
    int32_t kernel_h = 1;
    int32_t kernel_w = 1;
    int32_t stride_h = 1;
    int32_t stride_w = 1;
    int32_t dilation_h = 1;
    int32_t dilation_w = 1;
    int32_t pad_top = 0;
    int32_t pad_bottom = 0;
    int32_t pad_left = 0;
    int32_t pad_right = 0;
    int32_t groups = 1;

    axnn_conv2d_desc desc() const {
        return {sizeof(axnn_conv2d_desc),
                in_channels,
                out_channels,
                kernel_h,
                kernel_w,
                stride_h,
                stride_w,
                dilation_h,
                dilation_w,
                pad_top,
                pad_bottom,
                pad_left,
                pad_right,
                groups};
    }
    int32_t out_h() const {
        return (h + pad_top + pad_bottom - dilation_h * (kernel_h - 1) - 1) / stride_h + 1;
    }
    int32_t out_w() const {
        return (w + pad_left + pad_right - dilation_w * (kernel_w - 1) - 1) / stride_w + 1;
    }
    size_t fan_in() const { return size_t{1} * (in_channels / groups) * kernel_h * kernel_w; }
    size_t inputs() const { return size_t{1} * n * in_channels * h * w; }
    size_t weights() const { return out_channels * fan_in(); }
    size_t outputs() const { return size_t{1} * n * out_channels * out_h() * out_w(); }
    // The output channel of an element of [n, out_channels, out_h, out_w].
    size_t channel_of(size_t output) const { return output / (size_t{1} * out_h() * out_w()) % out_channels; }
};

constexpr int64_t padded = -1;

// For every output the sum over its taps of term(output channel, weight index, input index), where the
// input index of a padded tap is `padded`.
template <typename Sum, typename Term>
std::vector<Sum> window_sums(const Conv& c, Term term) {
    std::vector<Sum> sums;
    sums.reserve(c.outputs());
    const int32_t group_inputs = c.in_channels / c.groups;
    const int32_t group_outputs = c.out_channels / c.groups;
    for (int32_t image = 0; image < c.n; image++)
        for (int32_t o = 0; o < c.out_channels; o++)
            for (int32_t oy = 0; oy < c.out_h(); oy++)
                for (int32_t ox = 0; ox < c.out_w(); ox++) {
                    Sum sum = 0;
                    int64_t weight = static_cast<int64_t>(o * c.fan_in());
                    for (int32_t i = 0; i < group_inputs; i++)
                        for (int32_t ky = 0; ky < c.kernel_h; ky++)
                            for (int32_t kx = 0; kx < c.kernel_w; kx++, weight++) {
                                const int64_t channel = o / group_outputs * group_inputs + i;
                                const int64_t y =
                                    int64_t{oy} * c.stride_h + int64_t{ky} * c.dilation_h - c.pad_top;
                                const int64_t x =
                                    int64_t{ox} * c.stride_w + int64_t{kx} * c.dilation_w - c.pad_left;
                                const bool inside = y >= 0 && y < c.h && x >= 0 && x < c.w;
                                sum += term(
                                    o, weight,
                                    inside ? ((image * int64_t{c.in_channels} + channel) * c.h + y) * c.w + x
                                           : padded);
                            }
                    sums.push_back(sum);
                }
    return sums;
}

inline int32_t quantize(float v, float scale, int32_t zero_point, int32_t code_min, int32_t code_max) {
    const float quotient = v / scale;
    const float shifted = quotient + static_cast<float>(zero_point);
    if (std::isnan(shifted)) return zero_point;
    const float rounded = std::nearbyint(shifted);
    return static_cast<int32_t>(
        std::clamp(rounded, static_cast<float>(code_min), static_cast<float>(code_max)));
}

inline int32_t sign(float v) { return v >= 0 ? 1 : -1; }

// (float)sum * scale[o] + bias[o] between two limits, each operation rounded to float32.
inline std::vector<float> dequantize(const Conv& c, const std::vector<int64_t>& sums,
                                     const std::vector<float>& scale, const std::vector<float>& bias,
                                     float lower, float upper) {
    std::vector<float> y(sums.size());
    for (size_t i = 0; i < sums.size(); i++) {
        const size_t o = c.channel_of(i);
        const float scaled = static_cast<float>(sums[i]) * scale[o];
        y[i] = std::clamp(scaled + bias[o], lower, upper);
    }
    return y;
}

inline std::vector<double> float_conv(const Conv& c, const std::vector<float>& x, const std::vector<float>& w,
                                      const std::vector<float>& bias) {
    std::vector<double> y = window_sums<double>(c, [&](int32_t, int64_t weight, int64_t input) {
        return input == padded ? 0.0 : static_cast<double>(w[weight]) * x[input];
    });
    for (size_t i = 0; i < y.size(); i++) y[i] += bias.empty() ? 0 : bias[c.channel_of(i)];
    return y;
}

// The padded value counts as one more input of every tap outside the image.
inline std::vector<int64_t> sign_sums(const Conv& c, const std::vector<float>& x, const std::vector<float>& w,
                                      int32_t padding_value) {
    return window_sums<int64_t>(c, [&](int32_t, int64_t weight, int64_t input) {
        return sign(w[weight]) * (input == padded ? padding_value : sign(x[input]));
    });
}

}  // namespace axnn::test
