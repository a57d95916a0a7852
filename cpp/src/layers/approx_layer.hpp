// Approximate-multiplier convolution and linear layer: quantise, im2col, table GEMM, dequantise.
#pragma once

#include <stdint.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "layers/approx_operands.hpp"
#include "layers/depthwise.hpp"
#include "layers/quantized_layer.hpp"
#include "layers/structured_sums.hpp"
#include "layers/tiling.hpp"

namespace axnn {

// Runs one of the operands' table GEMMs over tiles of the output, or the structure of the products where that
// is expected to be faster; approx_operands.hpp has the formula.
class ApproxLayer : public QuantizedLayer {
  public:
    // The definition has a multiplier with a table. Throws as ApproxOperands does, and where the structure
    // must be used but is not known.
    ApproxLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                ApproxDefinition definition);

    void execute(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_scaled(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const override;
    std::string explain(int32_t n, ImageSize image) const override;

  private:
    struct Jobs;
    struct Block;
    class Packed;

    // Of the best table GEMM.
    Jobs jobs(int32_t n, ImageSize image) const;
    std::optional<Jobs> jobs(size_t candidate, int32_t n, ImageSize image) const;
    // finish(block) for all blocks of sums of the output; corrected: B is wanted.
    template <typename Finish>
    void run(const float* x, int32_t n, ImageSize image, bool corrected, const Finish& finish) const;
    template <typename Finish>
    void run_job(const Jobs& jobs, const ApproxOperands::Form& form, size_t index, const float* x,
                 bool corrected, Workspace& workspace, const Finish& finish) const;
    void execute(const float* x, int32_t n, ImageSize image, const Epilogue& epilogue, float* y) const;
    QuantizedDepthwise depthwise(bool corrected) const;
    void dequantize(const Block& block, const Epilogue& epilogue, float* y) const;
    void dequantize_wide(const Block& block, const Epilogue& epilogue, float* y) const;

    // Whether a run goes through the structure.
    bool structured(int32_t n, ImageSize image) const;
    std::string explain_table(int32_t n, ImageSize image) const;
    std::string explain_choice(int32_t n, ImageSize image) const;

    ApproxOperands operands_;
    std::unique_ptr<const StructuredSums<uint8_t>>
        structure_;  // null where it is not known or must not be used
};

}  // namespace axnn
