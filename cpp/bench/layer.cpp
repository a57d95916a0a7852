#include "layer.hpp"

#include <math.h>

#include <stdexcept>

namespace axnn::bench {
namespace {

void require_ok(axnn_status status) {
    if (status == AXNN_OK) return;
    std::string message(axnn_last_error(nullptr, 0) + 1, '\0');
    axnn_last_error(message.data(), message.size());
    throw std::runtime_error(message.c_str());
}

axnn_conv2d_desc conv_desc(const ConvShape& shape) {
    axnn_conv2d_desc desc = {};
    desc.struct_size = sizeof desc;
    desc.in_channels = (int32_t)shape.in_channels;
    desc.out_channels = (int32_t)shape.out_channels;
    desc.kernel_h = desc.kernel_w = (int32_t)shape.kernel;
    desc.stride_h = desc.stride_w = (int32_t)shape.stride;
    desc.dilation_h = desc.dilation_w = 1;
    desc.pad_top = desc.pad_bottom = desc.pad_left = desc.pad_right = (int32_t)shape.padding;
    desc.groups = (int32_t)shape.groups;
    return desc;
}

template <typename T>
size_t bytes(const std::vector<T>& values) {
    return values.size() * sizeof(T);
}

std::shared_ptr<axnn_plan> own(axnn_plan* plan) { return {plan, axnn_plan_destroy}; }

}  // namespace

Layer::Layer(axnn_tier tier, const ConvShape& shape, uint32_t threads) : shape_(shape) {
    const axnn_context_desc desc = {sizeof desc, (uint32_t)tier, threads};
    axnn_context* context = nullptr;
    require_ok(axnn_context_create(&desc, &context));
    context_ = {context, axnn_context_destroy};
}

Layer Layer::floating(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                      uint32_t threads) {
    Layer layer(tier, shape, threads);
    const axnn_conv2d_desc conv = conv_desc(shape);
    axnn_plan* plan = nullptr;
    require_ok(axnn_float_conv2d_create(layer.context_.get(), &conv, weights.data(), bytes(weights), nullptr,
                                        0, &plan));
    layer.plan_ = own(plan);
    return layer;
}

Layer Layer::approximate(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                         const std::vector<int32_t>& products, int32_t input_min, uint32_t threads,
                         axnn_structure_use structure_use) {
    const axnn_multiplier_desc operands = {sizeof operands, 8, 1, 8, 1};
    axnn_multiplier* created = nullptr;
    require_ok(axnn_multiplier_create(&operands, products.data(), bytes(products), &created));
    const std::unique_ptr<axnn_multiplier, void (*)(axnn_multiplier*)> multiplier(created,
                                                                                  axnn_multiplier_destroy);
    return of_codes(tier, shape, weights, multiplier.get(), input_min, threads, structure_use);
}

Layer Layer::quantized(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                       int32_t input_min, uint32_t threads) {
    return of_codes(tier, shape, weights, nullptr, input_min, threads, AXNN_STRUCTURE_AUTO);
}

Layer Layer::of_codes(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                      const axnn_multiplier* multiplier, int32_t input_min, uint32_t threads,
                      axnn_structure_use structure_use) {
    Layer layer(tier, shape, threads);
    const axnn_conv2d_desc conv = conv_desc(shape);
    axnn_approx_desc approx = {};
    approx.struct_size = sizeof approx;
    approx.input_scale = 1;
    approx.input_code_min = input_min;
    approx.weight_code_min = -128;
    approx.input_code_max = approx.weight_code_max = 127;
    approx.operand_order = AXNN_WEIGHT_FIRST;
    approx.padding_code = AXNN_PAD_ZERO;
    approx.zero_point_correction = AXNN_CORRECTION_EXACT;
    approx.products = multiplier ? AXNN_PRODUCTS_TABLE : AXNN_PRODUCTS_EXACT;
    approx.structure_use = structure_use;
    approx.output_min = -INFINITY;
    approx.output_max = INFINITY;
    const float scale = 1;
    const int32_t zero_point = 0;
    axnn_plan* plan = nullptr;
    require_ok(axnn_approx_conv2d_create(layer.context_.get(), &conv, &approx, multiplier, weights.data(),
                                         bytes(weights), &scale, sizeof scale, &zero_point, sizeof zero_point,
                                         nullptr, 0, &plan));
    layer.plan_ = own(plan);
    return layer;
}

Layer Layer::wide(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights, uint32_t bits,
                  const axnn_multiplier* multiplier) {
    Layer layer(tier, shape, 1);
    const axnn_conv2d_desc conv = conv_desc(shape);
    const int32_t largest = (1 << (bits - 1)) - 1;
    const float scale = 1 / (float)(largest + 1);
    axnn_approx_desc approx = {};
    approx.struct_size = sizeof approx;
    approx.input_scale = scale;
    approx.input_code_min = approx.weight_code_min = -largest - 1;
    approx.input_code_max = approx.weight_code_max = largest;
    approx.products = multiplier ? AXNN_PRODUCTS_TABLE : AXNN_PRODUCTS_EXACT;
    approx.output_min = -INFINITY;
    approx.output_max = INFINITY;
    const int32_t zero_point = 0;
    axnn_plan* plan = nullptr;
    require_ok(axnn_approx_conv2d_create(layer.context_.get(), &conv, &approx, multiplier, weights.data(),
                                         bytes(weights), &scale, sizeof scale, &zero_point, sizeof zero_point,
                                         nullptr, 0, &plan));
    layer.plan_ = own(plan);
    return layer;
}

Layer Layer::binary(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                    uint32_t threads, axnn_padding_value padding) {
    Layer layer(tier, shape, threads);
    const size_t rows = shape.out_channels;
    const size_t elements = weights.size() / rows;
    std::vector<uint8_t> bits(rows * ((elements + 7) / 8));
    require_ok(axnn_binary_pack(layer.context_.get(), weights.data(), bytes(weights), rows, elements,
                                bits.data(), bytes(bits)));
    const axnn_conv2d_desc conv = conv_desc(shape);
    const axnn_binary_desc binary = {sizeof binary, (uint32_t)padding, -INFINITY, INFINITY};
    axnn_plan* plan = nullptr;
    require_ok(axnn_binary_conv2d_create(layer.context_.get(), &conv, &binary, bits.data(), bytes(bits),
                                         nullptr, 0, nullptr, 0, &plan));
    layer.plan_ = own(plan);
    return layer;
}

void Layer::execute(const std::vector<float>& x, std::vector<float>& y) const {
    require_ok(
        axnn_plan_execute(plan_.get(), x.data(), bytes(x), batch(), edge(), edge(), y.data(), bytes(y)));
}

std::vector<int64_t> Layer::sums(const std::vector<float>& x) const {
    std::vector<int64_t> sums(shape_.batch * shape_.out_channels * shape_.out_pixels());
    require_ok(axnn_plan_execute_sums(plan_.get(), x.data(), bytes(x), batch(), edge(), edge(), sums.data(),
                                      bytes(sums)));
    return sums;
}

void Layer::execute_bits(const std::vector<uint8_t>& x, std::vector<uint8_t>& y) const {
    require_ok(axnn_binary_execute(plan_.get(), AXNN_BITS, x.data(), bytes(x), batch(), edge(), edge(),
                                   AXNN_BITS, nullptr, y.data(), bytes(y)));
}

void Layer::execute_from_bits(const std::vector<uint8_t>& x, std::vector<float>& y) const {
    require_ok(axnn_binary_execute(plan_.get(), AXNN_BITS, x.data(), bytes(x), batch(), edge(), edge(),
                                   AXNN_FLOAT32, nullptr, y.data(), bytes(y)));
}

std::vector<uint8_t> Layer::pack(const std::vector<float>& x, size_t channels, size_t edge) const {
    std::vector<uint8_t> bits(x.size() / channels * ((channels + 7) / 8));
    require_ok(axnn_binary_pack_image(context_.get(), x.data(), bytes(x), batch(), (int32_t)channels,
                                      (int32_t)edge, (int32_t)edge, bits.data(), bytes(bits)));
    return bits;
}

std::vector<uint8_t> Layer::pool(const std::vector<uint8_t>& x, size_t channels, size_t edge) const {
    const axnn_conv2d_desc window = conv_desc({.in_channels = channels,
                                               .edge = edge,
                                               .out_channels = channels,
                                               .groups = channels,
                                               .kernel = 2,
                                               .stride = 2,
                                               .padding = 0});
    std::vector<uint8_t> y(x.size() / 4);
    require_ok(axnn_binary_max_pool(context_.get(), &window, x.data(), bytes(x), batch(), (int32_t)edge,
                                    (int32_t)edge, nullptr, 0, y.data(), bytes(y)));
    return y;
}

void Layer::backward(const std::vector<float>& x, const std::vector<float>& grad_y,
                     std::vector<float>& grad_x, std::vector<float>& grad_weights) const {
    require_ok(axnn_plan_backward(plan_.get(), 0, x.data(), bytes(x), batch(), edge(), edge(), grad_y.data(),
                                  bytes(grad_y), grad_x.data(), bytes(grad_x), grad_weights.data(),
                                  bytes(grad_weights), nullptr, 0));
}

std::string Layer::kernel() const {
    size_t length = 0;
    require_ok(axnn_plan_explain(plan_.get(), batch(), edge(), edge(), nullptr, 0, &length));
    std::string text(length + 1, '\0');
    require_ok(axnn_plan_explain(plan_.get(), batch(), edge(), edge(), text.data(), text.size(), &length));
    // The last word before the first comma.
    const size_t end = text.find(',');
    const size_t start = text.rfind(' ', end) + 1;
    return text.substr(start, end - start);
}

}  // namespace axnn::bench
