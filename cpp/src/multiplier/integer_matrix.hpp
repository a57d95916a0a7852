// Small matrices of integers, exact, for the search of a multiplier's structure.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace axnn {

using IntegerVector = std::vector<int64_t>;

// Rows of equal length.
struct IntegerMatrix {
    std::vector<IntegerVector> rows;

    size_t height() const { return rows.size(); }
    size_t width() const { return rows.empty() ? 0 : rows[0].size(); }
    IntegerMatrix transposed() const;
};

// matrix = left * right, of height x rank and rank x width.
struct Factors {
    IntegerMatrix left;
    IntegerMatrix right;
    size_t rank() const { return right.height(); }
};

// The rank modulo a prime near 2^31, never above that over the integers; most + 1 where it is larger than
// `most`.
size_t rank_modulo_prime(const IntegerMatrix& matrix, size_t most);

}  // namespace axnn
