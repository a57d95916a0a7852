// The search for a table's structure: what it must find, that what it finds is the table, and its parts.
#include "multiplier/exact_structure.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "multiplier/bit_products.hpp"
#include "multiplier/factor_search.hpp"
#include "multiplier/lattice.hpp"
#include "support/random.hpp"

namespace axnn::test {
namespace {

constexpr Operand signed8 = {8, true};
constexpr Operand unsigned8 = {8, false};

// product(a, b) of operand values.
template <typename Product>
ProductTable table_of(Operand row, Operand column, const Product& product) {
    std::vector<int32_t> products(ProductTable::entries);
    for (size_t r = 0; r < row.count(); r++)
        for (size_t c = 0; c < column.count(); c++) {
            const int32_t a = row.value(r), b = column.value(c);
            products[size_t{256} * static_cast<uint8_t>(a) + static_cast<uint8_t>(b)] =
                static_cast<int32_t>(product(a, b));
        }
    return {row, column, products.data()};
}

// Terms of what is found; -1 for nothing. What is found must be the table, of features of 8 bits.
int terms_of(const ProductTable& table) {
    const auto structure = find_exact_structure(table);
    if (!structure) return -1;
    EXPECT_NO_THROW(structure->check());
    EXPECT_NO_THROW(structure->check_equal(table));
    for (const ProductStructure::Term& term : structure->terms)
        for (const auto* features : {&term.row, &term.column})
            for (const int32_t v : *features) {
                EXPECT_GE(v, INT8_MIN);
                EXPECT_LE(v, INT8_MAX);
            }
    return static_cast<int>(structure->terms.size());
}

// The signed array without some rows of either operand and without the lowest columns (Mahdiani et al.).
int32_t broken_array(int32_t a, int32_t b, int rows_of_a, int rows_of_b, int columns) {
    int32_t sum = 0;
    for (int i = rows_of_a; i < 8; i++)
        for (int j = rows_of_b; j < 8; j++)
            if (i + j >= columns && (a >> i & 1) && (b >> j & 1))
                sum += (i == 7) != (j == 7) ? -(1 << (i + j)) : 1 << (i + j);
    return sum;
}

TEST(ExactStructure, OfEvoApproxLibsSignedCircuits) {
    struct Circuit {
        const char* name;
        int rows_of_a, rows_of_b, columns, terms;
    };
    for (const Circuit& c : {Circuit{"1KV8", 0, 0, 0, 1},
                             {"1KR8", 1, 0, 0, 1},
                             {"1KTY", 3, 0, 0, 1},
                             {"1KR3", 6, 0, 0, 1},
                             {"1L2H", 1, 1, 0, 1},
                             {"1L2D", 2, 2, 0, 1},
                             {"1L1G", 3, 3, 0, 1},
                             {"1KVA", 0, 0, 2, 3},
                             {"1KVB", 0, 0, 3, 4},
                             {"1KX2", 0, 0, 4, 5},
                             {"1KR6", 1, 0, 3, 3},
                             {"1KRC", 1, 0, 4, 4},
                             {"1KVL", 2, 0, 5, 4}})
        EXPECT_EQ(terms_of(table_of(signed8, signed8,
                                    [&](int32_t a, int32_t b) {
                                        return broken_array(a, b, c.rows_of_a, c.rows_of_b, c.columns);
                                    })),
                  c.terms)
            << c.name;
}

TEST(ExactStructure, OfTablesOfFewTerms) {
    Random random(1);
    for (int repeat = 0; repeat < 60; repeat++) {
        const auto terms = static_cast<size_t>(random.integer(0, 12));
        const auto draw = [&](int64_t most) {
            std::vector<int64_t> values(256);
            for (int64_t& v : values) v = random.integer(-most, most);
            return values;
        };
        std::vector<std::vector<int64_t>> u, v;
        for (size_t t = 0; t < terms; t++) {
            u.push_back(draw(random.pick({1, 20, 60})));
            v.push_back(draw(random.pick({1, 20, 60})));
        }
        const std::vector<int64_t> f = draw(random.pick({0, 30'000})), g = draw(random.pick({0, 30'000}));
        const Operand row = random.pick({signed8, unsigned8}), column = random.pick({signed8, unsigned8});
        const ProductTable table = table_of(row, column, [&](int32_t a, int32_t b) {
            int64_t sum = f[a & 255] + g[b & 255];
            for (size_t t = 0; t < terms; t++) sum += u[t][a & 255] * v[t][b & 255];
            return sum;
        });
        const int found = terms_of(table);
        EXPECT_GE(found, 0) << terms;
        EXPECT_LE(found, static_cast<int>(terms));
    }
}

TEST(ExactStructure, OfOperandsOfEveryWidth) {
    Random random(2);
    for (uint32_t row_bits = 1; row_bits <= 8; row_bits++)
        for (uint32_t column_bits = 1; column_bits <= 8; column_bits++)
            for (const bool row_sign : {false, true})
                for (const bool column_sign : {false, true}) {
                    const ProductTable table = table_of({row_bits, row_sign}, {column_bits, column_sign},
                                                        [](int32_t a, int32_t b) { return a * b; });
                    EXPECT_LE(terms_of(table), 1);
                    EXPECT_GE(terms_of(table), 0);
                }
}

TEST(ExactStructure, OfConstants) {
    for (const int32_t value : {0, 1, -77, INT32_MAX, INT32_MIN})
        EXPECT_EQ(terms_of(table_of(signed8, unsigned8, [&](int32_t, int32_t) { return value; })), 0);
}

TEST(ExactStructure, NoneOfManyTerms) {
    Random random(3);
    const ProductTable table =
        table_of(signed8, signed8, [&](int32_t, int32_t) { return random.integer(-32768, 32767); });
    EXPECT_EQ(terms_of(table), -1);
}

// Whatever is found, nothing overflows on the way (the sanitizers look).
TEST(ExactStructure, OfTheLargestEntries) {
    Random random(4);
    const auto extreme = [&](int64_t, int64_t) { return random.chance(0.5) ? INT32_MIN : INT32_MAX; };
    terms_of(table_of(signed8, signed8, extreme));
    terms_of(table_of({2, false}, {8, true}, extreme));
    terms_of(table_of({3, true}, {3, true}, extreme));
    terms_of(table_of(signed8, signed8,
                      [](int32_t a, int32_t b) { return (a & 1) ^ (b & 1) ? INT32_MIN : INT32_MAX; }));
    terms_of(table_of(unsigned8, signed8, [](int32_t a, int32_t b) {
        return static_cast<int32_t>(static_cast<uint32_t>(a * 65'521) * static_cast<uint32_t>(b * 32'749));
    }));
}

// ---- Parts -----------------------------------------------------------------------------------------

IntegerMatrix product(const Factors& factors, size_t width) {
    IntegerMatrix result;
    for (const IntegerVector& left : factors.left.rows) {
        IntegerVector row(width);
        for (size_t r = 0; r < factors.rank(); r++)
            for (size_t c = 0; c < width; c++) row[c] += left[r] * factors.right.rows[r][c];
        result.rows.push_back(row);
    }
    return result;
}

TEST(Lattice, ABasisOfAllRows) {
    // The greatest common divisor, and a row that is half of a combination.
    const IntegerMatrix multiples = {{{4, 8, -12}, {6, 12, -18}}};
    const auto one = lattice_factors(multiples, 16);
    ASSERT_TRUE(one);
    EXPECT_EQ(one->rank(), 1u);
    EXPECT_EQ(std::abs(one->right.rows[0][0]), 2);
    const IntegerMatrix halves = {{{2, 0, 4}, {0, 2, 6}, {1, 1, 5}, {0, 0, 0}}};
    const auto two = lattice_factors(halves, 16);
    ASSERT_TRUE(two);
    EXPECT_EQ(two->rank(), 2u);
    EXPECT_EQ(product(*two, 3).rows, halves.rows);
}

TEST(Lattice, FactorsOfRandomMatrices) {
    Random random(5);
    for (int repeat = 0; repeat < 50; repeat++) {
        const auto rank = static_cast<size_t>(random.integer(1, 16));
        const auto draw = [&](size_t height, size_t width) {
            IntegerMatrix m;
            for (size_t i = 0; i < height; i++) {
                IntegerVector row(width);
                for (int64_t& v : row) v = random.integer(-90, 90);
                m.rows.push_back(row);
            }
            return m;
        };
        const Factors made = {draw(200, rank), draw(rank, 100)};
        const IntegerMatrix matrix = product(made, 100);
        EXPECT_EQ(rank_modulo_prime(matrix, 16), rank);
        EXPECT_EQ(rank_modulo_prime(matrix, rank - 1), rank);
        auto factors = lattice_factors(matrix, 16);
        ASSERT_TRUE(factors) << rank;
        EXPECT_EQ(factors->rank(), rank);
        EXPECT_EQ(product(*factors, 100).rows, matrix.rows);
        const size_t before = int8_passes(*factors);
        shrink_factors(*factors, rank);
        EXPECT_LE(int8_passes(*factors), before);
        EXPECT_EQ(product(*factors, 100).rows, matrix.rows);
        EXPECT_FALSE(lattice_factors(matrix, rank - 1));
    }
}

TEST(BitProducts, HaveOnlyPairsOfBitsInAnExactProduct) {
    IntegerMatrix table;
    for (int64_t a = 0; a < 256; a++) {
        IntegerVector row;
        for (int64_t b = 0; b < 256; b++) row.push_back(a * b);
        table.rows.push_back(row);
    }
    to_bit_products(table);
    for (size_t s = 0; s < 256; s++)
        for (size_t t = 0; t < 256; t++) {
            const bool bits = s != 0 && (s & (s - 1)) == 0 && t != 0 && (t & (t - 1)) == 0;
            EXPECT_EQ(table.rows[s][t], bits ? static_cast<int64_t>(s * t) : 0);
        }
}

TEST(BitProducts, GoThereAndBack) {
    Random random(6);
    IntegerVector values(64);
    for (int64_t& v : values) v = random.integer(-1000, 1000);
    IntegerVector moved = values;
    to_bit_products(moved);
    EXPECT_NE(moved, values);
    from_bit_products(moved);
    EXPECT_EQ(moved, values);
}

}  // namespace
}  // namespace axnn::test
