#include "multiplier/product_table.hpp"

namespace axnn {

ProductTable ProductTable::transposed() const {
    ProductTable result(column_, row_, data());
    for (size_t r = 0; r < 256; r++)
        for (size_t c = 0; c < 256; c++) result.products_[c * 256 + r] = products_[r * 256 + c];
    return result;
}

}  // namespace axnn
