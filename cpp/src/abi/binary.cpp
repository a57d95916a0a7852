// The functions of axnn.h for bits and binary layers. Each checks its arguments, then hands over to the layer
// below.
#include <algorithm>
#include <memory>

#include "abi/handles.hpp"
#include "layers/binary_gradients.hpp"
#include "layers/binary_layer.hpp"
#include "layers/bit_image.hpp"
#include "layers/bit_pool.hpp"
#include "layers/latent_weights.hpp"
#include "layers/quantized_weights.hpp"

using axnn::ConvGeometry;
using axnn::ImageSize;
using axnn::require;
using namespace axnn::abi;

namespace {

template <typename Shape>
axnn_status create_binary(const axnn_context* context, const Shape* shape, const axnn_binary_desc* binary,
                          const uint8_t* weights, size_t weights_bytes, const float* scales,
                          size_t scales_bytes, const float* bias, size_t bias_bytes,
                          axnn_plan** out) noexcept {
    return create(out, [&] {
        check_pointer(context, "context");
        const ConvGeometry geometry = geometry_of(shape);
        const auto channels = (size_t)geometry.out_channels;
        check_desc(binary, "binary");
        check_enum(binary->padding_value, AXNN_PAD_PLUS_ONE, "binary->padding_value");
        check_limits(binary->output_min, binary->output_max);
        check_buffer(weights, weights_bytes, channels * axnn::ceil_div(geometry.taps(), 8), "weights");
        return std::make_shared<axnn::BinaryLayer>(
            context->value, geometry,
            axnn::BinaryParameters{(axnn_padding_value)binary->padding_value, binary->output_min,
                                   binary->output_max},
            weights, finite(optional_channels(scales, scales_bytes, channels, 1, "scales"), "scales"),
            optional_channels(bias, bias_bytes, channels, 0, "bias"));
    });
}

const axnn::BinaryLayer& binary_layer(const axnn_plan* plan) {
    check_pointer(plan, "plan");
    const auto* layer = dynamic_cast<const axnn::BinaryLayer*>(plan->value.get());
    require(layer, AXNN_ERROR_UNSUPPORTED, "plan is not a binary plan");
    return *layer;
}

// Checks a buffer of `elements` elements of such a type, [n, channels, image].
void check_elements(axnn_element_type type, const void* buffer, size_t bytes, int32_t n, int32_t channels,
                    ImageSize image, const char* name) {
    const size_t elements = axnn::tensor_size(n, channels, image, name);
    switch (type) {
        case AXNN_FLOAT32:
            return check_buffer(static_cast<const float*>(buffer), bytes, elements, name);
        case AXNN_INT32:
            return check_buffer(static_cast<const int32_t*>(buffer), bytes, elements, name);
        case AXNN_CODES:
            return check_buffer(static_cast<const uint8_t*>(buffer), bytes, elements, name);
        case AXNN_BITS:
            return check_buffer(static_cast<const uint8_t*>(buffer), bytes,
                                axnn::bit_image_size(n, channels, image), name);
    }
}

axnn::SignEstimator sign_estimator(uint32_t estimator, float parameter, const char* name,
                                   const char* parameter_name) {
    check_enum(estimator, AXNN_SIGN_SWISH, name);
    if (estimator == AXNN_SIGN_STE || estimator == AXNN_SIGN_SWISH)
        require(isfinite(parameter) && parameter > 0, AXNN_ERROR_INVALID_ARGUMENT, parameter_name, " is ",
                parameter, ", allowed: finite and > 0");
    return {(axnn_sign_estimator)estimator, parameter};
}

}  // namespace

extern "C" {

axnn_status axnn_binary_pack(const axnn_context* context, const float* x, size_t x_bytes, size_t rows,
                             size_t row_elements, uint8_t* bits, size_t bits_bytes) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        const size_t row_bytes = axnn::ceil_div(row_elements, 8);
        check_buffer(x, x_bytes, axnn::checked_product(rows, row_elements, "rows * row_elements"), "x");
        check_buffer(bits, bits_bytes, axnn::checked_product(rows, row_bytes, "the size of bits"), "bits");
        if (row_elements > 0) axnn::pack_signs(*context->value, x, rows, row_elements, bits);
    });
}

axnn_status axnn_binary_conv2d_create(const axnn_context* context, const axnn_conv2d_desc* conv,
                                      const axnn_binary_desc* binary, const uint8_t* weights,
                                      size_t weights_bytes, const float* scales, size_t scales_bytes,
                                      const float* bias, size_t bias_bytes, axnn_plan** out) noexcept {
    return create_binary(context, conv, binary, weights, weights_bytes, scales, scales_bytes, bias,
                         bias_bytes, out);
}

