// A table, or what is left of it without f, or without f and g, which are its first column and row, is
// factored as an integer matrix: as much of it as has the least rank, since f and above all g cost a layer
// sums of their own. There are several ways, which lead to different features:
//   as it is, or as a table over products of operand bits, which separates what a broken array separates
//   by the lattice of the rows, or of the columns: one side has small numbers
//   the products, or their error with a * b added as one more term: small errors have small features
// The one of fewest int8 passes is taken; a search between the terms makes them fewer. No number of passes is
// below the rank, so the first way that reaches it ends the search.
#include "multiplier/exact_structure.hpp"

#include <math.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "multiplier/bit_products.hpp"
#include "multiplier/factor_search.hpp"
#include "multiplier/integer_matrix.hpp"
#include "multiplier/lattice.hpp"

namespace axnn {
namespace {

constexpr size_t most_terms = ProductStructure::max_terms;

enum class Part { all, without_f, without_f_and_g };

// Products by the operands' indices, or their errors.
IntegerMatrix matrix_of(const ProductTable& table, Part part, bool error_only) {
    const Operand row = table.row(), column = table.column();
    IntegerMatrix matrix;
    for (size_t r = 0; r < row.count(); r++) {
        IntegerVector values;
        for (size_t c = 0; c < column.count(); c++) {
            const int32_t a = row.value(r), b = column.value(c);
            values.push_back(int64_t{table((uint8_t)a, (uint8_t)b)} - (error_only ? int64_t{a} * b : 0));
        }
        matrix.rows.push_back(std::move(values));
    }
    if (part == Part::all) return matrix;
    for (IntegerVector& values : matrix.rows) {
        const int64_t f = values[0];
        for (int64_t& value : values) value -= f;
    }
    if (part == Part::without_f) return matrix;
    const IntegerVector g = matrix.rows[0];
    for (IntegerVector& values : matrix.rows)
        for (size_t c = 0; c < values.size(); c++) values[c] -= g[c];
    return matrix;
}

// The different rows of a matrix, and which of them each row is.
struct Distinct {
    IntegerMatrix matrix;
    std::vector<size_t> index;
    explicit Distinct(const IntegerMatrix& all) {
        std::map<IntegerVector, size_t> seen;
        for (const IntegerVector& row : all.rows) {
            const auto [place, is_new] = seen.emplace(row, matrix.height());
            if (is_new) matrix.rows.push_back(row);
            index.push_back(place->second);
        }
    }
};

// Of the distinct rows and columns only: the others have the same coordinates.
std::optional<Factors> factors_of(const IntegerMatrix& matrix, bool by_columns) {
    const Distinct rows(matrix);
    const Distinct columns(rows.matrix.transposed());
    std::optional<Factors> few = by_columns ? lattice_factors(columns.matrix, most_terms)
                                            : lattice_factors(columns.matrix.transposed(), most_terms);
    if (!few) return {};
    if (by_columns) {
        Factors turned = {few->right.transposed(), few->left.transposed()};
        if (few->rank() == 0) turned.left.rows.resize(rows.matrix.height());
        few = std::move(turned);
    }
    Factors all;
    for (const size_t row : rows.index) all.left.rows.push_back(few->left.rows[row]);
    for (const IntegerVector& row : few->right.rows) {
        IntegerVector wide;
        for (const size_t column : columns.index) wide.push_back(row[column]);
        all.right.rows.push_back(std::move(wide));
    }
    return all;
}

struct Way {
    Part part;
    bool error_only;
    bool over_bits;
    bool by_columns;
};

std::optional<Factors> factors_of(const Way& way, const ProductTable& table) {
    IntegerMatrix matrix = matrix_of(table, way.part, way.error_only);
    if (way.over_bits) to_bit_products(matrix);
    std::optional<Factors> factors = factors_of(matrix, way.by_columns);
    if (!factors) return {};
    IntegerMatrix left = factors->left.transposed();
    if (way.over_bits) {
        for (IntegerVector& u : left.rows) from_bit_products(u);
        for (IntegerVector& v : factors->right.rows) from_bit_products(v);
    }
    if (way.error_only) {
        IntegerVector a, b;
        for (size_t r = 0; r < table.row().count(); r++) a.push_back(table.row().value(r));
        for (size_t c = 0; c < table.column().count(); c++) b.push_back(table.column().value(c));
        left.rows.push_back(std::move(a));
        factors->right.rows.push_back(std::move(b));
    }
    factors->left = left.transposed();
    return factors;
}

// A feature as int8 features: feature = constant + sum of factor * part.
struct Pieces {
    struct Piece {
        int64_t factor;
        std::vector<int32_t> part;
    };
    int64_t constant = 0;
    std::vector<Piece> pieces;

