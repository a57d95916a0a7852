// Rows are taken one by one. What a basis of r rows does not reach yet is either independent of it, and
// becomes its next vector, or a fraction of it, p / d in coordinates; then the lattice of all integer
// coordinates and of that one has a basis of r vectors again (its Hermite form, of small numbers below d).
// After each such step the basis is reduced. Lengths and angles are in floating point, vectors and
// coordinates are integers, and each coordinate is checked exactly: what rounding gets wrong is found, and
// ends the search.
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

    // Both reduce; false where numbers become too large.
    bool add(const IntegerVector& vector) {
        b_.push_back(vector);
        return reduce(size() - 1);
    }
    bool replace(std::vector<IntegerVector> vectors) {
        b_ = std::move(vectors);
        return reduce(0);
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
            mu_[k][j] = j == k ? 1 : value / r_[j][j];
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

    // Of Lenstra, Lenstra and Lovasz with delta = 0.99; those before `first` are reduced.
    bool reduce(size_t first) {
        constexpr Real delta = 0.99L;
        constexpr size_t most_steps = 20000;
        if (first == 0) decompose(0);
        size_t k = std::max<size_t>(first, 1);
        for (size_t step = 0; k < size(); step++) {
            if (step == most_steps) return false;
            decompose(k);
            if (!shorten(k)) return false;
            if (!(r_[k][k] > 0)) return false;
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
              int64_t denominator, IntegerVector& numerators) {
    numerators.clear();
    for (const Real c : coordinates) {
        const Real scaled = c * (Real)denominator, rounded = roundl(scaled);
        if (fabsl(scaled - rounded) > 1e-3L || fabsl(rounded) > (Real)largest_entry) return false;
        numerators.push_back((int64_t)rounded);
    }
    for (size_t i = 0; i < vector.size(); i++) {
        Wide sum = 0;
        for (size_t j = 0; j < basis.size(); j++) sum += Wide{numerators[j]} * basis.vectors()[j][i];
        if (sum != Wide{denominator} * vector[i]) return false;
    }
    return true;
}

// A basis of the lattice of denominator * Z^n and one more vector, in the upper triangle: Euclid's algorithm
// from column to column.
std::vector<IntegerVector> hermite_form(IntegerVector extra, int64_t denominator) {
    const size_t n = extra.size();
    std::vector<IntegerVector> form;
    for (size_t j = 0; j < n; j++) {
        IntegerVector pivot(n);
        pivot[j] = denominator;
        while (extra[j] != 0) {
            const int64_t factor = pivot[j] / extra[j];
            // Modulo the denominator, which has vectors of its own in the columns to come.
            for (size_t i = j; i < n; i++) {
                pivot[i] -= factor * extra[i];
                if (i > j) pivot[i] %= denominator;
            }
            std::swap(pivot, extra);
        }
        form.push_back(std::move(pivot));
    }
    return form;
}

// The lattice of the basis and numerators / denominator, which lies in its span.
bool refine(Basis& basis, const IntegerVector& numerators, int64_t denominator) {
    IntegerVector extra = numerators;
    for (int64_t& value : extra) value %= denominator;
    std::vector<IntegerVector> vectors;
    for (const IntegerVector& coordinates : hermite_form(extra, denominator)) {
        IntegerVector vector(basis.vectors()[0].size());
        for (size_t i = 0; i < vector.size(); i++) {
            Wide sum = 0;
            for (size_t j = 0; j < basis.size(); j++) sum += Wide{coordinates[j]} * basis.vectors()[j][i];
            if (sum % denominator != 0) return false;
            sum /= denominator;
            if (sum >= largest_entry || sum <= -largest_entry) return false;
            vector[i] = (int64_t)sum;
        }
        vectors.push_back(std::move(vector));
    }
    return basis.replace(std::move(vectors));
}

bool is_zero(const IntegerVector& vector) {
    return std::all_of(vector.begin(), vector.end(), [](int64_t v) { return v == 0; });
}

// Makes the vector one of the lattice.
bool include(Basis& basis, const IntegerVector& vector, size_t most) {
    constexpr int64_t most_denominator = 1 << 16;
    std::vector<Real> coordinates;
    IntegerVector numerators;
    if (!basis.project(vector, coordinates)) return basis.size() < most && basis.add(vector);
    for (int64_t d = 1; d <= most_denominator; d++)
        if (integers(basis, vector, coordinates, d, numerators))
            return d == 1 || refine(basis, numerators, d);
    return false;
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
        if (!integers(basis, row, coordinates, 1, numerators)) return {};
        factors.left.rows.push_back(std::move(numerators));
    }
    return factors;
}

}  // namespace axnn
