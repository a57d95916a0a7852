#include "multiplier/integer_matrix.hpp"

#include <utility>

namespace axnn {
namespace {

constexpr int64_t prime = 2147483629;

int64_t residue(int64_t value) {
    const int64_t r = value % prime;
    return r < 0 ? r + prime : r;
}

int64_t inverse(int64_t value) {
    int64_t result = 1;
    for (int64_t exponent = prime - 2, power = value; exponent > 0; exponent /= 2) {
        if (exponent % 2) result = result * power % prime;
        power = power * power % prime;
    }
    return result;
}

}  // namespace

IntegerMatrix IntegerMatrix::transposed() const {
    IntegerMatrix result;
    result.rows.assign(width(), IntegerVector(height()));
    for (size_t r = 0; r < height(); r++)
        for (size_t c = 0; c < width(); c++) result.rows[c][r] = rows[r][c];
    return result;
}

// Each row less its part in the rows kept so far; what is left is kept.
size_t rank_modulo_prime(const IntegerMatrix& matrix, size_t most) {
    struct Kept {
        size_t pivot;
        IntegerVector row;  // 1 at the pivot
    };
    std::vector<Kept> kept;
    for (const IntegerVector& original : matrix.rows) {
        IntegerVector row = original;
        for (int64_t& value : row) value = residue(value);
        for (const Kept& k : kept) {
            const int64_t factor = row[k.pivot];
            if (factor == 0) continue;
            for (size_t c = 0; c < row.size(); c++) row[c] = residue(row[c] - factor * k.row[c] % prime);
        }
        size_t pivot = 0;
        while (pivot < row.size() && row[pivot] == 0) pivot++;
        if (pivot == row.size()) continue;
        if (kept.size() == most) return most + 1;
        const int64_t scale = inverse(row[pivot]);
        for (int64_t& value : row) value = value * scale % prime;
        kept.push_back({pivot, std::move(row)});
    }
    return kept.size();
}

}  // namespace axnn
