// A table over products of operand bits: the Moebius transform, which is unimodular (Lechner 1971:
// Reed-Muller expansions over the integers). What drops or merges partial products has few coefficients
// there.
#pragma once

#include "multiplier/integer_matrix.hpp"

namespace axnn {

// values[x] = sum over subsets S of x's bits of coefficients[S], for sizes that are powers of two.
void to_bit_products(IntegerVector& values);
void from_bit_products(IntegerVector& coefficients);

// Of rows and columns.
void to_bit_products(IntegerMatrix& table);

}  // namespace axnn
