#include "layers/quantized_layer.hpp"

#include <math.h>

#include <algorithm>
#include <utility>

#include "layers/approx_layer.hpp"
#include "layers/fake_quantize.hpp"
#include "layers/float_gradients.hpp"
#include "layers/noise.hpp"
#include "layers/quant_layer.hpp"
#include "layers/table_gradients.hpp"
#include "layers/wide_layer.hpp"
#include "runtime/error.hpp"

namespace axnn {
namespace {

void check_operand(Operand operand, int32_t min, int32_t max, const char* what) {
    require(min >= operand.min() && max <= operand.max(), AXNN_ERROR_OPERAND_RANGE, "the codes of the ", what,
            " are ", min, "..", max, ", but the multiplier's operand is ", operand.bits, " bits ",
            operand.is_signed ? "signed" : "unsigned", ": ", operand.min(), "..", operand.max());
}

// w * x, of operands as wide as codes can be.
std::shared_ptr<const ProductStructure> exact_structure(Operand weight, Operand activation) {
    auto exact = std::make_shared<ProductStructure>();
    exact->row_only.resize(weight.count());
    exact->column_only.resize(activation.count());
    ProductStructure::Term term = {1, {}, {}};
    for (size_t i = 0; i < weight.count(); i++) term.row.push_back(weight.value(i));
    for (size_t i = 0; i < activation.count(); i++) term.column.push_back(activation.value(i));
    exact->terms.push_back(std::move(term));
    return exact;
}

}  // namespace

void ApproxDefinition::check_operands() const {
    const bool weight_first = parameters.operand_order == AXNN_WEIGHT_FIRST;
    check_operand(weight_first ? multiplier->row() : multiplier->column(), weights->code_min(),
                  weights->code_max(), "weights");
    check_operand(weight_first ? multiplier->column() : multiplier->row(), parameters.input.code_min,
                  parameters.input.code_max, "input");
}

LayerStructure ApproxDefinition::structure() const {
    const axnn_quantization& input = parameters.input;
    LayerStructure s = {nullptr,
                        true,
                        {{16, weights->code_min() < 0}, weights->code_min(), weights->code_max()},
                        {{16, input.code_min < 0}, input.code_min, input.code_max}};
    s.activation.min = std::min(input.code_min, padding_code());
    s.activation.max = std::max(input.code_max, padding_code());
    if (!approximate()) {
        s.structure = exact_structure(s.weight.operand, s.activation.operand);
        return s;
    }
    check_operands();
    s.weight_is_row = parameters.operand_order == AXNN_WEIGHT_FIRST;
    s.structure = {multiplier, multiplier->structure()};
    s.weight.operand = s.weight_is_row ? multiplier->row() : multiplier->column();
    s.activation.operand = s.weight_is_row ? multiplier->column() : multiplier->row();
    return s;
}

std::shared_ptr<const Plan> QuantizedLayer::make(std::shared_ptr<const Context> context,
                                                 const ConvGeometry& geometry, ApproxDefinition definition) {
    require(!definition.approximate() || definition.multiplier, AXNN_ERROR_NULL_POINTER,
            "multiplier is NULL");
    if (definition.wide())
        return std::make_shared<WideLayer>(std::move(context), geometry, std::move(definition));
    if (!definition.approximate())
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
    if (definition_.approximate() && !definition_.wide()) {
        table_gradients(context(), geometry(), definition_, gradients);
        return;
    }
    const axnn_quantization& input = definition_.parameters.input;
    const QuantizedWeights& codes = *definition_.weights;
    std::vector<float> weights(geometry().weight_count());
    for (size_t i = 0; i < weights.size(); i++) {
        const size_t o = i / geometry().taps();
        weights[i] = codes.scale(o) * (float)(codes.code(o, i % geometry().taps()) - codes.zero_point(o));
    }
    const int32_t padding = definition_.padding_code() - input.zero_point;
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
