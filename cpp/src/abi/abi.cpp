// The functions of axnn.h but those of binary layers. Each checks its arguments, then hands over to the layer
// below.
#include <algorithm>
#include <atomic>
#include <memory>
#include <type_traits>
#include <vector>

#include "abi/handles.hpp"
#include "layers/channel_copy.hpp"
#include "layers/fake_quantize.hpp"
#include "layers/float_layer.hpp"
#include "layers/quantized_layer.hpp"

using axnn::ConvGeometry;
using axnn::ImageSize;
using axnn::require;
using namespace axnn::abi;

std::atomic<uint64_t> axnn::abi::live_handles{0};

namespace {

template <typename Shape>
axnn_status create_float(const axnn_context* context, const Shape* shape, const float* weights,
                         size_t weights_bytes, const float* bias, size_t bias_bytes,
                         axnn_plan** out) noexcept {
    return create(out, [&] {
        check_pointer(context, "context");
        const ConvGeometry geometry = geometry_of(shape);
        check_buffer(weights, weights_bytes, geometry.weight_count(), "weights");
        return std::make_shared<axnn::FloatLayer>(
            context->value, geometry, weights,
            optional_channels(bias, bias_bytes, (size_t)geometry.out_channels, 0, "bias"));
    });
}

axnn::ApproxParameters approx_parameters(const axnn_approx_desc* approx) {
    check_desc(approx, "approx");
    check_enum(approx->operand_order, AXNN_ACTIVATION_FIRST, "approx->operand_order");
    check_enum(approx->padding_code, AXNN_PAD_ZERO, "approx->padding_code");
    check_enum(approx->zero_point_correction, AXNN_CORRECTION_TABLE, "approx->zero_point_correction");
    check_enum(approx->products, AXNN_PRODUCTS_EXACT, "approx->products");
    check_enum(approx->structure_use, AXNN_STRUCTURE_ALWAYS, "approx->structure_use");
    check_limits(approx->output_min, approx->output_max);
    return {{sizeof(axnn_quantization), approx->input_scale, approx->input_zero_point, approx->input_code_min,
             approx->input_code_max},
            (axnn_operand_order)approx->operand_order,
            (axnn_padding_code)approx->padding_code,
            (axnn_zero_point_correction)approx->zero_point_correction,
            (axnn_products)approx->products,
            (axnn_structure_use)approx->structure_use,
            approx->output_min,
            approx->output_max};
}

// Float weights and how they become codes, as they come through the ABI.
struct WeightArguments {
    const float* weights;
    size_t weights_bytes;
    const float* scales;
    size_t scales_bytes;
    const int32_t* zero_points;
    size_t zero_points_bytes;

    bool given() const {
        return weights || weights_bytes || scales || scales_bytes || zero_points || zero_points_bytes;
    }

