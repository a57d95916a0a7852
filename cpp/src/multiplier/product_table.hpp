// The products of an approximate multiplier, and what is known about their operands.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace axnn {

// One operand of a multiplier: its width in bits, 1..16, and whether its bits are two's complement.
struct Operand {
    uint32_t bits;
    bool is_signed;

    int32_t min() const { return is_signed ? -(1 << (bits - 1)) : 0; }
    int32_t max() const { return is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1; }
    // Its values in the order of their bits: 0..max, then, where signed, min..-1.
    size_t count() const { return size_t{1} << bits; }
    size_t index(int32_t value) const { return (size_t)value & (count() - 1); }
    int32_t value(size_t index) const {
        return (int32_t)index > max() ? (int32_t)index - (int32_t)count() : (int32_t)index;
    }
};

// 256 x 256 products, indexed by the bytes of the row and the column operand. Immutable.
class ProductTable {
  public:
    static constexpr uint32_t max_bits = 8;
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
