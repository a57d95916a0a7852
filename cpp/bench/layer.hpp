// Layers through the C ABI.
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
    // Weights [out_channels][in_channels / groups][kernel][kernel]; every layer has no bias and scales of 1.
    static Layer floating(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                          uint32_t threads = 1);
    // Codes -128..127 (inputs from input_min on) with scale 1 and zero point 0: weights and inputs are whole
    // numbers.
    static Layer approximate(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                             const std::vector<int32_t>& products, int32_t input_min = -128,
                             uint32_t threads = 1, axnn_structure_use structure_use = AXNN_STRUCTURE_AUTO);
    // The same codes and their exact products.
    static Layer quantized(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                           int32_t input_min = -128, uint32_t threads = 1);
    // Codes of signed operands of so many bits, with a multiplier of so many or, where it is null, exact
    // products; zero points 0 and scales of 1 / 2^(bits - 1).
    static Layer wide(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                      uint32_t bits, const axnn_multiplier* multiplier);
    static Layer binary(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                        uint32_t threads = 1, axnn_padding_value padding = AXNN_PAD_MINUS_ONE);

    // x [batch][in_channels][edge][edge] to y [batch][out_channels][out_edge][out_edge].
    void execute(const std::vector<float>& x, std::vector<float>& y) const;
    // The same in bit images; of a binary layer.
    void execute_bits(const std::vector<uint8_t>& x, std::vector<uint8_t>& y) const;
    void execute_from_bits(const std::vector<uint8_t>& x, std::vector<float>& y) const;
    // Signs of [batch][channels][edge][edge] as a bit image, and the maxima of 2 x 2 pixels of one.
    std::vector<uint8_t> pack(const std::vector<float>& x, size_t channels, size_t edge) const;
    std::vector<uint8_t> pool(const std::vector<uint8_t>& x, size_t channels, size_t edge) const;
    // The integer sums of a layer of codes.
    std::vector<int64_t> sums(const std::vector<float>& x) const;
    // Gradients of input and weights for y's gradient; of a float layer.
    void backward(const std::vector<float>& x, const std::vector<float>& grad_y, std::vector<float>& grad_x,
                  std::vector<float>& grad_weights) const;
    // The name of the kernel that the plan picks for the shape.
    std::string kernel() const;

  private:
    static Layer of_codes(axnn_tier tier, const ConvShape& shape, const std::vector<float>& weights,
                          const axnn_multiplier* multiplier, int32_t input_min, uint32_t threads,
                          axnn_structure_use structure_use);
    Layer(axnn_tier tier, const ConvShape& shape, uint32_t threads);

    int32_t batch() const { return (int32_t)shape_.batch; }
    int32_t edge() const { return (int32_t)shape_.edge; }

    ConvShape shape_;
    std::shared_ptr<axnn_context> context_;
    std::shared_ptr<axnn_plan> plan_;
};

}  // namespace axnn::bench