    std::shared_ptr<const axnn::QuantizedWeights> quantize(const axnn::Context& context,
                                                           const ConvGeometry& geometry, int32_t code_min,
                                                           int32_t code_max) const {
        const auto channels = (size_t)geometry.out_channels;
        check_buffer(weights, weights_bytes, geometry.weight_count(), "weights");
        return std::make_shared<axnn::QuantizedWeights>(
            context, geometry, code_min, code_max,
            one_or_channels(scales, scales_bytes, channels, "weight_scales"),
            one_or_channels(zero_points, zero_points_bytes, channels, "weight_zero_points"), weights);
    }
};

template <typename Shape>
axnn_status create_approx(const axnn_context* context, const Shape* shape, const axnn_approx_desc* approx,
                          const axnn_multiplier* multiplier, const WeightArguments& weights,
                          const float* bias, size_t bias_bytes, axnn_plan** out) noexcept {
    return create(out, [&] {
        check_pointer(context, "context");
        const ConvGeometry geometry = geometry_of(shape);
        axnn::ApproxDefinition definition;
        definition.parameters = approx_parameters(approx);
        if (multiplier) definition.multiplier = multiplier->value;
        definition.weights =
            weights.quantize(*context->value, geometry, approx->weight_code_min, approx->weight_code_max);
        definition.bias = optional_channels(bias, bias_bytes, (size_t)geometry.out_channels, 0, "bias");
        return axnn::QuantizedLayer::make(context->value, geometry, std::move(definition));
    });
}

// Calls body with a checked buffer of `count` codes of a range, as uint8_t* or int32_t*.
template <typename Body>
void with_codes(int32_t min, int32_t max, void* codes, size_t bytes, size_t count, const Body& body) {
    const auto as = [&](auto* typed) {
        check_buffer(typed, bytes, count, "codes");
        body(typed);
    };
    axnn::codes_are_bytes(min, max) ? as(static_cast<uint8_t*>(codes)) : as(static_cast<int32_t*>(codes));
}

constexpr uint32_t max_operand_bits = 16;

void check_multiplier_desc(const axnn_multiplier_desc* desc, uint32_t max_bits) {
    check_desc(desc, "desc");
    check_bits(desc->row_bits, max_bits, "desc->row_bits");
    check_bits(desc->column_bits, max_bits, "desc->column_bits");
    check_enum(desc->row_signed, 1, "desc->row_signed");
    check_enum(desc->column_signed, 1, "desc->column_signed");
}

axnn::Operand row_operand(const axnn_multiplier_desc* desc) {
    return {desc->row_bits, desc->row_signed != 0};
}
axnn::Operand column_operand(const axnn_multiplier_desc* desc) {
    return {desc->column_bits, desc->column_signed != 0};
}

axnn::ProductTable product_table(const axnn_multiplier_desc* desc, const int32_t* products, size_t bytes) {
    check_buffer(products, bytes, axnn::ProductTable::entries, "products");
    return {row_operand(desc), column_operand(desc), products};
}

// A function of an operand; NULL with 0 bytes is 0.
std::vector<int64_t> optional_function(const int64_t* values, size_t bytes, axnn::Operand operand,
                                       const char* name) {
    if (!values && bytes == 0) return std::vector<int64_t>(operand.count());
    check_buffer(values, bytes, operand.count(), name);
    return {values, values + operand.count()};
}

const axnn::QuantizedLayer& quantized_layer(const axnn_plan* plan) {
    check_pointer(plan, "plan");
    const auto* layer = dynamic_cast<const axnn::QuantizedLayer*>(plan->value.get());
    require(layer, AXNN_ERROR_UNSUPPORTED, "plan is not an approximate plan");
    return *layer;
}

}  // namespace

extern "C" {

size_t axnn_last_error(char* message, size_t message_bytes) noexcept {
    return copy_text(last_message(), message, message_bytes);
}

uint32_t axnn_abi_version(void) noexcept { return AXNN_ABI_VERSION; }

size_t axnn_version(char* version, size_t version_bytes) noexcept {
    return copy_text(AXNN_VERSION_TEXT, version, version_bytes);
}

uint64_t axnn_live_handles(void) noexcept { return live_handles; }

uint32_t axnn_cpu_features(void) noexcept { return axnn::cpu_features(); }

axnn_status axnn_context_create(const axnn_context_desc* desc, axnn_context** out) noexcept {
    return create(out, [&] {
        axnn_context_desc wanted = {sizeof(axnn_context_desc), AXNN_TIER_BEST, 0};
        if (desc) {
            check_desc(desc, "desc");
            check_enum(desc->tier, AXNN_TIER_AVX512, "desc->tier");
            wanted = *desc;
        }
        return std::make_shared<axnn::Context>((axnn_tier)wanted.tier, wanted.threads);
    });
}

void axnn_context_destroy(axnn_context* context) noexcept { destroy(context); }

axnn_status axnn_context_tier(const axnn_context* context, uint32_t* tier) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        check_pointer(tier, "tier");
        *tier = (uint32_t)context->value->tier();
    });
}

axnn_status axnn_context_threads(const axnn_context* context, uint32_t* threads) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        check_pointer(threads, "threads");
        *threads = context->value->threads();
    });
}

axnn_status axnn_quantize(const axnn_context* context, const axnn_quantization* quantization, const float* x,
                          size_t x_bytes, size_t count, void* codes, size_t codes_bytes) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        check_desc(quantization, "quantization");
        axnn::check_quantization(*quantization, "quantization->");
        check_buffer(x, x_bytes, count, "x");
        with_codes(quantization->code_min, quantization->code_max, codes, codes_bytes, count,
                   [&](auto* typed) { axnn::quantize(*context->value, *quantization, x, count, typed); });
    });
}

