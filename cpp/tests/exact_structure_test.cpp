// The search for a table's structure: what it must find, that what it finds is the table, and its parts.
#include "multiplier/exact_structure.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "multiplier/bit_products.hpp"
#include "multiplier/factor_search.hpp"
#include "multiplier/integer_matrix.hpp"
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

int32_t leading_one(int32_t a) { return 31 - __builtin_clz(static_cast<uint32_t>(a)); }

// Of unsigned numbers.
int32_t drum(int32_t a, int k) {
    const int32_t shift = a == 0 ? 0 : std::max(leading_one(a) - k + 1, 0);
    return shift == 0 ? a : (a >> shift | 1) << shift;
}
int32_t nearest_power(int32_t a) {  // RoBA's; 3 * 2^k is rounded up
    if (a == 0) return 0;
    const int32_t k = leading_one(a);
    return k > 0 && (a >> (k - 1) & 1) ? 2 << k : 1 << k;
}
int32_t roba(int32_t a, int32_t b) {
    const int32_t p = nearest_power(a), q = nearest_power(b);
    return p * b + q * a - p * q;
}
int32_t ilm(int32_t a, int32_t b) {  // one stage
    if (a == 0 || b == 0) return 0;
    const int32_t p = 1 << leading_one(a), q = 1 << leading_one(b);
    return p * b + q * a - p * q;
}
int32_t udm(int32_t a, int32_t b) {  // blocks of 2 x 2 bits in which 3 * 3 is 7
    int32_t sum = 0;
    for (int i = 0; i < 8; i += 2)
        for (int j = 0; j < 8; j += 2) {
            const int32_t p = a >> i & 3, q = b >> j & 3;
            sum += (p == 3 && q == 3 ? 7 : p * q) << (i + j);
        }
    return sum;
}
template <typename Product>
auto sign_magnitude(const Product& product) {
    return [product](int32_t a, int32_t b) {
        const int32_t magnitude = product(std::abs(a), std::abs(b));
        return (a < 0) != (b < 0) ? -magnitude : magnitude;
    };
}

// As many terms as the families have by construction; more where a feature needs more than 8 bits.
TEST(ExactStructure, OfFamilies) {
    constexpr Operand signed7 = {7, true};
    for (const int k : {3, 4, 6}) {
        const auto product = [k](int32_t a, int32_t b) { return drum(a, k) * drum(b, k); };
        EXPECT_EQ(terms_of(table_of(unsigned8, unsigned8, product)), 1) << k;
        EXPECT_EQ(terms_of(table_of(signed7, signed7, sign_magnitude(product))), 1) << k;
    }
    EXPECT_EQ(terms_of(table_of(unsigned8, unsigned8, roba)), 2);
    EXPECT_EQ(terms_of(table_of(signed7, signed7, sign_magnitude(roba))), 2);
    EXPECT_EQ(terms_of(table_of(signed8, signed8, sign_magnitude(roba))), 2);
    EXPECT_EQ(terms_of(table_of(unsigned8, unsigned8, ilm)), 2);
    EXPECT_EQ(terms_of(table_of(signed7, signed7, sign_magnitude(ilm))), 2);
    EXPECT_EQ(terms_of(table_of(signed8, signed8, sign_magnitude(ilm))), 2);
    EXPECT_EQ(terms_of(table_of(unsigned8, unsigned8, udm)), 2);
    EXPECT_EQ(terms_of(table_of(signed7, signed7, sign_magnitude(udm))), 2);
    EXPECT_EQ(terms_of(table_of(signed8, signed8, sign_magnitude(udm))), 2);
}

