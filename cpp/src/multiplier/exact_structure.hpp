// The search for a table's exact structure.
#pragma once

#include <optional>

#include "multiplier/product_structure.hpp"
#include "multiplier/product_table.hpp"

namespace axnn {

// The structure of fewest terms that is found, all of its features in -128..127, verified over all products
// that the operands can reach; none where it would have more than ProductStructure::max_terms. Depends on
// the table alone.
std::optional<ProductStructure> find_exact_structure(const ProductTable& table);

}  // namespace axnn