axnn_status axnn_fake_quantize(const axnn_context* context, const axnn_quantization* quantization,
                               const float* x, size_t x_bytes, size_t count, float* y,
                               size_t y_bytes) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        check_desc(quantization, "quantization");
        axnn::check_quantization(*quantization, "quantization->");
        check_buffer(x, x_bytes, count, "x");
        check_buffer(y, y_bytes, count, "y");
        axnn::fake_quantize(*context->value, *quantization, x, count, y);
    });
}

axnn_status axnn_fake_quantize_backward(const axnn_context* context, const axnn_quantization* quantization,
                                        const float* x, size_t x_bytes, const float* grad_y,
                                        size_t grad_y_bytes, size_t count, float* grad_x,
                                        size_t grad_x_bytes) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        check_desc(quantization, "quantization");
        axnn::check_quantization(*quantization, "quantization->");
        check_buffer(x, x_bytes, count, "x");
        check_buffer(grad_y, grad_y_bytes, count, "grad_y");
        check_buffer(grad_x, grad_x_bytes, count, "grad_x");
        axnn::fake_quantize_backward(*context->value, *quantization, x, grad_y, count, grad_x);
    });
}

axnn_status axnn_copy_channels(const axnn_context* context, const float* x, size_t x_bytes, size_t count,
                               size_t channels, float* y, size_t y_bytes, float* magnitudes,
                               size_t magnitudes_bytes) noexcept {
    return wall([&] {
        check_pointer(context, "context");
        require(channels >= 1 && count % channels == 0, AXNN_ERROR_SHAPE, "channels is ", channels,
                ", allowed: a divisor of count, which is ", count);
        check_buffer(x, x_bytes, count, "x");
        check_buffer(y, y_bytes, count, "y");
        check_buffer(magnitudes, magnitudes_bytes, channels, "magnitudes");
        axnn::copy_channels(*context->value, x, channels, count / channels, y, magnitudes);
    });
}

axnn_status axnn_multiplier_create(const axnn_multiplier_desc* desc, const int32_t* products,
                                   size_t products_bytes, axnn_multiplier** out) noexcept {
    return create(out, [&] {
        check_multiplier_desc(desc, axnn::ProductTable::max_bits);
        return std::make_shared<axnn::Multiplier>(product_table(desc, products, products_bytes));
    });
}

axnn_status axnn_multiplier_create_structured(const axnn_multiplier_desc* desc, const int32_t* products,
                                              size_t products_bytes, uint32_t terms,
                                              const int64_t* coefficients, size_t coefficients_bytes,
                                              const int32_t* row_features, size_t row_features_bytes,
                                              const int32_t* column_features, size_t column_features_bytes,
                                              const int64_t* row_only, size_t row_only_bytes,
                                              const int64_t* column_only, size_t column_only_bytes,
                                              axnn_multiplier** out) noexcept {
    return create(out, [&] {
        check_multiplier_desc(desc, max_operand_bits);
        check_enum(terms, axnn::ProductStructure::max_terms, "terms");
        const axnn::Operand row = row_operand(desc), column = column_operand(desc);
        axnn::ProductStructure structure;
        structure.row_only = optional_function(row_only, row_only_bytes, row, "row_only");
        structure.column_only = optional_function(column_only, column_only_bytes, column, "column_only");
        if (terms > 0) {
            check_buffer(coefficients, coefficients_bytes, terms, "coefficients");
            check_buffer(row_features, row_features_bytes, terms * row.count(), "row_features");
            check_buffer(column_features, column_features_bytes, terms * column.count(), "column_features");
        }
        for (size_t t = 0; t < terms; t++) {
            const int32_t* u = row_features + t * row.count();
            const int32_t* v = column_features + t * column.count();
            structure.terms.push_back({coefficients[t], {u, u + row.count()}, {v, v + column.count()}});
        }
        if (std::max(row.bits, column.bits) <= axnn::ProductTable::max_bits)
            return std::make_shared<axnn::Multiplier>(product_table(desc, products, products_bytes),
                                                      std::move(structure));
        require(!products && products_bytes == 0, AXNN_ERROR_INVALID_ARGUMENT,
                "products is a table, but operands of ", row.bits, " and ", column.bits,
                " bits have none; allowed: NULL with 0 bytes");
        return std::make_shared<axnn::Multiplier>(row, column, std::move(structure));
    });
}