    explicit Pieces(IntegerVector values) {
        int64_t divisor = 0;
        for (const int64_t v : values) divisor = std::gcd(divisor, v);
        if (divisor == 0) return;
        for (int64_t& v : values) v /= divisor;
        const auto [min, max] = std::minmax_element(values.begin(), values.end());
        if (*min < INT8_MIN || *max > INT8_MAX) {
            // One part covers -128..127, two -128 * 257..127 * 257, whose middle is -128.5.
            const int64_t span = *max - *min;
            const int64_t moved = *min + 128 + (span <= UINT8_MAX ? 0 : 1 + span / 2);
            for (int64_t& v : values) v -= moved;
            constant = moved * divisor;
        }
        cut(values, divisor);
    }

  private:
    void cut(IntegerVector values, int64_t factor) {
        const auto [min, max] = std::minmax_element(values.begin(), values.end());
        if (*min >= INT8_MIN && *max <= INT8_MAX) {
            if (*min != 0 || *max != 0) pieces.push_back({factor, {values.begin(), values.end()}});
            return;
        }
        IntegerVector high, low;
        for (const int64_t v : values) {
            high.push_back((v + 128) >> 8);
            low.push_back(v - high.back() * 256);
        }
        cut(std::move(high), factor * 256);
        cut(std::move(low), factor);
    }
};

// Exact by construction up to f and g, which are then what the table's first row and column lack.
ProductStructure structure_of(const ProductTable& table, const Factors& factors) {
    ProductStructure structure;
    const IntegerMatrix left = factors.left.transposed();
    for (size_t r = 0; r < factors.rank(); r++) {
        const Pieces u(left.rows[r]), v(factors.right.rows[r]);
        for (const Pieces::Piece& a : u.pieces)
            for (const Pieces::Piece& b : v.pieces)
                structure.terms.push_back({a.factor * b.factor, a.part, b.part});
    }
    const size_t rows = table.row().count(), columns = table.column().count();
    structure.row_only.assign(rows, 0);
    structure.column_only.assign(columns, 0);
    const auto lacks = [&](size_t r, size_t c) {
        return table((uint8_t)table.row().value(r), (uint8_t)table.column().value(c)) -
               structure.product(r, c);
    };
    for (size_t c = 0; c < columns; c++) structure.column_only[c] = lacks(0, c);
    for (size_t r = 0; r < rows; r++) structure.row_only[r] = lacks(r, 0);
    return structure;
}

bool equal(const ProductTable& table, const ProductStructure& structure) {
    for (size_t r = 0; r < table.row().count(); r++)
        for (size_t c = 0; c < table.column().count(); c++)
            if (structure.product(r, c) !=
                table((uint8_t)table.row().value(r), (uint8_t)table.column().value(c)))
                return false;
    return true;
}

// Of the sum of all terms' magnitudes.
double bound(const Factors& factors) {
    const auto largest = [](const IntegerVector& values) {
        double magnitude = 0;
        for (const int64_t v : values) magnitude = std::max(magnitude, fabs((double)v));
        return magnitude;
    };
    const IntegerMatrix left = factors.left.transposed();
    double sum = 0;
    for (size_t r = 0; r < factors.rank(); r++) sum += largest(left.rows[r]) * largest(factors.right.rows[r]);
    return sum;
}

// None where it has too many terms, numbers that are too large, or is not the table's.
std::optional<ProductStructure> structure_by(const Way& way, const ProductTable& table, size_t rank) {
    std::optional<Factors> factors = factors_of(way, table);
    if (!factors) return {};
    shrink_factors(*factors, rank);
    // Parts of features that are cut and moved, f and g, add up to some times the bound.
    constexpr double most = (double)(ProductStructure::max_product / 64);
    if (int8_passes(*factors) > most_terms || bound(*factors) > most) return {};
    ProductStructure structure = structure_of(table, *factors);
    if (structure.terms.size() > most_terms || !equal(table, structure)) return {};
    return structure;
}

}  // namespace

std::optional<ProductStructure> find_exact_structure(const ProductTable& table) {
    const auto rank_of = [&](Part part) {
        return rank_modulo_prime(matrix_of(table, part, false), most_terms + 1);
    };
    const size_t rank = rank_of(Part::without_f_and_g);
    if (rank > most_terms) return {};
    std::optional<ProductStructure> best;
    for (const Part part : {Part::all, Part::without_f, Part::without_f_and_g}) {
        if (rank_of(part) != rank) continue;
        for (const bool error_only : {false, true})
            for (const bool over_bits : {true, false})
                for (const bool by_columns : {false, true}) {
                    const Way way = {part, error_only, over_bits, by_columns};
                    std::optional<ProductStructure> structure = structure_by(way, table, rank);
                    if (!structure || (best && structure->terms.size() >= best->terms.size())) continue;
                    best = std::move(structure);
                    if (best->terms.size() <= rank) return best;
                }
    }
    return best;
}

}  // namespace axnn
