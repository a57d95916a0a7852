// The multiplier of a case.
#pragma once

#include <axnn/axnn.h>

#include <cstdint>
#include <iosfwd>
#include <vector>

#include "input.hpp"

namespace axnn::fuzz {

struct Range {
    int32_t min;
    int32_t max;
};

// One operand of a multiplier.
struct Operand {
    int32_t bits;
    bool is_signed;

    Range codes() const {
        return is_signed ? Range{-(1 << (bits - 1)), (1 << (bits - 1)) - 1} : Range{0, (1 << bits) - 1};
    }
};

// What an entry of the table is:
//   exact * truncated(row) * truncated(column) + noise + row_offset[row] + column_offset[column]
// which covers the classes of tables that kernels know: exact and nearly exact, entries of 8, 10, 12 and 16
// bits of either signedness, 8 bits after offsets of rows and columns, and those whose sums need 64 bits.
struct ProductTable {
    static ProductTable decode(Input& input);

    Operand row;
    Operand column;
    int32_t exact;
    int32_t dropped_bits;  // of each operand, by truncation
    Range noise;
    int32_t largest_offset;

    axnn_multiplier_desc desc;
    std::vector<int32_t> products;
};

std::ostream& operator<<(std::ostream& out, const ProductTable& table);

}  // namespace axnn::fuzz
