// What table layers and exact integer layers have in common: codes of weights and input, and the numbers
// that turn sums into floats.
#pragma once

#include <math.h>
#include <stdint.h>

#include <memory>
#include <vector>

#include "axnn/axnn.h"
#include "layers/feature_products.hpp"
#include "layers/plan.hpp"
#include "layers/quantized_weights.hpp"
#include "multiplier/multiplier.hpp"

namespace axnn {

struct ApproxParameters {
    axnn_quantization input;
    axnn_operand_order operand_order;
    axnn_padding_code padding_code;
    axnn_zero_point_correction correction;
    axnn_products products;
    axnn_structure_use structure_use;
    float output_min;
    float output_max;
};

// All that defines a quantised layer beside its geometry. Cheap to copy but for the bias.
struct ApproxDefinition {
    ApproxParameters parameters;
    std::shared_ptr<const Multiplier> multiplier;  // may be null where products are exact
    std::shared_ptr<const QuantizedWeights> weights;
    std::vector<float> bias;  // one value an output channel

    int32_t padding_code() const {
        return parameters.padding_code == AXNN_PAD_ZERO ? 0 : parameters.input.zero_point;
    }
    uint8_t padding_byte() const { return (uint8_t)padding_code(); }

    // Products come from the multiplier.
    bool approximate() const { return parameters.products == AXNN_PRODUCTS_TABLE; }
    bool input_is_bytes() const {
        return codes_are_bytes(parameters.input.code_min, parameters.input.code_max);
    }
    // See axnn_approx_conv2d_create.
    bool wide() const {
        return !weights->bytes() || !input_is_bytes() || (approximate() && !multiplier->table());
    }
    // The structure of the products, by the multiplier (which has one) or exact. Throws
    // AXNN_ERROR_OPERAND_RANGE where codes do not fit their operands.
    LayerStructure structure() const;
    void check_operands() const;
};

// What is done to a scaled sum.
struct Epilogue {
    const float* bias;  // one value an output channel
    float lower;
    float upper;
    float limit(float v) const {
        v = lower > v ? lower : v;
        return upper < v ? upper : v;
    }
};

class QuantizedLayer : public Plan {
  public:
    // A layer of the kind that the definition's products ask for. Throws where codes, scales or operands do
    // not fit.
    static std::shared_ptr<const Plan> make(std::shared_ptr<const Context> context,
                                            const ConvGeometry& geometry, ApproxDefinition definition);

    const ApproxDefinition& definition() const { return definition_; }

    // Through the table, or, where products are exact, those of the float layer of the dequantised codes.
    void backward(const Gradients& gradients) const override;

    struct Noise {
        float stdev;
        float mean;
        uint64_t seed;
    };
    // See axnn_plan_execute_noise.
    void execute_noise(const Noise& noise, const float* x, int32_t n, ImageSize image, float* y) const;

    // Elements of the unfolded input; throws AXNN_ERROR_SIZE_OVERFLOW.
    size_t unfolded_size(int32_t n, ImageSize image) const;
    // See axnn_plan_unfold and axnn_plan_unfold_histogram; bytes where the input's codes are.
    void unfold(const float* x, int32_t n, ImageSize image, uint8_t* codes) const;
    void unfold(const float* x, int32_t n, ImageSize image, int32_t* codes) const;
    void unfold_histogram(const float* x, int32_t n, ImageSize image, int64_t* counts) const;

  protected:
    // Throws AXNN_ERROR_QUANTIZATION where a scale of input and weights is unusable.
    QuantizedLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                   ApproxDefinition definition);

    // sx * sw[o].
    const std::vector<float>& scales() const { return scales_; }

    // Of execute.
    Epilogue epilogue() const {
        return {definition_.bias.data(), definition_.parameters.output_min,
                definition_.parameters.output_max};
    }
    // Of execute_scaled: a bias of -0, which adds nothing to any float, and no limits.
    Epilogue scaled_epilogue() const { return {no_bias_.data(), -INFINITY, INFINITY}; }

  private:
    ApproxDefinition definition_;
    std::vector<float> scales_;
    std::vector<float> no_bias_;
};

}  // namespace axnn
