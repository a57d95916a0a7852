// A multiplier as layers see it: a table of products with a structure that may be known, or above 8 bits a
// structure alone.
#pragma once

#include <memory>
#include <optional>

#include "multiplier/product_structure.hpp"
#include "multiplier/product_table.hpp"
#include "runtime/lazy.hpp"

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
    void keep(ProductStructure structure);

    Operand row_;
    Operand column_;
    std::optional<ProductTable> table_;
    Lazy<std::optional<ProductStructure>> structure_;
};

}  // namespace axnn
