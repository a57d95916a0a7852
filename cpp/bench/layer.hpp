// Layers through the C ABI, on one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "axnn/axnn.h"
#include "shape.hpp"

namespace axnn::bench {

// A plan of the C ABI with its context, for one shape.
class Layer {
  public:
    // Weights [out_channels][in_channels / groups][3][3]; every layer has no bias and scales of 1.
    static Layer floating(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights);
    // Codes -128..127 (inputs from input_min on) with scale 1 and zero point 0: weights and inputs are whole
    // numbers.
    static Layer approximate(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                             const std::vector<int32_t>& products, int32_t input_min = -128);
    // The same codes and their exact products.
    static Layer quantized(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                           int32_t input_min = -128);
    // Padding counts as -1.
    static Layer binary(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights);

    // x [in_channels][edge][edge] to y [out_channels][edge][edge].
    void execute(const std::vector<float>& x, std::vector<float>& y) const;
    // Gradients of input and weights for y's gradient; of a float layer.
    void backward(const std::vector<float>& x, const std::vector<float>& grad_y, std::vector<float>& grad_x,
                  std::vector<float>& grad_weights) const;
    std::string explain() const;

  private:
    static Layer of_codes(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                          const axnn_multiplier* multiplier, int32_t input_min);
    Layer(axnn_tier tier, const ConvShape& shape);

    ConvShape shape_;
    std::shared_ptr<axnn_context> context_;
    std::shared_ptr<axnn_plan> plan_;
};

}  // namespace axnn::bench
