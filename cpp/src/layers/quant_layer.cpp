#include "layers/quant_layer.hpp"

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
      ones_codes_(geometry.taps(), 1),
      ones_(this->context(), weights_.kernel(), ones_codes_.data(), 1, 1, geometry.taps()),
      wide_(geometry.taps() > narrow_taps),
      column_sums_(false) {
    const QuantizedWeights& weights = *this->definition().weights;
    const int64_t shift = input_bias_ + this->definition().parameters.input.zero_point;
    const auto taps = (int64_t)geometry.taps();
    for (size_t o = 0; o < (size_t)geometry.out_channels; o++) {
        const int64_t sum = weights.sum(o);
        const int64_t zero_point = weights.zero_point(o);
        factors_.push_back(weight_bias_ - zero_point);
        constants_.push_back(shift * (taps * zero_point - sum));
        constants_i32_.push_back((int32_t)(uint32_t)constants_.back());
        raw_factors_.push_back(weight_bias_);
        raw_constants_.push_back(-input_bias_ * sum);
        column_sums_ |= factors_.back() != 0;
    }
}

template <typename Total, typename Finish>
void QuantLayer::run(const float* x, int32_t n, ImageSize image, bool column_sums,
                     const Finish& finish) const {
    const Run<Total> run(context(), geometry(), weights_, ones(column_sums), n, image);
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
        return run_depthwise(context(), depthwise(column_sums_), geometry(), n, image, x,
                             {constants_.data(), constants_i32_.data(), scales().data(), epilogue, y});
    if (!wide_) {
        run<int32_t>(x, n, image, column_sums_, [&](const PanelSums<int32_t>& sums, const Tiling& tiling) {
            dequantize(sums, tiling, epilogue, y);
        });
        return;
    }
    run<int64_t>(x, n, image, column_sums_, [&](const PanelSums<int64_t>& sums, const Tiling& tiling) {
        for_each_sum(sums, tiling, corrected(), [&](size_t channel, size_t output, int64_t sum) {
            y[output] = epilogue.limit((float)sum * scales()[channel] + epilogue.bias[channel]);
        });
    });
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

void QuantLayer::dequantize(const PanelSums<int32_t>& sums, const Tiling& tiling, const Epilogue& epilogue,
                            float* y) const {
    const size_t first_channel = sums.group * geometry().group_outputs() + sums.first_row;
    if (column_sums_)
        for (size_t r = 0; r < sums.rows; r++) {
            const auto factor = (uint32_t)factors_[first_channel + r];
            for (size_t i = 0; i < sums.tile.columns(); i++)
                sums.sums[r * sums.stride + i] = (int32_t)((uint32_t)sums.sums[r * sums.stride + i] +
                                                           factor * (uint32_t)sums.column_sums[i]);
        }
    const size_t pixels = tiling.output().pixels();
    tiling.for_each_output_run(sums.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
        context().kernels().dequantize_planar(
            {sums.sums + column, sums.stride, sums.rows, count, constants_i32_.data() + first_channel,
             scales().data() + first_channel, epilogue.bias + first_channel, epilogue.lower, epilogue.upper,
             y + offset + first_channel * pixels, pixels, step});
    });
}

void QuantLayer::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    if (geometry().depthwise())
        return run_depthwise_sums(context(), depthwise(false), geometry(), n, image, x, nullptr, sums);
    const Correction raw = {raw_factors_.data(), raw_constants_.data(), weight_bias_ != 0};
    run<int64_t>(x, n, image, raw.uses_column_sums,
                 [&](const PanelSums<int64_t>& totals, const Tiling& tiling) {
                     for_each_sum(totals, tiling, raw,
                                  [&](size_t, size_t output, int64_t sum) { sums[output] = sum; });
                 });
}

// store(output channel, element of the output, sum).
template <typename Total, typename Store>
void QuantLayer::for_each_sum(const PanelSums<Total>& sums, const Tiling& tiling,
                              const Correction& correction, const Store& store) const {
    const size_t first_channel = sums.group * geometry().group_outputs() + sums.first_row;
    const size_t pixels = tiling.output().pixels();
    tiling.for_each_output_run(sums.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
        for (size_t r = 0; r < sums.rows; r++) {
            const size_t channel = first_channel + r;
            for (size_t i = column; i < column + count; i++) {
                int64_t sum = sums.sums[r * sums.stride + i] + correction.constant[channel];
                if (correction.uses_column_sums) sum += correction.factor[channel] * sums.column_sums[i];
                store(channel, offset + channel * pixels + (i - column) * step, sum);
            }
        }
    });
}

std::string QuantLayer::explain(int32_t n, ImageSize image) const {
    if (geometry().depthwise()) {
        const QuantizedDepthwise layer = depthwise(column_sums_);
        return text("depthwise ", layer.kernel.name, ", ", wide_ ? "64" : "32", "-bit sums, ",
                    explain_jobs(n, depthwise_jobs(context(), layer, geometry(), n, image).grid));
    }
    const auto jobs = [&](const auto& run) { return explain_jobs(n, run.grid()); };
    return text("integer GEMM ", weights_.kernel().name, ", ", wide_ ? "64" : "32", "-bit sums, ",
                wide_ ? jobs(Run<int64_t>(context(), geometry(), weights_, ones(column_sums_), n, image))
                      : jobs(Run<int32_t>(context(), geometry(), weights_, ones(column_sums_), n, image)));
}

}  // namespace axnn
