#include "multiplier/multiplier.hpp"

#include <utility>

#include "multiplier/exact_structure.hpp"

namespace axnn {

Multiplier::Multiplier(ProductTable table)
    : row_(table.row()), column_(table.column()), table_(std::move(table)) {}

Multiplier::Multiplier(ProductTable table, ProductStructure structure) : Multiplier(std::move(table)) {
    structure.check();
    structure.check_equal(*table_);
    keep(std::move(structure));
}

Multiplier::Multiplier(Operand row, Operand column, ProductStructure structure) : row_(row), column_(column) {
    structure.check();
    keep(std::move(structure));
}

const ProductStructure* Multiplier::structure() const {
    const std::optional<ProductStructure>& structure = structure_.get(
        [&](std::optional<ProductStructure>& found) { found = find_exact_structure(*table_); });
    return structure ? &*structure : nullptr;
}

void Multiplier::keep(ProductStructure structure) {
    structure_.get([&](std::optional<ProductStructure>& known) { known = std::move(structure); });
}

}  // namespace axnn