axnn_status axnn_multiplier_terms(const axnn_multiplier* multiplier, int32_t* terms) noexcept {
    return wall([&] {
        check_pointer(multiplier, "multiplier");
        check_pointer(terms, "terms");
        const axnn::ProductStructure* structure = multiplier->value->structure();
        *terms = structure ? (int32_t)structure->terms.size() : -1;
    });
}

axnn_status axnn_multiplier_structure(const axnn_multiplier* multiplier, int64_t* coefficients,
                                      size_t coefficients_bytes, int32_t* row_features,
                                      size_t row_features_bytes, int32_t* column_features,
                                      size_t column_features_bytes, int64_t* row_only, size_t row_only_bytes,
                                      int64_t* column_only, size_t column_only_bytes) noexcept {
    return wall([&] {
        check_pointer(multiplier, "multiplier");
        const axnn::ProductStructure* s = multiplier->value->structure();
        require(s, AXNN_ERROR_UNSUPPORTED, "no structure of at most ", axnn::ProductStructure::max_terms,
                " terms is known for this multiplier");
        const size_t terms = s->terms.size(), rows = s->row_only.size(), columns = s->column_only.size();
        const bool want_coefficients = wanted(coefficients, coefficients_bytes, terms, "coefficients");
        const bool want_rows = wanted(row_features, row_features_bytes, terms * rows, "row_features");
        const bool want_columns =
            wanted(column_features, column_features_bytes, terms * columns, "column_features");
        const bool want_row_only = wanted(row_only, row_only_bytes, rows, "row_only");
        const bool want_column_only = wanted(column_only, column_only_bytes, columns, "column_only");
        for (size_t t = 0; t < terms; t++) {
            if (want_coefficients) coefficients[t] = s->terms[t].coefficient;
            if (want_rows) std::copy_n(s->terms[t].row.data(), rows, row_features + t * rows);
            if (want_columns) std::copy_n(s->terms[t].column.data(), columns, column_features + t * columns);
        }
        if (want_row_only) std::copy_n(s->row_only.data(), rows, row_only);
        if (want_column_only) std::copy_n(s->column_only.data(), columns, column_only);
    });
}

void axnn_multiplier_destroy(axnn_multiplier* multiplier) noexcept { destroy(multiplier); }

axnn_status axnn_float_conv2d_create(const axnn_context* context, const axnn_conv2d_desc* conv,
                                     const float* weights, size_t weights_bytes, const float* bias,
                                     size_t bias_bytes, axnn_plan** out) noexcept {
    return create_float(context, conv, weights, weights_bytes, bias, bias_bytes, out);
}

axnn_status axnn_float_linear_create(const axnn_context* context, const axnn_linear_desc* linear,
                                     const float* weights, size_t weights_bytes, const float* bias,
                                     size_t bias_bytes, axnn_plan** out) noexcept {
    return create_float(context, linear, weights, weights_bytes, bias, bias_bytes, out);
}

axnn_status axnn_approx_conv2d_create(const axnn_context* context, const axnn_conv2d_desc* conv,
                                      const axnn_approx_desc* approx, const axnn_multiplier* multiplier,
                                      const float* weights, size_t weights_bytes, const float* weight_scales,
                                      size_t weight_scales_bytes, const int32_t* weight_zero_points,
                                      size_t weight_zero_points_bytes, const float* bias, size_t bias_bytes,
                                      axnn_plan** out) noexcept {
    return create_approx(context, conv, approx, multiplier,
                         {weights, weights_bytes, weight_scales, weight_scales_bytes, weight_zero_points,
                          weight_zero_points_bytes},
                         bias, bias_bytes, out);
}

axnn_status axnn_approx_linear_create(const axnn_context* context, const axnn_linear_desc* linear,
                                      const axnn_approx_desc* approx, const axnn_multiplier* multiplier,
                                      const float* weights, size_t weights_bytes, const float* weight_scales,
                                      size_t weight_scales_bytes, const int32_t* weight_zero_points,
                                      size_t weight_zero_points_bytes, const float* bias, size_t bias_bytes,
                                      axnn_plan** out) noexcept {
    return create_approx(context, linear, approx, multiplier,
                         {weights, weights_bytes, weight_scales, weight_scales_bytes, weight_zero_points,
                          weight_zero_points_bytes},
                         bias, bias_bytes, out);
}

