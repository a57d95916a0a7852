// A plan: a layer made ready to run on any batch and image size. What the C ABI's axnn_plan holds.
#pragma once

#include <stdint.h>

#include <memory>
#include <string>
#include <utility>

#include "layers/tiling.hpp"
#include "runtime/context.hpp"

namespace axnn {

// The arguments of one backward pass.
struct Gradients {
    int32_t half_window;
    const float* x;
    int32_t n;
    ImageSize image;
    const float* grad_out;
    float* grad_x;        // or null
    float* grad_weights;  // or null
    float* grad_bias;     // or null
};

// Immutable after construction; every function may run in many threads at once. Buffers have the sizes
// that the geometry asks for (the caller checks), x and y are float NCHW.
class Plan {
  public:
    Plan(std::shared_ptr<const Context> context, const ConvGeometry& geometry)
        : context_(std::move(context)), geometry_(geometry) {}
    virtual ~Plan() = default;
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    const ConvGeometry& geometry() const { return geometry_; }

    virtual void execute(const float* x, int32_t n, ImageSize image, float* y) const = 0;
    // The integer sums before correction and scale; throws AXNN_ERROR_UNSUPPORTED where there are none.
    virtual void execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const;
    // y before bias and limits: the scaled sums. Throws AXNN_ERROR_UNSUPPORTED where there are none.
    virtual void execute_scaled(const float* x, int32_t n, ImageSize image, float* y) const;
    // See axnn_plan_backward; null gradients are not computed. Throws AXNN_ERROR_UNSUPPORTED.
    virtual void backward(const Gradients& gradients) const;
    // One line on how such an input is run.
    virtual std::string explain(int32_t n, ImageSize image) const = 0;

    const Context& context() const { return *context_; }
    const std::shared_ptr<const Context>& shared_context() const { return context_; }

  protected:
    // The end of an explanation: shape of the GEMM, tiles, jobs, tier.
    std::string explain_jobs(int32_t n, const Tiling& tiling, size_t jobs) const;
    std::string explain_jobs(int32_t n, const JobGrid& grid) const {
        return explain_jobs(n, grid.tiling(), grid.count());
    }

  private:
    std::shared_ptr<const Context> context_;
    ConvGeometry geometry_;
};

}  // namespace axnn
