// Exact float32 convolution and linear layer.
#pragma once

#include <string>
#include <vector>

#include "layers/panel_run.hpp"
#include "layers/plan.hpp"

namespace axnn {

// y = w * im2col(x) + bias. A sum adds its products one by one in the order of the taps, however the run is
// cut, so results are bit-equal on every thread count.
class FloatLayer : public Plan {
  public:
    // weights: OIHW; bias: one value an output channel.
    FloatLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry, const float* weights,
               std::vector<float> bias);

    void execute(const float* x, int32_t n, ImageSize image, float* y) const override;
    void backward(const Gradients& gradients) const override;
    std::string explain(int32_t n, ImageSize image) const override;

    // OIHW.
    const float* weights() const { return weights_.data(); }

  private:
    using Run = PanelRun<float, float, float>;
    Run run(int32_t n, ImageSize image) const;

    AlignedBuffer<float> weights_;
    PanelWeights<float, float> panels_;
    PanelOperands<float, float> operands_;
    std::vector<float> bias_;
};

}  // namespace axnn
