// Gradients of a table layer through its table: differences of neighbouring products, smoothed over a half
// window, as in Meng et al., "Gradient Approximation of Approximate Multipliers for High-Accuracy Deep Neural
// Network Retraining", DATE 2025. docs/numerics.md has the definition.
#pragma once

#include "layers/quantized_layer.hpp"

namespace axnn {

// The definition has a multiplier.
void table_gradients(const Context& context, const ConvGeometry& geometry, const ApproxDefinition& definition,
                     const Gradients& gradients);

}  // namespace axnn