axnn_status axnn_approx_derive(const axnn_plan* plan, const axnn_approx_desc* approx,
                               const axnn_multiplier* multiplier, const float* weights, size_t weights_bytes,
                               const float* weight_scales, size_t weight_scales_bytes,
                               const int32_t* weight_zero_points, size_t weight_zero_points_bytes,
                               const float* bias, size_t bias_bytes, axnn_plan** out) noexcept {
    return create(out, [&] {
        const axnn::QuantizedLayer& layer = quantized_layer(plan);
        const ConvGeometry& geometry = layer.geometry();
        axnn::ApproxDefinition definition = layer.definition();
        int32_t code_min = definition.weights->code_min();
        int32_t code_max = definition.weights->code_max();
        if (approx) {
            definition.parameters = approx_parameters(approx);
            code_min = approx->weight_code_min;
            code_max = approx->weight_code_max;
        }
        if (multiplier) definition.multiplier = multiplier->value;
        const WeightArguments arguments = {weights,
                                           weights_bytes,
                                           weight_scales,
                                           weight_scales_bytes,
                                           weight_zero_points,
                                           weight_zero_points_bytes};
        if (arguments.given()) {
            definition.weights = arguments.quantize(layer.context(), geometry, code_min, code_max);
        } else {
            require(code_min == definition.weights->code_min() && code_max == definition.weights->code_max(),
                    AXNN_ERROR_INVALID_ARGUMENT, "approx->weight_code_min..weight_code_max is ", code_min,
                    "..", code_max, ", but the codes that are kept were made for ",
                    definition.weights->code_min(), "..", definition.weights->code_max(),
                    "; another range needs weights");
        }
        if (bias || bias_bytes)
            definition.bias = optional_channels(bias, bias_bytes, (size_t)geometry.out_channels, 0, "bias");
        return axnn::QuantizedLayer::make(layer.shared_context(), geometry, std::move(definition));
    });
}

void axnn_plan_destroy(axnn_plan* plan) noexcept { destroy(plan); }

axnn_status axnn_plan_output_shape(const axnn_plan* plan, int32_t h, int32_t w, int32_t* channels,
                                   int32_t* out_h, int32_t* out_w) noexcept {
    return wall([&] {
        check_pointer(plan, "plan");
        check_pointer(channels, "channels");
        check_pointer(out_h, "out_h");
        check_pointer(out_w, "out_w");
        const ImageSize output = plan->value->geometry().output({h, w});
        *channels = plan->value->geometry().out_channels;
        *out_h = output.h;
        *out_w = output.w;
    });
}

axnn_status axnn_plan_execute(const axnn_plan* plan, const float* x, size_t x_bytes, int32_t n, int32_t h,
                              int32_t w, float* y, size_t y_bytes) noexcept {
    return run_plan(plan, x, x_bytes, n, h, w, y, y_bytes, "y",
                    [&](const axnn::Plan& p, ImageSize image) { p.execute(x, n, image, y); });
}

axnn_status axnn_plan_execute_sums(const axnn_plan* plan, const float* x, size_t x_bytes, int32_t n,
                                   int32_t h, int32_t w, int64_t* sums, size_t sums_bytes) noexcept {
    return run_plan(plan, x, x_bytes, n, h, w, sums, sums_bytes, "sums",
                    [&](const axnn::Plan& p, ImageSize image) { p.execute_sums(x, n, image, sums); });
}

axnn_status axnn_plan_execute_noise(const axnn_plan* plan, const axnn_noise_desc* noise, const float* x,
                                    size_t x_bytes, int32_t n, int32_t h, int32_t w, float* y,
                                    size_t y_bytes) noexcept {
    return run_plan(plan, x, x_bytes, n, h, w, y, y_bytes, "y", [&](const axnn::Plan&, ImageSize image) {
        check_desc(noise, "noise");
        require(isfinite(noise->stdev) && noise->stdev >= 0, AXNN_ERROR_INVALID_ARGUMENT, "noise->stdev is ",
                noise->stdev, ", allowed: finite and >= 0");
        require(isfinite(noise->mean), AXNN_ERROR_INVALID_ARGUMENT, "noise->mean is ", noise->mean,
                ", allowed: finite");
        const uint64_t seed = uint64_t{noise->seed_high} << 32 | noise->seed_low;
        quantized_layer(plan).execute_noise({noise->stdev, noise->mean, seed}, x, n, image, y);
    });
}

