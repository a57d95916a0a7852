#include "multiplier/bit_products.hpp"

namespace axnn {
namespace {

// f(with the bit, without it) for each bit and each pair of indices that differ in it alone.
template <typename Values, typename Step>
void for_each_bit(Values& values, const Step& step) {
    for (size_t bit = 1; bit < values.size(); bit *= 2)
        for (size_t i = 0; i < values.size(); i++)
            if (i & bit) step(values[i], values[i ^ bit]);
}

}  // namespace

void to_bit_products(IntegerVector& values) {
    for_each_bit(values, [](int64_t& with, const int64_t& without) { with -= without; });
}

void from_bit_products(IntegerVector& coefficients) {
    for_each_bit(coefficients, [](int64_t& with, const int64_t& without) { with += without; });
}

void to_bit_products(IntegerMatrix& table) {
    for (IntegerVector& row : table.rows) to_bit_products(row);
    for_each_bit(table.rows, [](IntegerVector& with, const IntegerVector& without) {
        for (size_t c = 0; c < with.size(); c++) with[c] -= without[c];
    });
}

}  // namespace axnn
