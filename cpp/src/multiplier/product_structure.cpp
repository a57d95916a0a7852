#include "multiplier/product_structure.hpp"

#include <math.h>

#include <algorithm>

#include "runtime/error.hpp"

namespace axnn {
namespace {

template <typename T>
double largest(const std::vector<T>& values) {
    double result = 0;
    for (const T value : values) result = std::max(result, fabs((double)value));
    return result;
}

}  // namespace

void ProductStructure::check() const {
    require(terms.size() <= max_terms, AXNN_ERROR_INVALID_ARGUMENT, "terms is ", terms.size(),
            ", allowed: 0..", max_terms);
    double bound = largest(row_only) + largest(column_only);
    for (size_t t = 0; t < terms.size(); t++) {
        const Term& term = terms[t];
        require(term.coefficient != 0, AXNN_ERROR_INVALID_ARGUMENT, "coefficients[", t,
                "] is 0, allowed: any other number");
        for (const auto* features : {&term.row, &term.column})
            require(largest(*features) <= max_feature, AXNN_ERROR_INVALID_ARGUMENT, "a feature of term ", t,
                    " has the magnitude ", largest(*features), ", allowed: at most ", max_feature);
        bound += fabs((double)term.coefficient) * largest(term.row) * largest(term.column);
    }
    require(bound <= (double)max_product, AXNN_ERROR_INVALID_ARGUMENT, "the structure's parts can add up to ",
            bound, ", allowed: at most ", max_product);
}

void ProductStructure::check_equal(const ProductTable& table) const {
    for (size_t r = 0; r < table.row().count(); r++)
        for (size_t c = 0; c < table.column().count(); c++) {
            const int32_t a = table.row().value(r), b = table.column().value(c);
            const int32_t entry = table((uint8_t)a, (uint8_t)b);
            require(product(r, c) == entry, AXNN_ERROR_INVALID_ARGUMENT, "the structure gives ",
                    product(r, c), " for the operands ", a, " and ", b, ", but the table ", entry);
        }
}

}  // namespace axnn
