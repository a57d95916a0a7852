// The quantised layer: exact integer products of codes.
#pragma once

#include <stdint.h>

#include <memory>
#include <string>
#include <vector>

#include "layers/depthwise.hpp"
#include "layers/panel_output.hpp"
#include "layers/panel_run.hpp"
#include "layers/quantized_layer.hpp"

namespace axnn {

// For output channel o with weight codes w, zero point zw, K taps, and the input's zero point zx:
//   acc = sum_k w_k * x_k
//   y   = clamp((float)(acc - zx * sum(w) - zw * sum(x) + K * zx * zw) * (sx * sw[o]) + bias[o])
// The kernel multiplies w' = w - wb, in -128..127, by x' = x + xb, in 0..255: wb is 128 where the range of
// weight codes exceeds 127, xb is 128 where codes of the input are negative, else both are 0 (as in a
// depthwise layer, whose kernel takes w and x as they are). So with acc' = sum_k w'_k * x'_k and S = sum_k
// x'_k, a sum over the window,
//   acc  = acc' + wb * S - xb * sum(w)
//   y's sum = acc' + (wb - zw) * S + C[o],  C[o] = -(xb + zx) * sum(w) + K * zw * (xb + zx)
class QuantLayer : public QuantizedLayer {
  public:
    QuantLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
               ApproxDefinition definition);

    void execute(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_scaled(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const override;
    std::string explain(int32_t n, ImageSize image) const override;

  private:
    using Weights = PanelWeights<uint8_t, int32_t>;
    using Operands = PanelOperands<uint8_t, int32_t>;
    template <typename Total>
    using Run = PanelRun<uint8_t, int32_t, Total>;

    void execute(const float* x, int32_t n, ImageSize image, const Epilogue& epilogue, float* y) const;
    template <typename Total, typename Finish>
    void run(const Operands& operands, const float* x, int32_t n, ImageSize image,
             const Finish& finish) const;
    QuantizedDepthwise depthwise(bool corrected) const;
    void add_window_sum(SumParts& parts, std::vector<int64_t> factors) const;

    int32_t weight_bias_;         // wb
    int32_t input_bias_;          // xb
    std::vector<uint8_t> codes_;  // w' as bytes, where wb is not 0
    Weights weights_;
    bool wide_;  // sums need 64 bits
    SumParts raw_;
    SumParts corrected_;
    Operands raw_operands_;
    Operands corrected_operands_;
};

}  // namespace axnn
