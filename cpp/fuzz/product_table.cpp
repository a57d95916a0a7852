#include "product_table.hpp"

#include <algorithm>
#include <ostream>

#include "random.hpp"

namespace axnn::fuzz {
namespace {

constexpr size_t bytes = 256;

Operand decode_operand(Input& input) {
    const bool is_signed = !input.chance(3);
    return {input.chance(5) ? input.integer(1, 8) : 8, is_signed};
}

// The values of an operand's bytes, truncated.
std::vector<int64_t> truncated(Operand operand, int32_t dropped_bits) {
    std::vector<int64_t> values;
    for (int32_t byte = 0; byte < static_cast<int32_t>(bytes); byte++)
        values.push_back((operand.is_signed && byte > 127 ? byte - 256 : byte) & -(1 << dropped_bits));
    return values;
}

std::vector<int64_t> offsets(Random& random, int32_t largest) {
    std::vector<int64_t> values;
    for (size_t i = 0; i < bytes; i++) values.push_back(random.integer(-int64_t{largest}, largest));
    return values;
}

}  // namespace

ProductTable ProductTable::decode(Input& input) {
    ProductTable t;
    t.row = decode_operand(input);
    t.column = decode_operand(input);
    t.desc = input.descriptor(axnn_multiplier_desc{sizeof t.desc, static_cast<uint32_t>(t.row.bits),
                                                   t.row.is_signed, static_cast<uint32_t>(t.column.bits),
                                                   t.column.is_signed});
    t.exact = input.pick({1, 0});
    t.dropped_bits = input.integer(0, 4);
    t.noise = input.pick<Range>({{0, 0},
                                 {-5, 5},
                                 {-128, 127},
                                 {0, 255},
                                 {0, 1023},
                                 {0, 4095},
                                 {-32768, 32767},
                                 {0, 65535},
                                 {-(1 << 20), 1 << 20},
                                 {-(1 << 27), 1 << 27},
                                 {INT32_MIN, INT32_MAX},
                                 {INT32_MAX - 2, INT32_MAX},
                                 {INT32_MIN, INT32_MIN + 2}});
    t.largest_offset = input.pick({0, 100, 20'000, 1 << 28});

    Random random = input.random();
    const std::vector<int64_t> row = truncated(t.row, t.dropped_bits);
    const std::vector<int64_t> column = truncated(t.column, t.dropped_bits);
    const std::vector<int64_t> row_offset = offsets(random, t.largest_offset);
    const std::vector<int64_t> column_offset = offsets(random, t.largest_offset);
    t.products.resize(input.length(bytes * bytes));
    for (size_t i = 0; i < t.products.size(); i++) {
        const size_t r = i / bytes, c = i % bytes;
        const int64_t entry = t.exact * row[r] * column[c] + random.integer(t.noise.min, t.noise.max) +
                              row_offset[r] + column_offset[c];
        t.products[i] = static_cast<int32_t>(std::clamp<int64_t>(entry, INT32_MIN, INT32_MAX));
    }
    return t;
}

std::ostream& operator<<(std::ostream& out, const ProductTable& t) {
    return out << "table (row " << t.desc.row_bits << " bits, signed " << t.desc.row_signed << "; column "
               << t.desc.column_bits << " bits, signed " << t.desc.column_signed << "; struct size "
               << t.desc.struct_size << "; " << t.products.size() << " entries: exact " << t.exact
               << ", dropped bits " << t.dropped_bits << ", noise " << t.noise.min << ".." << t.noise.max
               << ", offsets to " << t.largest_offset << ")";
}

}  // namespace axnn::fuzz