// f, g and terms of features of 8 bits, as full and large as each other or not.
class Drawn {
  public:
    Drawn(Random& random, size_t terms, bool alike) : f_(256), g_(256) {
        draw(random, f_, random.pick({0, 30'000}), 1);
        draw(random, g_, random.pick({0, 30'000}), 1);
        const int64_t magnitude = random.pick({1, 20, 127});
        for (auto* features : {&u_, &v_})
            for (size_t t = 0; t < terms; t++) {
                features->emplace_back(256);
                if (alike) draw(random, features->back(), magnitude, 1);
                else draw(random, features->back(), random.pick({1, 20, 127}), random.pick({0.1, 1.0, 1.0}));
            }
    }
    int64_t operator()(int32_t a, int32_t b) const {
        const auto r = static_cast<uint8_t>(a), c = static_cast<uint8_t>(b);
        int64_t sum = f_[r] + g_[c];
        for (size_t t = 0; t < u_.size(); t++) sum += u_[t][r] * v_[t][c];
        return sum;
    }

  private:
    static void draw(Random& random, IntegerVector& values, int64_t magnitude, double density) {
        for (int64_t& v : values) v = random.chance(density) ? random.integer(-magnitude - 1, magnitude) : 0;
    }

    IntegerVector f_, g_;
    std::vector<IntegerVector> u_, v_;
};

TEST(ExactStructure, OfTablesOfFewTerms) {
    Random random(1);
    for (int repeat = 0; repeat < 60; repeat++) {
        // The search is not sure to find what is least alike.
        const bool alike = random.chance(0.5);
        const auto terms = static_cast<size_t>(random.integer(0, alike ? 16 : 6));
        const Operand row = random.pick({signed8, unsigned8}), column = random.pick({signed8, unsigned8});
        const int found = terms_of(table_of(row, column, Drawn(random, terms, alike)));
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
                    const Operand row = {row_bits, row_sign}, column = {column_bits, column_sign};
                    const auto exact = [](int32_t a, int32_t b) { return a * b; };
                    for (const int found : {terms_of(table_of(row, column, exact)),
                                            terms_of(table_of(row, column, Drawn(random, 1, true)))}) {
                        EXPECT_GE(found, 0);
                        EXPECT_LE(found, 1);
                    }
                }
}

// A feature of more than 8 bits is as many terms as it has bytes.
TEST(ExactStructure, OfWideFeatures) {
    constexpr Operand bit = {1, false};
    for (const auto& [largest, terms] : {std::pair{255, 1}, {256, 2}, {65'535, 2}, {65'536, 3}}) {
        Random random(7);
        const ProductTable table = table_of(bit, unsigned8, [&, top = largest](int32_t a, int32_t b) {
            return a == 0 || b == 0 ? 0 : b == 1 ? top : random.integer(0, top);
        });
        EXPECT_EQ(terms_of(table), terms) << largest;
    }
}

TEST(ExactStructure, OfConstants) {
    for (const int32_t value : {0, 1, -77, INT32_MAX, INT32_MIN})
        EXPECT_EQ(terms_of(table_of(signed8, unsigned8, [&](int32_t, int32_t) { return value; })), 0);
}

TEST(ExactStructure, NoneOfManyTerms) {
    Random random(3);
    for (const int64_t largest : {int64_t{1}, int64_t{32'767}, int64_t{INT32_MAX}})
        EXPECT_EQ(terms_of(table_of(signed8, unsigned8,
                                    [&](int32_t, int32_t) { return random.integer(-largest, largest); })),
                  -1);
    // 17 products of functions that are not 0 for one value each.
    EXPECT_EQ(terms_of(table_of(signed8, signed8,
                                [](int32_t a, int32_t b) { return a == b && 1 <= a && a <= 17; })),
              -1);
    EXPECT_EQ(terms_of(table_of(signed8, signed8,
                                [](int32_t a, int32_t b) { return a == b && 1 <= a && a <= 16; })),
              16);
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
    // Few different rows and columns, so that the rank is small, of extreme and small numbers.
    for (int repeat = 0; repeat < 60; repeat++) {
        const auto rows = random.integer(1, 12), columns = random.integer(1, 12);
        std::vector<int64_t> blocks;
        for (int64_t i = 0; i < rows * columns; i++)
            blocks.push_back(random.pick({int64_t{INT32_MIN}, int64_t{INT32_MAX}, int64_t{0}, int64_t{-1},
                                          random.integer(INT32_MIN, INT32_MAX)}));
        terms_of(table_of(signed8, unsigned8, [&](int32_t a, int32_t b) {
            return blocks[static_cast<size_t>((a & 255) * 37 % rows * columns + b * 53 % columns)];
        }));
    }
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

TEST(Lattice, OfNothingAndOfNumbersThatAreTooLarge) {
    const IntegerMatrix zeros = {{{0, 0}, {0, 0}, {0, 0}}};
    const auto none = lattice_factors(zeros, 16);
    ASSERT_TRUE(none);
    EXPECT_EQ(none->rank(), 0u);
    EXPECT_EQ(product(*none, 2).rows, zeros.rows);
    // Euclid's algorithm on neighbours ends with 1; the coordinates are then beyond 2^40.
    EXPECT_FALSE(lattice_factors({{{int64_t{1} << 50}, {(int64_t{1} << 50) + 1}}}, 16));
}

TEST(Rank, ModuloAPrime) {
    EXPECT_EQ(rank_modulo_prime({}, 16), 0u);
    EXPECT_EQ(rank_modulo_prime({{{0, 0}, {0, 0}}}, 16), 0u);
    EXPECT_EQ(rank_modulo_prime({{{-3, 6}, {1, -2}, {INT32_MIN, int64_t{1} << 32}}}, 16), 1u);
    EXPECT_EQ(rank_modulo_prime({{{0, 5}, {7, 0}, {7, 5}}}, 16), 2u);
    IntegerMatrix unit;
    for (size_t i = 0; i < 20; i++) {
        unit.rows.emplace_back(20);
        unit.rows.back()[19 - i] = -1;
    }
    EXPECT_EQ(rank_modulo_prime(unit, 20), 20u);
    EXPECT_EQ(rank_modulo_prime(unit, 16), 17u);
}

TEST(FactorSearch, CountsBytes) {
    const auto passes = [](const IntegerVector& left, const IntegerVector& right) {
        return int8_passes({IntegerMatrix{{left}}.transposed(), {{right}}});
    };
    EXPECT_EQ(passes({-128, 127}, {0, 255}), 1u);
    EXPECT_EQ(passes({1000, 1255}, {-1, 1}), 1u);           // moved
    EXPECT_EQ(passes({0, 512, 16}, {0, 25'500, 100}), 1u);  // divided
    EXPECT_EQ(passes({0, 1, 256}, {1, 2}), 2u);
    EXPECT_EQ(passes({0, 1, 65'535}, {0, 1, 256}), 4u);
    EXPECT_EQ(passes({0, 1, 65'536}, {5, 5}), 3u);
}

// Factors that were mixed are small again.
TEST(FactorSearch, UndoesSteps) {
    Random random(8);
    for (int repeat = 0; repeat < 20; repeat++) {
        IntegerMatrix left, right;
        for (int r = 0; r < 3; r++) {
            left.rows.emplace_back(100);
            right.rows.emplace_back(100);
            for (int64_t& v : left.rows.back()) v = random.integer(-100, 100);
            for (int64_t& v : right.rows.back()) v = random.integer(-100, 100);
        }
        for (size_t i = 0; i < 3; i++) {
            const size_t j = (i + 1) % 3;
            const int64_t k = random.integer(3, 50);
            for (size_t c = 0; c < 100; c++) {
                right.rows[i][c] += k * right.rows[j][c];
                left.rows[j][c] -= k * left.rows[i][c];
            }
        }
        Factors factors = {left.transposed(), right};
        const IntegerMatrix before = product(factors, 100);
        EXPECT_GT(int8_passes(factors), 3u);
        shrink_factors(factors, 3);
        EXPECT_EQ(int8_passes(factors), 3u);
        EXPECT_EQ(product(factors, 100).rows, before.rows);
    }
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
