#include "multiplier/multiplier.hpp"

#include <utility>

#include "multiplier/exact_structure.hpp"

namespace axnn {

Multiplier::Multiplier(ProductTable table)
    : row_(table.row()), column_(table.column()), table_(std::move(table)) {}

Multiplier::Multiplier(ProductTable table, ProductStructure structure) : Multiplier(std::move(table)) {
    structure.check();
    structure.check_equal(*table_);
    structure_ = std::move(structure);
}

Multiplier::Multiplier(Operand row, Operand column, ProductStructure structure) : row_(row), column_(column) {
    structure.check();
    structure_ = std::move(structure);
}

const ProductStructure* Multiplier::structure() const {
    std::call_once(searched_, [&] {
        if (!structure_) structure_ = find_exact_structure(*table_);
    });
    return structure_ ? &*structure_ : nullptr;
}

}  // namespace axnn
