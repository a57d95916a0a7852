#include "layers/quant_layer.hpp"

#include <algorithm>
#include <utility>

#include "runtime/error.hpp"

namespace axnn {
namespace {

// The bytes of w' for codes of either signedness; none where they are the codes themselves.
std::vector<uint8_t> biased(const AlignedBuffer<uint8_t>& codes, int32_t bias) {
    std::vector<uint8_t> result(bias == 0 ? 0 : codes.size());
    for (size_t i = 0; i < result.size(); i++) result[i] = (uint8_t)(codes[i] - bias);
    return result;
}

// Values of 0..127, TorchApprox's default after ReLU, have a kernel of their own.
const Int8PanelGemm& kernel_for(const Kernels& kernels, const axnn_quantization& input) {
    return input.code_min >= 0 && input.code_max <= INT8_MAX ? kernels.int8_panel_7bit : kernels.int8_panel;
}

// No product of codes, corrected or not, exceeds 255 * 255: so many fit 32 bits.
constexpr size_t narrow_taps = INT32_MAX / (255 * 255);
// Nor a product that the kernel adds up 128 * 255.
constexpr size_t max_window_taps = INT32_MAX / (128 * 255);

}  // namespace

QuantLayer::QuantLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                       ApproxDefinition definition)
    : QuantizedLayer(std::move(context), geometry, std::move(definition)),
      weight_bias_(!geometry.depthwise() && this->definition().weights->code_max() > INT8_MAX ? 128 : 0),
      input_bias_(!geometry.depthwise() && this->definition().parameters.input.code_min < 0 ? 128 : 0),
      codes_(biased(this->definition().weights->codes(), weight_bias_)),
      weights_(this->context(), kernel_for(this->context().kernels(), this->definition().parameters.input),
               weight_bias_ == 0 ? this->definition().weights->codes().data() : codes_.data(),
               geometry.depthwise() ? 0 : (size_t)geometry.groups, geometry.group_outputs(), geometry.taps()),
      wide_(geometry.taps() > narrow_taps),
      raw_operands_(weights_),
      corrected_operands_(weights_) {
    const QuantizedWeights& weights = *this->definition().weights;
    const int64_t shift = input_bias_ + this->definition().parameters.input.zero_point;
    const auto taps = (int64_t)geometry.taps();
    const auto channels = (size_t)geometry.out_channels;
    std::vector<int64_t> factors;
    for (size_t o = 0; o < channels; o++) {
        raw_.add_constant(-input_bias_ * weights.sum(o));
        corrected_.add_constant(shift * (taps * weights.zero_point(o) - weights.sum(o)));
        factors.push_back(weight_bias_ - weights.zero_point(o));
    }
    add_window_sum(raw_, std::vector<int64_t>(channels, weight_bias_));
    add_window_sum(corrected_, std::move(factors));
    raw_operands_.column_functions = raw_.functions();
    corrected_operands_.column_functions = corrected_.functions();
    raw_operands_.max_taps = corrected_operands_.max_taps = max_window_taps;
}

// S, where some factor is not 0.
void QuantLayer::add_window_sum(SumParts& parts, std::vector<int64_t> factors) const {
    if (std::all_of(factors.begin(), factors.end(), [](int64_t f) { return f == 0; })) return;
    std::vector<int64_t> values(256);
    for (size_t byte = 0; byte < values.size(); byte++)
        values[byte] = code_value((uint8_t)byte, definition().parameters.input.code_min) + input_bias_;
    parts.columns.push_back({std::move(values), std::move(factors)});
}

template <typename Total, typename Finish>
void QuantLayer::run(const Operands& operands, const float* x, int32_t n, ImageSize image,
                     const Finish& finish) const {
    const Run<Total> run(context(), geometry(), operands, n, image);
    const QuantizeParameters q = quantize_parameters(definition().parameters.input);
    const auto quantize = [&](const float* source, size_t count, uint8_t* target) {
        context().kernels().quantize(source, count, q, target);
    };
    run.run(x, definition().padding_byte(), quantize, (uint8_t)input_bias_,
            [&](const PanelSums<Total>& sums) { finish(sums, run.grid().tiling()); });
}

void QuantLayer::execute(const float* x, int32_t n, ImageSize image, float* y) const {
    execute(x, n, image, epilogue(), y);
}

void QuantLayer::execute_scaled(const float* x, int32_t n, ImageSize image, float* y) const {
    execute(x, n, image, scaled_epilogue(), y);
}

void QuantLayer::execute(const float* x, int32_t n, ImageSize image, const Epilogue& epilogue,
                         float* y) const {
    if (geometry().depthwise())
        return run_depthwise(
            context(), depthwise(!corrected_.columns.empty()), geometry(), n, image, x,
            {corrected_.constants.data(), corrected_.constants_int32.data(), scales().data(), epilogue, y});
    const auto finish = [&](const auto& sums, const Tiling& tiling) {
        PanelOutput{context(), tiling, corrected_, scales(), epilogue}.dequantize(sums, y);
    };
    wide_ ? run<int64_t>(corrected_operands_, x, n, image, finish)
          : run<int32_t>(corrected_operands_, x, n, image, finish);
}

QuantizedDepthwise QuantLayer::depthwise(bool corrected) const {
    const ApproxDefinition& d = definition();
    return {context().kernels().int8_depthwise,
            nullptr,
            nullptr,
            *d.weights,
            corrected,
            narrow_taps,
            wide_,
            d.parameters.input,
            d.padding_byte()};
}

void QuantLayer::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    if (geometry().depthwise())
        return run_depthwise_sums(context(), depthwise(false), geometry(), n, image, x, nullptr, sums);
    run<int64_t>(raw_operands_, x, n, image, [&](const PanelSums<int64_t>& totals, const Tiling& tiling) {
        store_sums(totals, tiling, raw_, sums);
    });
}

std::string QuantLayer::explain(int32_t n, ImageSize image) const {
    if (geometry().depthwise()) {
        const QuantizedDepthwise layer = depthwise(!corrected_.columns.empty());
        return text("depthwise ", layer.kernel.name, ", ", wide_ ? "64" : "32", "-bit sums, ",
                    explain_jobs(n, depthwise_jobs(context(), layer, geometry(), n, image).grid));
    }
    const auto jobs = [&](const auto& run) { return explain_jobs(n, run.grid()); };
    return text("integer GEMM ", weights_.kernel().name, ", ", wide_ ? "64" : "32", "-bit sums, ",
                wide_ ? jobs(Run<int64_t>(context(), geometry(), corrected_operands_, n, image))
                      : jobs(Run<int32_t>(context(), geometry(), corrected_operands_, n, image)));
}

}  // namespace axnn
