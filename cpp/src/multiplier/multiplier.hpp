// A multiplier as layers see it: a table of products with a structure that may be known, or above 8 bits a
// structure alone.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "multiplier/product_structure.hpp"
#include "multiplier/product_table.hpp"

namespace axnn {

// Immutable as seen from outside, for use by many threads.
class Multiplier {
  public:
    // The structure is searched when it is first asked for.
    explicit Multiplier(ProductTable table);
    // Both throw AXNN_ERROR_INVALID_ARGUMENT where the structure is unusable, or not that of the table.
    Multiplier(ProductTable table, ProductStructure structure);
    Multiplier(Operand row, Operand column, ProductStructure structure);

    Operand row() const { return row_; }
    Operand column() const { return column_; }
    // Null where an operand has more than 8 bits.
    const ProductTable* table() const { return table_ ? &*table_ : nullptr; }
    // Null where none is known; always there where there is no table. Kept once it is found.
    const ProductStructure* structure() const;

  private:
    Operand row_;
    Operand column_;
    std::optional<ProductTable> table_;
    mutable std::once_flag searched_;
    mutable std::optional<ProductStructure> structure_;
};

}  // namespace axnn
