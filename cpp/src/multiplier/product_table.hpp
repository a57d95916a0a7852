// The products of an approximate multiplier, and what is known about their operands.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace axnn {

// One operand of a multiplier: its width in bits and whether its bytes are two's complement.
struct Operand {
    uint32_t bits;
    bool is_signed;

    int32_t min() const { return is_signed ? -(1 << (bits - 1)) : 0; }
    int32_t max() const { return is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1; }
};

// 256 x 256 products, indexed by the bytes of the row and the column operand. Immutable.
class ProductTable {
  public:
    static constexpr size_t entries = size_t{256} * 256;

    ProductTable(Operand row, Operand column, const int32_t* products)
        : row_(row), column_(column), products_(products, products + entries) {}

    Operand row() const { return row_; }
    Operand column() const { return column_; }
    const int32_t* data() const { return products_.data(); }
    int32_t operator()(uint8_t row_byte, uint8_t column_byte) const {
        return products_[size_t{256} * row_byte + column_byte];
    }

    // The same products with row and column exchanged.
    ProductTable transposed() const;

  private:
    Operand row_;
    Operand column_;
    std::vector<int32_t> products_;
};

}  // namespace axnn
