// Quantised layers of more than 8 bits, exact or approximate: no table, but the structure of the products.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "layers/quantized_layer.hpp"
#include "layers/structured_sums.hpp"

namespace axnn {

// A layer whose definition is wide.
class WideLayer : public QuantizedLayer {
  public:
    // Throws where codes do not fit the multiplier's operands, the structure must not be used, or sums can
    // exceed 64 bits.
    WideLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
              ApproxDefinition definition);

    void execute(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_scaled(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const override;
    std::string explain(int32_t n, ImageSize image) const override;

  private:
    bool sums_are_wide() const;

    LayerStructure structure_;
    bool wide_;
    StructuredSums<uint16_t> sums_;
};

}  // namespace axnn
