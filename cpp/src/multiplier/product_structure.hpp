// A multiplier as a sum of products of functions of one operand each:
//
//   product(r, c) = row_only[r] + column_only[c] + sum over t of coefficient_t * row_t[r] * column_t[c]
//
// Functions are indexed by the operand's bits (Operand::index) and have an entry for each of its values.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "multiplier/product_table.hpp"

namespace axnn {

struct ProductStructure {
    static constexpr size_t max_terms = 16;
    static constexpr int32_t max_feature = 1 << 17;
    static constexpr int64_t max_product = int64_t{1} << 48;

    struct Term {
        int64_t coefficient;  // not 0
        std::vector<int32_t> row;
        std::vector<int32_t> column;
    };

    std::vector<int64_t> row_only;
    std::vector<int64_t> column_only;
    std::vector<Term> terms;

    int64_t product(size_t row, size_t column) const {
        int64_t sum = row_only[row] + column_only[column];
        for (const Term& t : terms) sum += t.coefficient * t.row[row] * t.column[column];
        return sum;
    }

    // Throws AXNN_ERROR_INVALID_ARGUMENT where there are too many terms, or numbers are so large that a
    // product, or any part of one, might exceed its limit.
    void check() const;
    // Throws AXNN_ERROR_INVALID_ARGUMENT, naming the first product in which this differs from a table.
    void check_equal(const ProductTable& table) const;
};

}  // namespace axnn
