#include "layers/quantized_layer.hpp"

#include <math.h>

#include <utility>

#include "layers/approx_layer.hpp"
#include "layers/fake_quantize.hpp"
#include "layers/float_gradients.hpp"
#include "layers/noise.hpp"
#include "layers/quant_layer.hpp"
#include "layers/table_gradients.hpp"
#include "runtime/error.hpp"

namespace axnn {
std::shared_ptr<const Plan> QuantizedLayer::make(std::shared_ptr<const Context> context,
                                                 const ConvGeometry& geometry, ApproxDefinition definition) {
    require(definition.parameters.products == AXNN_PRODUCTS_EXACT || definition.multiplier,
            AXNN_ERROR_NULL_POINTER, "multiplier is NULL");
    if (definition.parameters.products == AXNN_PRODUCTS_EXACT)
        return std::make_shared<QuantLayer>(std::move(context), geometry, std::move(definition));
    return std::make_shared<ApproxLayer>(std::move(context), geometry, std::move(definition));
}

QuantizedLayer::QuantizedLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                               ApproxDefinition definition)
    : Plan(std::move(context), geometry),
      definition_(std::move(definition)),
      no_bias_((size_t)geometry.out_channels, -0.0f) {
    const axnn_quantization& input = definition_.parameters.input;
    check_quantization(input, "input_");
    for (size_t o = 0; o < (size_t)geometry.out_channels; o++) {
        const float scale = input.scale * definition_.weights->scale(o);
        require(isfinite(scale) && scale > 0, AXNN_ERROR_QUANTIZATION, "input scale * weight scale is ",
                input.scale, " * ", definition_.weights->scale(o), " = ", scale, ", allowed: finite and > 0");
        scales_.push_back(scale);
    }
}

void QuantizedLayer::backward(const Gradients& gradients) const {
    if (definition_.parameters.products != AXNN_PRODUCTS_EXACT) {
        table_gradients(context(), geometry(), definition_, gradients);
        return;
    }
    const axnn_quantization& input = definition_.parameters.input;
    const QuantizedWeights& codes = *definition_.weights;
    std::vector<float> weights(geometry().weight_count());
    for (size_t i = 0; i < weights.size(); i++) {
        const size_t o = i / geometry().taps();
        weights[i] = codes.scale(o) * (float)(codes.value(codes.codes()[i]) - codes.zero_point(o));
    }
    const int32_t padding = code_value(definition_.padding_byte(), input.code_min) - input.zero_point;
    const auto convert = [&](const float* x, size_t count, float* factors) {
        fake_quantize(context().kernels(), input, x, count, factors);
    };
    float_gradients(context(), geometry(), weights.data(), {convert, input.scale * (float)padding},
                    gradients);
}

void QuantizedLayer::execute_noise(const Noise& noise, const float* x, int32_t n, ImageSize image,
                                   float* y) const {
    execute_scaled(x, n, image, y);
    const size_t pixels = geometry().output(image).pixels();
    const auto channels = (size_t)geometry().out_channels;
    const size_t planes = (size_t)n * channels;
    const Epilogue end = epilogue();
    // Where none is asked for, the deviation of an output that overflows (a NaN) must not reach it.
    const double deviation = noise.stdev == 0 ? 0 : standard_deviation(context(), y, planes * pixels);
    axnn::add_noise(context(), {y, planes, channels, pixels, end.bias, end.lower, end.upper},
                    (float)(deviation * noise.stdev), noise.mean, noise.seed);
}

size_t QuantizedLayer::unfolded_size(int32_t n, ImageSize image) const {
    const size_t columns = tensor_size(n, geometry().groups, geometry().output(image), "the unfolded input");
    return checked_product(columns, geometry().taps(), "the unfolded input");
}

}  // namespace axnn
