// Rows are taken one by one. One that is an integer combination of the basis adds nothing; any other one
// joins it, and the basis is reduced again. If it lies in the span of the basis, there is one vector too many
// then: reduction, which works like Euclid's algorithm on dependent vectors, ends with one that is zero, and
// drops it (Pohst, Journal of Symbolic Computation 1987). Lengths and angles are in floating point, vectors
// and coordinates are integers, and each coordinate is checked exactly: what rounding gets wrong is found,
// and ends the search.
#include "multiplier/lattice.hpp"

#include <math.h>

#include <algorithm>
#include <utility>

namespace axnn {
namespace {

using Real = long double;
__extension__ using Wide = __int128;

// Beyond it, products of entries and coordinates might not be exact.
constexpr int64_t largest_entry = int64_t{1} << 40;

Real dot(const IntegerVector& a, const IntegerVector& b) {
    Real sum = 0;
    for (size_t i = 0; i < a.size(); i++) sum += (Real)a[i] * (Real)b[i];
    return sum;
}

bool is_zero(const IntegerVector& vector) {
    return std::all_of(vector.begin(), vector.end(), [](int64_t v) { return v == 0; });
}

// a -= factor * b; false where numbers become too large.
bool subtract(IntegerVector& a, int64_t factor, const IntegerVector& b) {
    bool small = true;
    for (size_t i = 0; i < a.size(); i++) {
        const Wide value = a[i] - Wide{factor} * b[i];
        small &= value < largest_entry && value > -largest_entry;
        a[i] = (int64_t)value;
    }
    return small;
}

// Basis vectors with the lower triangles of their Gram-Schmidt decomposition:
// r[i][j] = <b_i, b*_j>, mu[i][j] = r[i][j] / r[j][j].
class Basis {
  public:
    const std::vector<IntegerVector>& vectors() const { return b_; }
    size_t size() const { return b_.size(); }

    // Coordinates of a vector's projection on the span, and whether it is in the span.
    bool project(const IntegerVector& vector, std::vector<Real>& coordinates) const {
        const size_t n = size();
        std::vector<Real> r(n);
        Real rest = dot(vector, vector);
        const Real whole = rest;
        for (size_t j = 0; j < n; j++) {
            r[j] = dot(vector, b_[j]);
            for (size_t l = 0; l < j; l++) r[j] -= mu_[j][l] * r[l];
            rest -= r[j] * r[j] / r_[j][j];
        }
        coordinates.assign(n, 0);
        for (size_t j = n; j-- > 0;) {
            coordinates[j] = r[j] / r_[j][j];
            for (size_t l = j + 1; l < n; l++) coordinates[j] -= coordinates[l] * mu_[l][j];
        }
        return rest <= whole * 1e-12L;
    }

    // A vector of the span makes no further one of the basis. False where numbers become too large.
    bool add(const IntegerVector& vector, bool in_span) {
        const size_t wanted = size() + (in_span ? 0 : 1);
        b_.push_back(vector);
        return reduce() && size() == wanted;
    }

  private:
    void decompose(size_t k) {
        r_.resize(size());
        mu_.resize(size());
        r_[k].assign(k + 1, 0);
        mu_[k].assign(k + 1, 0);
        for (size_t j = 0; j <= k; j++) {
            Real value = dot(b_[k], b_[j]);
            for (size_t l = 0; l < j; l++) value -= mu_[j][l] * r_[k][l];
            r_[k][j] = value;
            mu_[k][j] = j == k ? 1 : r_[j][j] > 0 ? value / r_[j][j] : 0;
        }
    }

    // b_k less the nearest multiples of those before it.
    bool shorten(size_t k) {
        for (int repeat = 0; repeat < 50; repeat++) {
            bool changed = false;
            for (size_t j = k; j-- > 0;) {
                const Real factor = roundl(mu_[k][j]);
                if (factor == 0) continue;
                if (fabsl(factor) > (Real)largest_entry) return false;
                if (!subtract(b_[k], (int64_t)factor, b_[j])) return false;
                for (size_t l = 0; l <= j; l++) mu_[k][l] -= factor * mu_[j][l];
                changed = true;
            }
            decompose(k);
            if (!changed) return true;
        }
        return true;
    }

    // Of Lenstra, Lenstra and Lovasz with delta = 0.99. All but the last are reduced.
    bool reduce() {
        constexpr Real delta = 0.99L;
        constexpr size_t most_steps = 20000;
        if (size() == 1) decompose(0);
        size_t k = std::max<size_t>(size() - 1, 1);
        for (size_t step = 0; k < size(); step++) {
            if (step == most_steps) return false;
            decompose(k);
            if (!shorten(k)) return false;
            if (is_zero(b_[k])) {
                b_.erase(b_.begin() + (ptrdiff_t)k);
                continue;
            }
            const Real mu = mu_[k][k - 1];
            if (r_[k][k] >= (delta - mu * mu) * r_[k - 1][k - 1]) {
                k++;
                continue;
            }
            std::swap(b_[k], b_[k - 1]);
            decompose(k - 1);
            k = std::max<size_t>(k - 1, 1);
        }
        return true;
    }

    std::vector<IntegerVector> b_;
    std::vector<std::vector<Real>> r_;
    std::vector<std::vector<Real>> mu_;
};

// The coordinates as integers; false where they are none, or not those of the vector.
bool integers(const Basis& basis, const IntegerVector& vector, const std::vector<Real>& coordinates,
              IntegerVector& numerators) {
    numerators.clear();
    for (const Real c : coordinates) {
        if (fabsl(c) > (Real)largest_entry) return false;
        numerators.push_back((int64_t)roundl(c));
    }
    for (size_t i = 0; i < vector.size(); i++) {
        Wide sum = 0;
        for (size_t j = 0; j < basis.size(); j++) sum += Wide{numerators[j]} * basis.vectors()[j][i];
        if (sum != vector[i]) return false;
    }
    return true;
}

// Makes the vector one of the lattice.
bool include(Basis& basis, const IntegerVector& vector, size_t most) {
    std::vector<Real> coordinates;
    IntegerVector numerators;
    const bool in_span = basis.project(vector, coordinates);
    if (in_span && integers(basis, vector, coordinates, numerators)) return true;
    return (in_span || basis.size() < most) && basis.add(vector, in_span);
}

}  // namespace

std::optional<Factors> lattice_factors(const IntegerMatrix& matrix, size_t most) {
    Basis basis;
    for (const IntegerVector& row : matrix.rows)
        if (!is_zero(row) && !include(basis, row, most)) return {};
    Factors factors;
    factors.right.rows = basis.vectors();
    for (const IntegerVector& row : matrix.rows) {
        std::vector<Real> coordinates;
        IntegerVector numerators;
        basis.project(row, coordinates);
        if (!integers(basis, row, coordinates, numerators)) return {};
        factors.left.rows.push_back(std::move(numerators));
    }
    return factors;
}

}  // namespace axnn