axnn_status axnn_plan_backward(const axnn_plan* plan, int32_t half_window, const float* x, size_t x_bytes,
                               int32_t n, int32_t h, int32_t w, const float* grad_out, size_t grad_out_bytes,
                               float* grad_x, size_t grad_x_bytes, float* grad_weights,
                               size_t grad_weights_bytes, float* grad_bias, size_t grad_bias_bytes) noexcept {
    return run_plan(plan, x, x_bytes, n, h, w, grad_out, grad_out_bytes, "grad_out",
                    [&](const axnn::Plan& p, ImageSize image) {
                        require(half_window >= 0 && half_window <= 63, AXNN_ERROR_INVALID_ARGUMENT,
                                "half_window is ", half_window, ", allowed: 0..63");
                        const ConvGeometry& g = p.geometry();
                        const bool want_x = wanted(grad_x, grad_x_bytes,
                                                   axnn::tensor_size(n, g.in_channels, image, "x"), "grad_x");
                        const bool want_weights =
                            wanted(grad_weights, grad_weights_bytes, g.weight_count(), "grad_weights");
                        const bool want_bias =
                            wanted(grad_bias, grad_bias_bytes, (size_t)g.out_channels, "grad_bias");
                        require(want_x || want_weights || want_bias, AXNN_ERROR_NULL_POINTER,
                                "grad_x, grad_weights and grad_bias are NULL");
                        p.backward({half_window, x, n, image, grad_out, grad_x, grad_weights, grad_bias});
                    });
}

axnn_status axnn_plan_weight_codes(const axnn_plan* plan, void* codes, size_t codes_bytes) noexcept {
    return wall([&] {
        const axnn::QuantizedWeights& weights = *quantized_layer(plan).definition().weights;
        const ConvGeometry& geometry = plan->value->geometry();
        with_codes(weights.code_min(), weights.code_max(), codes, codes_bytes, geometry.weight_count(),
                   [&](auto* typed) {
                       for (size_t o = 0; o < (size_t)geometry.out_channels; o++)
                           for (size_t k = 0; k < geometry.taps(); k++)
                               *typed++ = (std::remove_reference_t<decltype(*typed)>)weights.code(o, k);
                   });
    });
}

axnn_status axnn_plan_unfold(const axnn_plan* plan, const float* x, size_t x_bytes, int32_t n, int32_t h,
                             int32_t w, void* codes, size_t codes_bytes) noexcept {
    return wall([&] {
        const axnn::QuantizedLayer& layer = quantized_layer(plan);
        const ImageSize image = {h, w};
        check_buffer(x, x_bytes, run_sizes(plan, n, image).input, "x");
        const axnn_quantization& input = layer.definition().parameters.input;
        with_codes(input.code_min, input.code_max, codes, codes_bytes, layer.unfolded_size(n, image),
                   [&](auto* typed) { layer.unfold(x, n, image, typed); });
    });
}

axnn_status axnn_plan_unfold_histogram(const axnn_plan* plan, const float* x, size_t x_bytes, int32_t n,
                                       int32_t h, int32_t w, int64_t* counts, size_t counts_bytes) noexcept {
    return wall([&] {
        const axnn::QuantizedLayer& layer = quantized_layer(plan);
        const ImageSize image = {h, w};
        check_buffer(x, x_bytes, run_sizes(plan, n, image).input, "x");
        require(layer.definition().input_is_bytes(), AXNN_ERROR_UNSUPPORTED,
                "the input's codes of this plan have more than 8 bits, a histogram is of bytes");
        check_buffer(counts, counts_bytes, 256, "counts");
        layer.unfold_histogram(x, n, image, counts);
    });
}

axnn_status axnn_plan_explain(const axnn_plan* plan, int32_t n, int32_t h, int32_t w, char* explanation,
                              size_t explanation_bytes, size_t* length) noexcept {
    return wall([&] {
        run_sizes(plan, n, {h, w});
        check_pointer(length, "text_length");
        *length = copy_text(plan->value->explain(n, {h, w}).c_str(), explanation, explanation_bytes);
    });
}

}  // extern "C"
