#include "layers/conv_geometry.hpp"

#include "runtime/error.hpp"

namespace axnn {
namespace {

void require_at_least(int32_t value, int32_t least, const char* name) {
    require(value >= least, AXNN_ERROR_INVALID_ARGUMENT, name, " is ", value, ", allowed: >= ", least);
}

void require_addressable(const ConvGeometry& g) {
    size_t taps = checked_product(g.group_inputs(), g.kernel_size(), "in_channels / groups * kernel size");
    require(taps <= INT32_MAX, AXNN_ERROR_SIZE_OVERFLOW, "one output sums ", taps,
            " products (in_channels / groups * kernel_h * kernel_w), allowed: <= ", INT32_MAX);
    size_t weights = checked_product((size_t)g.out_channels, taps, "the number of weights");
    checked_product(weights, sizeof(float), "the weights' size in bytes");
}

// Output extent along one axis, or 0.
int64_t output_extent(int64_t input, int64_t pads, int64_t kernel, int64_t stride, int64_t dilation) {
    const int64_t span = dilation * (kernel - 1) + 1;
    const int64_t padded = input + pads;
    return padded < span ? 0 : (padded - span) / stride + 1;
}

}  // namespace

ConvGeometry ConvGeometry::of(const axnn_conv2d_desc& d) {
    require_at_least(d.in_channels, 1, "in_channels");
    require_at_least(d.out_channels, 1, "out_channels");
    require_at_least(d.kernel_h, 1, "kernel_h");
    require_at_least(d.kernel_w, 1, "kernel_w");
    require_at_least(d.stride_h, 1, "stride_h");
    require_at_least(d.stride_w, 1, "stride_w");
    require_at_least(d.dilation_h, 1, "dilation_h");
    require_at_least(d.dilation_w, 1, "dilation_w");
    require_at_least(d.pad_top, 0, "pad_top");
    require_at_least(d.pad_bottom, 0, "pad_bottom");
    require_at_least(d.pad_left, 0, "pad_left");
    require_at_least(d.pad_right, 0, "pad_right");
    require_at_least(d.groups, 1, "groups");
    require(d.in_channels % d.groups == 0, AXNN_ERROR_SHAPE, "in_channels is ", d.in_channels,
            ", which groups = ", d.groups, " does not divide");
    require(d.out_channels % d.groups == 0, AXNN_ERROR_SHAPE, "out_channels is ", d.out_channels,
            ", which groups = ", d.groups, " does not divide");
    const ConvGeometry g = {d.in_channels, d.out_channels, d.kernel_h,   d.kernel_w, d.stride_h,
                            d.stride_w,    d.dilation_h,   d.dilation_w, d.pad_top,  d.pad_bottom,
                            d.pad_left,    d.pad_right,    d.groups,     false};
    require_addressable(g);
    return g;
}

ConvGeometry ConvGeometry::of(const axnn_linear_desc& d) {
    require_at_least(d.in_features, 1, "in_features");
    require_at_least(d.out_features, 1, "out_features");
    const ConvGeometry g = {d.in_features, d.out_features, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, true};
    require_addressable(g);
    return g;
}

ImageSize ConvGeometry::output(ImageSize input) const {
    require_at_least(input.h, 1, "h");
    require_at_least(input.w, 1, "w");
    require(!linear || (input.h == 1 && input.w == 1), AXNN_ERROR_SHAPE,
            "a linear plan was run on images of ", input.h, " x ", input.w, ", allowed: 1 x 1");
    const int64_t h = output_extent(input.h, (int64_t)pad_top + pad_bottom, kernel_h, stride_h, dilation_h);
    const int64_t w = output_extent(input.w, (int64_t)pad_left + pad_right, kernel_w, stride_w, dilation_w);
    require(h >= 1 && w >= 1, AXNN_ERROR_SHAPE, "an input of ", input.h, " x ", input.w,
            " gives no output pixel: with padding it is smaller than the dilated kernel");
    require(h <= INT32_MAX && w <= INT32_MAX, AXNN_ERROR_SIZE_OVERFLOW, "the output would be ", h, " x ", w,
            ", allowed: <= ", INT32_MAX, " each");
    return {(int32_t)h, (int32_t)w};
}

size_t checked_product(size_t a, size_t b, const char* what) {
    size_t product = 0;
    require(!__builtin_mul_overflow(a, b, &product) && product <= SIZE_MAX / 2, AXNN_ERROR_SIZE_OVERFLOW,
            what, " overflows: ", a, " * ", b);
    return product;
}

size_t tensor_size(int32_t n, int32_t channels, ImageSize image, const char* what) {
    return checked_product(checked_product((size_t)n, (size_t)channels, what), image.pixels(), what);
}

}  // namespace axnn
