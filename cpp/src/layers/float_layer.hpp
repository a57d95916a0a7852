// Exact float32 convolution and linear layer: im2col tiles and GEMM.
#pragma once

#include <vector>

#include "layers/plan.hpp"
#include "layers/tiling.hpp"

namespace axnn {

// y = w * im2col(x) + bias. Tiles depend on the shape only, so results are bit-equal on every thread
// count.
class FloatLayer : public Plan {
  public:
    // weights: OIHW; bias: one value an output channel.
    FloatLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry, const float* weights,
               std::vector<float> bias);

    void execute(const float* x, int32_t n, ImageSize image, float* y) const override;
    void backward(const Gradients& gradients) const override;
    std::string explain(int32_t n, ImageSize image) const override;

  private:
    struct Jobs;
    Jobs jobs(int32_t n, ImageSize image) const;
    void run_job(const Jobs& jobs, size_t index, const float* x, float* y, Workspace& workspace) const;

    std::vector<float> weights_;
    std::vector<float> bias_;
};

}  // namespace axnn
