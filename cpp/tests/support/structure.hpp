// Multipliers by their structure, as axnn_multiplier_create_structured takes it.
#pragma once

#include <axnn/axnn.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace axnn::test {

struct Structure {
    std::vector<int64_t> coefficients;
    std::vector<int32_t> row_features;  // [terms][values of the operand]
    std::vector<int32_t> column_features;
    std::vector<int64_t> row_only;  // or empty
    std::vector<int64_t> column_only;

    static size_t count(uint32_t bits) { return size_t{1} << bits; }
    static int32_t value(size_t index, uint32_t bits, uint32_t is_signed) {
        const auto v = static_cast<int32_t>(index);
        return is_signed && index >= count(bits) / 2 ? v - static_cast<int32_t>(count(bits)) : v;
    }

    int64_t product(const axnn_multiplier_desc& d, int32_t row, int32_t column) const {
        const size_t rows = count(d.row_bits), columns = count(d.column_bits);
        const size_t r = static_cast<size_t>(row) & (rows - 1),
                     c = static_cast<size_t>(column) & (columns - 1);
        int64_t sum = (row_only.empty() ? 0 : row_only[r]) + (column_only.empty() ? 0 : column_only[c]);
        for (size_t t = 0; t < coefficients.size(); t++)
            sum += coefficients[t] * row_features[t * rows + r] * column_features[t * columns + c];
        return sum;
    }

    // All products of at most 8 bits as a table.
    std::vector<int32_t> table(const axnn_multiplier_desc& d) const {
        std::vector<int32_t> products(size_t{256} * 256);
        for (size_t r = 0; r < count(d.row_bits); r++)
            for (size_t c = 0; c < count(d.column_bits); c++) {
                const int32_t a = value(r, d.row_bits, d.row_signed);
                const int32_t b = value(c, d.column_bits, d.column_signed);
                products[size_t{256} * static_cast<uint8_t>(a) + static_cast<uint8_t>(b)] =
                    static_cast<int32_t>(product(d, a, b));
            }
        return products;
    }

    axnn_status create(const axnn_multiplier_desc& d, const std::vector<int32_t>& table,
                       axnn_multiplier** out) const {
        const auto data = [](const auto& v) { return v.empty() ? nullptr : v.data(); };
        const auto bytes = [](const auto& v) { return v.size() * sizeof(v[0]); };
        return axnn_multiplier_create_structured(
            &d, data(table), bytes(table), static_cast<uint32_t>(coefficients.size()), data(coefficients),
            bytes(coefficients), data(row_features), bytes(row_features), data(column_features),
            bytes(column_features), data(row_only), bytes(row_only), data(column_only), bytes(column_only),
            out);
    }
};

}  // namespace axnn::test