axnn_status axnn_binary_linear_create(const axnn_context* context, const axnn_linear_desc* linear,
                                      const axnn_binary_desc* binary, const uint8_t* weights,
                                      size_t weights_bytes, const float* scales, size_t scales_bytes,
                                      const float* bias, size_t bias_bytes, axnn_plan** out) noexcept {
    return create_binary(context, linear, binary, weights, weights_bytes, scales, scales_bytes, bias,
                         bias_bytes, out);
}

axnn_status axnn_binary_parameters(const axnn_plan* plan, uint8_t* weights, size_t weights_bytes,
                                   float* scales, size_t scales_bytes, float* bias,
                                   size_t bias_bytes) noexcept {
    return wall([&] {
        const axnn::BinaryLayer& layer = binary_layer(plan);
        const auto channels = (size_t)layer.geometry().out_channels;
        const size_t row_bytes = axnn::ceil_div(layer.geometry().taps(), 8);
        const bool want_weights = wanted(weights, weights_bytes, channels * row_bytes, "weights");
        const bool want_scales = wanted(scales, scales_bytes, channels, "scales");
        const bool want_bias = wanted(bias, bias_bytes, channels, "bias");
        if (want_weights) layer.weight_bits(weights);
        for (size_t o = 0; o < channels; o++) {
            if (want_scales) scales[o] = layer.scale(o);
            if (want_bias) bias[o] = layer.bias(o);
        }
    });
}

axnn_status axnn_binary_memory(const axnn_plan* plan, uint64_t* bytes) noexcept {
    return wall([&] {
        const axnn::BinaryLayer& layer = binary_layer(plan);
        check_pointer(bytes, "bytes");
        *bytes = layer.memory();
    });
}

axnn_status axnn_binary_execute(const axnn_plan* plan, uint32_t x_type, const void* x, size_t x_bytes,
                                int32_t n, int32_t h, int32_t w, uint32_t y_type,
                                const axnn_quantization* y_quantization, void* y, size_t y_bytes) noexcept {
    return wall([&] {
        const axnn::BinaryLayer& layer = binary_layer(plan);
        const ImageSize image = {h, w};
        run_sizes(plan, n, image);
        check_enum(y_type, AXNN_BITS, "y_type");
        require(x_type == AXNN_FLOAT32 || x_type == AXNN_BITS, AXNN_ERROR_INVALID_ARGUMENT, "x_type is ",
                x_type, ", allowed: AXNN_FLOAT32 and AXNN_BITS");
        if (y_type == AXNN_CODES) {
            check_desc(y_quantization, "y_quantization");
            axnn::check_quantization(*y_quantization, "y_quantization->");
            require(axnn::codes_are_bytes(y_quantization->code_min, y_quantization->code_max),
                    AXNN_ERROR_QUANTIZATION, "y_quantization->code_min..code_max is ",
                    y_quantization->code_min, "..", y_quantization->code_max,
                    ", allowed: an interval within -128..127 or within 0..255");
        } else {
            require(!y_quantization, AXNN_ERROR_INVALID_ARGUMENT,
                    "y_quantization is not NULL, but y_type is ", y_type, ", not AXNN_CODES");
        }
        const axnn::ConvGeometry& geometry = layer.geometry();
        check_elements((axnn_element_type)x_type, x, x_bytes, n, geometry.in_channels, image, "x");
        check_elements((axnn_element_type)y_type, y, y_bytes, n, geometry.out_channels,
                       geometry.output(image), "y");
        layer.execute({(axnn_element_type)x_type, x}, n, image,
                      {(axnn_element_type)y_type, y, y_quantization});
    });
}

axnn_status axnn_binary_pack_image(const axnn_context* context, const float* x, size_t x_bytes, int32_t n,
                                   int32_t channels, int32_t h, int32_t w, uint8_t* bits,
                                   size_t bits_bytes) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        const ImageSize image = {h, w};
        for (const auto& [value, name] : {std::pair{n, "n"}, {channels, "channels"}, {h, "h"}, {w, "w"}})
            require(value >= 1, AXNN_ERROR_INVALID_ARGUMENT, name, " is ", value, ", allowed: >= 1");
        check_elements(AXNN_FLOAT32, x, x_bytes, n, channels, image, "x");
        check_elements(AXNN_BITS, bits, bits_bytes, n, channels, image, "bits");
        axnn::pack_image(*context->value, x, n, channels, image, bits);
    });
}

