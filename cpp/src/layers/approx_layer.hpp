// Approximate-multiplier convolution and linear layer: quantise, im2col, table GEMM, dequantise.
#pragma once

#include <stdint.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "layers/approx_operands.hpp"
#include "layers/depthwise.hpp"
#include "layers/quantized_layer.hpp"
#include "layers/tiling.hpp"

namespace axnn {

// Runs the operands' table GEMM over tiles of the output; approx_operands.hpp has the formula.
class ApproxLayer : public QuantizedLayer {
  public:
    // The definition has a multiplier. Throws as ApproxOperands does.
    ApproxLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                ApproxDefinition definition)
        : QuantizedLayer(std::move(context), geometry, std::move(definition)),
          operands_(this->context().kernels(), geometry, this->definition()) {}

    void execute(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_scaled(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const override;
    std::string explain(int32_t n, ImageSize image) const override;

  private:
    struct Jobs;
    struct Block;

    Jobs jobs(int32_t n, ImageSize image, bool corrected) const;
    template <typename Finish>
    void run(const float* x, int32_t n, ImageSize image, bool corrected, const Finish& finish) const;
    template <typename Finish>
    void run_job(const Jobs& jobs, size_t index, const float* x, Workspace& workspace,
                 const Finish& finish) const;
    void pack(const Jobs& jobs, const JobGrid::Job& job, const Window& window, const float* x,
              uint8_t* patch_data, uint16_t* packed) const;
    void execute(const float* x, int32_t n, ImageSize image, const Epilogue& epilogue, float* y) const;
    QuantizedDepthwise depthwise(bool corrected) const;
    void dequantize(const Block& block, const Epilogue& epilogue, float* y) const;
    void dequantize_wide(const Block& block, const Epilogue& epilogue, float* y) const;
    template <typename Visit>
    void for_each_element(const Block& block, const Visit& visit) const;

    ApproxOperands operands_;
};

}  // namespace axnn
