#include "shape.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>

namespace axnn::fuzz {
namespace {

constexpr int32_t max_products = 5 << 18;
constexpr int32_t max_taps = 320;
constexpr int32_t max_elements = max_products;

size_t capped(double count) { return static_cast<size_t>(std::clamp<double>(count, 1, max_elements)); }

// One axis of a convolution.
struct Axis {
    int32_t kernel;
    int32_t stride;
    int32_t dilation;
    int32_t before;
    int32_t after;

    static Axis decode(Input& input) {
        Axis a;
        a.kernel = input.pick({1, 3, 2, 4, 5, 7});
        a.stride = input.integer(1, 3);
        a.dilation = input.integer(1, 3);
        a.before = input.integer(0, 3);
        a.after = input.integer(0, 3);
        return a;
    }
    // In 64 bits: values may be mistaken, but are positive.
    int64_t output(int64_t input) const {
        const int64_t room = input + before + after - int64_t{dilation} * (kernel - 1) - 1;
        return room < 0 ? 0 : room / stride + 1;
    }
    int32_t least_input() const { return std::max(1, dilation * (kernel - 1) + 1 - before - after); }
    // At least that, and as far as that is possible no more than so many pixels of input and output.
    int32_t decode_input(Input& input, int32_t max_input, int32_t max_output) const {
        const int32_t least = least_input();
        const int64_t more = std::min<int64_t>(max_input - least, (max_output - output(least)) * stride);
        return least + input.integer(0, static_cast<int32_t>(std::clamp<int64_t>(more, 0, 300)));
    }
};

Axis vertical(const axnn_conv2d_desc& c) {
    return {c.kernel_h, c.stride_h, c.dilation_h, c.pad_top, c.pad_bottom};
}
Axis horizontal(const axnn_conv2d_desc& c) {
    return {c.kernel_w, c.stride_w, c.dilation_w, c.pad_left, c.pad_right};
}

axnn_conv2d_desc pointwise(int32_t in_channels, int32_t out_channels) {
    return {sizeof(axnn_conv2d_desc), in_channels, out_channels, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1};
}

axnn_conv2d_desc decode_conv(Input& input) {
    const Axis y = Axis::decode(input);
    const Axis x = Axis::decode(input);
    const bool depthwise = input.chance(5);
    const int32_t groups = depthwise ? input.integer(1, 40) : input.pick({1, 1, 1, 1, 2, 3, 5});
    const int32_t group_inputs = depthwise ? 1 : input.integer(1, max_taps / (y.kernel * x.kernel));
    const int32_t group_outputs = input.integer(1, depthwise ? 4 : 72 / groups);
    axnn_conv2d_desc conv = pointwise(groups * group_inputs, groups * group_outputs);
    conv.kernel_h = y.kernel;
    conv.kernel_w = x.kernel;
    conv.stride_h = y.stride;
    conv.stride_w = x.stride;
    conv.dilation_h = y.dilation;
    conv.dilation_w = x.dilation;
    conv.pad_top = y.before;
    conv.pad_bottom = y.after;
    conv.pad_left = x.before;
    conv.pad_right = x.after;
    conv.groups = groups;
    return conv;
}

}  // namespace

Shape Shape::decode(Input& input) {
    Shape s;
    s.linear = input.chance(5);
    s.features = {sizeof s.features, 1, 1};
    // The binary logarithm is drawn, so that most cases are small and fast.
    const int32_t products = max_products >> (8 - input.integer(0, 8));
    if (s.linear) {
        s.features.in_features = input.integer(1, max_taps);
        s.features.out_features = input.integer(1, 72);
        s.conv = pointwise(s.features.in_features, s.features.out_features);
        s.h = s.w = 1;
    } else {
        s.conv = decode_conv(input);
        const Axis y = vertical(s.conv), x = horizontal(s.conv);
        const int32_t of_output = s.conv.out_channels * static_cast<int32_t>(s.taps());
        const int32_t pixels = max_elements / s.conv.in_channels;
        const auto rows = static_cast<int32_t>(y.output(y.least_input()));
        s.w = x.decode_input(input, pixels / y.least_input(), products / of_output / rows);
        const auto columns = static_cast<int32_t>(x.output(s.w));
        s.h = y.decode_input(input, pixels / s.w, products / of_output / columns);
    }
    const double images = std::min(products / (s.output_pixels() * s.conv.out_channels * s.tap_count()),
                                   max_elements / (double{1} * s.conv.in_channels * s.h * s.w));
    const int32_t most = std::clamp(static_cast<int32_t>(images), 1, s.linear ? 300 : 5);
    s.n = input.value(input.integer(1, most));
    s.h = input.value(s.h);
    s.w = input.value(s.w);
    if (s.linear) {
        s.features = input.descriptor(s.features);
        s.conv.in_channels = s.features.in_features;
        s.conv.out_channels = s.features.out_features;
    } else {
        s.conv = input.descriptor(s.conv);
    }
    return s;
}

bool Shape::valid() const {
    const axnn_conv2d_desc& c = conv;
    for (int32_t size : {c.in_channels, c.out_channels, c.kernel_h, c.kernel_w, c.stride_h, c.stride_w,
                         c.dilation_h, c.dilation_w, c.groups})
        if (size < 1) return false;
    for (int32_t pad : {c.pad_top, c.pad_bottom, c.pad_left, c.pad_right})
        if (pad < 0) return false;
    return c.in_channels % c.groups == 0 && c.out_channels % c.groups == 0 && c.struct_size == sizeof c &&
           features.struct_size == sizeof features;
}

double Shape::tap_count() const {
    return valid() ? double{1} * (conv.in_channels / conv.groups) * conv.kernel_h * conv.kernel_w : 1;
}

double Shape::output_pixels() const {
    if (!valid() || h < 1 || w < 1) return 1;
    return static_cast<double>(vertical(conv).output(h)) * static_cast<double>(horizontal(conv).output(w));
}

size_t Shape::taps() const { return capped(tap_count()); }
size_t Shape::channels() const { return capped(conv.out_channels); }
size_t Shape::inputs() const { return capped(double{1} * n * conv.in_channels * h * w); }
size_t Shape::weights() const { return capped(conv.out_channels * tap_count()); }

bool Shape::runnable() const { return n * output_pixels() * conv.out_channels * tap_count() <= max_products; }
size_t Shape::outputs() const { return runnable() ? capped(n * output_pixels() * conv.out_channels) : 0; }

size_t Shape::weight_bytes() const { return capped(conv.out_channels * std::ceil(tap_count() / 8)); }
size_t Shape::input_bytes() const {
    return capped(double{1} * n * std::ceil(conv.in_channels / 8.0) * h * w);
}
size_t Shape::output_bytes() const {
    return runnable() ? capped(n * output_pixels() * std::ceil(conv.out_channels / 8.0)) : 0;
}
size_t Shape::unfolded() const {
    return runnable() ? capped(n * output_pixels() * conv.groups * tap_count()) : 0;
}

std::ostream& operator<<(std::ostream& out, const Shape& s) {
    const axnn_conv2d_desc& c = s.conv;
    if (s.linear)
        return out << "linear " << c.in_channels << " -> " << c.out_channels << ", n " << s.n << ", image "
                   << s.h << "x" << s.w << ", struct size " << s.features.struct_size;
    return out << "conv2d " << c.in_channels << " -> " << c.out_channels << ", groups " << c.groups
               << ", kernel " << c.kernel_h << "x" << c.kernel_w << ", stride " << c.stride_h << "x"
               << c.stride_w << ", dilation " << c.dilation_h << "x" << c.dilation_w << ", pad " << c.pad_top
               << "," << c.pad_bottom << "," << c.pad_left << "," << c.pad_right << ", n " << s.n
               << ", image " << s.h << "x" << s.w << ", struct size " << c.struct_size;
}

}  // namespace axnn::fuzz