axnn_status axnn_binary_max_pool(const axnn_context* context, const axnn_conv2d_desc* window,
                                 const uint8_t* x, size_t x_bytes, int32_t n, int32_t h, int32_t w,
                                 const uint8_t* minimum, size_t minimum_bytes, uint8_t* y,
                                 size_t y_bytes) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        check_desc(window, "window");
        const ConvGeometry geometry = ConvGeometry::of(*window);
        const int32_t channels = geometry.in_channels;
        require(geometry.out_channels == channels && geometry.groups == channels, AXNN_ERROR_SHAPE,
                "window has in_channels ", channels, ", out_channels ", geometry.out_channels, " and groups ",
                geometry.groups, ", but a pooling has the same number of each");
        require(n >= 1, AXNN_ERROR_INVALID_ARGUMENT, "n is ", n, ", allowed: >= 1");
        const ImageSize image = {h, w};
        const ImageSize output = geometry.output(image);
        check_elements(AXNN_BITS, x, x_bytes, n, channels, image, "x");
        check_elements(AXNN_BITS, y, y_bytes, n, channels, output, "y");
        const bool some_minima =
            wanted(minimum, minimum_bytes, axnn::ceil_div((size_t)channels, 8), "minimum");
        axnn::max_pool_bits(*context->value, geometry, x, n, image, some_minima ? minimum : nullptr, y);
    });
}

axnn_status axnn_binary_backward(const axnn_plan* plan, const axnn_sign_desc* signs, const float* weights,
                                 size_t weights_bytes, const float* x, size_t x_bytes, int32_t n, int32_t h,
                                 int32_t w, const float* grad_out, size_t grad_out_bytes, float* grad_x,
                                 size_t grad_x_bytes, float* grad_weights, size_t grad_weights_bytes,
                                 float* grad_scales, size_t grad_scales_bytes, float* grad_bias,
                                 size_t grad_bias_bytes) noexcept {
    return run_plan(
        plan, x, x_bytes, n, h, w, grad_out, grad_out_bytes, "grad_out",
        [&](const axnn::Plan&, ImageSize image) {
            const axnn::BinaryLayer& layer = binary_layer(plan);
            const ConvGeometry& g = layer.geometry();
            check_desc(signs, "signs");
            axnn::BinaryGradients gradients = {};
            gradients.input = sign_estimator(signs->input_estimator, signs->input_parameter,
                                             "signs->input_estimator", "signs->input_parameter");
            gradients.weight = sign_estimator(signs->weight_estimator, signs->weight_parameter,
                                              "signs->weight_estimator", "signs->weight_parameter");
            const auto channels = (size_t)g.out_channels;
            const bool want_x =
                wanted(grad_x, grad_x_bytes, axnn::tensor_size(n, g.in_channels, image, "x"), "grad_x");
            const bool want_weights =
                wanted(grad_weights, grad_weights_bytes, g.weight_count(), "grad_weights");
            const bool want_scales = wanted(grad_scales, grad_scales_bytes, channels, "grad_scales");
            const bool want_bias = wanted(grad_bias, grad_bias_bytes, channels, "grad_bias");
            require(want_x || want_weights || want_scales || want_bias, AXNN_ERROR_NULL_POINTER,
                    "grad_x, grad_weights, grad_scales and grad_bias are NULL");
            if (grad_weights && signs->weight_estimator != AXNN_SIGN_IDENTITY)
                check_buffer(weights, weights_bytes, g.weight_count(), "weights");
            gradients.weights = weights;
            gradients.x = x;
            gradients.n = n;
            gradients.image = image;
            gradients.grad_out = grad_out;
            gradients.grad_x = grad_x;
            gradients.grad_weights = grad_weights;
            gradients.grad_scales = grad_scales;
            gradients.grad_bias = grad_bias;
            axnn::binary_gradients(layer, gradients);
        });
}

axnn_status axnn_mean_magnitudes(const axnn_context* context, const float* x, size_t x_bytes, size_t rows,
                                 size_t row_elements, float* alpha, size_t alpha_bytes) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        require(row_elements >= 1, AXNN_ERROR_INVALID_ARGUMENT, "row_elements is 0, allowed: >= 1");
        check_buffer(x, x_bytes, axnn::checked_product(rows, row_elements, "rows * row_elements"), "x");
        check_buffer(alpha, alpha_bytes, rows, "alpha");
        axnn::mean_magnitudes(*context->value, x, rows, row_elements, alpha);
    });
}

axnn_status axnn_clip(const axnn_context* context, float limit, const float* x, size_t x_bytes, size_t count,
                      float* y, size_t y_bytes) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        require(isfinite(limit) && limit > 0, AXNN_ERROR_INVALID_ARGUMENT, "limit is ", limit,
                ", allowed: finite and > 0");
        check_buffer(x, x_bytes, count, "x");
        check_buffer(y, y_bytes, count, "y");
        axnn::clip(*context->value, limit, x, count, y);
    });
}

}  // extern "C"
