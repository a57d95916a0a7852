// Factors of an integer matrix by a basis of the lattice of its rows: every row is an integer combination of
// the basis, and a reduced basis (Lenstra, Lenstra and Lovasz, Mathematische Annalen 1982) has small numbers.
#pragma once

#include <stddef.h>

#include <optional>

#include "multiplier/integer_matrix.hpp"

namespace axnn {

// None where the rank exceeds `most` or numbers become too large to be sure of.
std::optional<Factors> lattice_factors(const IntegerMatrix& matrix, size_t most);

}  // namespace axnn
