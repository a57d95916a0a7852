// Smaller factors of the same product: a search for features that fit int8.
#pragma once

#include "multiplier/integer_matrix.hpp"

namespace axnn {

// Terms left_r * right_r whose two features, divided by what divides all their values and moved by a
// constant, have 8 bits each; a wider feature counts as two, or three.
size_t int8_passes(const Factors& factors);

// Adds multiples of right vectors to each other, and takes them from left ones, as long as that makes fewer
// passes or smaller numbers. Stops at `target` passes.
void shrink_factors(Factors& factors, size_t target);

}  // namespace axnn
