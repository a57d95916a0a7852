// With left = L and right = R, for any i, j and integer k
//   L_i R_i + L_j R_j = L_i (R_i + k R_j) + (L_j - k L_i) R_j
// so that a step keeps the product. Steps are taken greedily, pair by pair: k is 1, 2, 4 or what makes R_i or
// L_j shortest.
#include "multiplier/factor_search.hpp"

#include <math.h>
#include <stdlib.h>

#include <algorithm>
#include <numeric>

namespace axnn {
namespace {

constexpr int64_t largest = int64_t{1} << 30;

struct Range {
    int64_t min;
    int64_t max;
    int64_t divisor;
};

Range range_of(const IntegerVector& values) {
    const auto [min, max] = std::minmax_element(values.begin(), values.end());
    Range range = {*min, *max, 0};
    for (const int64_t v : values) {
        if (range.divisor == 1) break;
        range.divisor = std::gcd(range.divisor, v);
    }
    range.divisor = std::max<int64_t>(range.divisor, 1);
    return range;
}

// Pieces of 8 bits.
size_t pieces(const Range& range) {
    size_t count = 1;
    for (int64_t span = (range.max - range.min) / range.divisor; span > UINT8_MAX; span >>= 8) count++;
    return count;
}

double bits(const Range& range) {
    const double span = log2(1 + (double)((range.max - range.min) / range.divisor));
    // A feature that need not be moved saves a sum over the window.
    const bool fits = range.min / range.divisor >= INT8_MIN && range.max / range.divisor <= INT8_MAX;
    return span + (fits ? 0 : 2);
}

double cost(const Range& left, const Range& right) {
    return 1000 * (double)(pieces(left) * pieces(right)) + bits(left) + bits(right);
}
double cost(const IntegerVector& left, const IntegerVector& right) {
    return cost(range_of(left), range_of(right));
}

double dot(const IntegerVector& a, const IntegerVector& b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

// to = a + k * b; false where numbers become too large.
bool add_multiple(const IntegerVector& a, int64_t k, const IntegerVector& b, IntegerVector& to) {
    to.resize(a.size());
    int64_t most = 0;
    for (size_t i = 0; i < a.size(); i++) {
        to[i] = a[i] + k * b[i];
        most = std::max(most, std::abs(to[i]));
    }
    return most < largest;
}

bool small(const IntegerMatrix& matrix) {
    for (const IntegerVector& row : matrix.rows)
        for (const int64_t value : row)
            if (value >= largest || value <= -largest) return false;
    return true;
}

}  // namespace

size_t int8_passes(const Factors& factors) {
    const IntegerMatrix left = factors.left.transposed();
    size_t passes = 0;
    for (size_t r = 0; r < factors.rank(); r++)
        passes += pieces(range_of(left.rows[r])) * pieces(range_of(factors.right.rows[r]));
    return passes;
}

void shrink_factors(Factors& factors, size_t target) {
    constexpr int most_sweeps = 6;
    constexpr double most_multiple = 1 << 16;
    const size_t rank = factors.rank();
    if (rank == 0 || !small(factors.left) || !small(factors.right)) return;
    std::vector<IntegerVector> left = factors.left.transposed().rows;
    std::vector<IntegerVector>& right = factors.right.rows;
    std::vector<double> costs;
    for (size_t r = 0; r < rank; r++) costs.push_back(cost(left[r], right[r]));
    const auto total = [&] { return std::accumulate(costs.begin(), costs.end(), 0.0); };

    IntegerVector new_left, new_right;
    for (int sweep = 0; sweep < most_sweeps; sweep++) {
        bool changed = false;
        for (size_t i = 0; i < rank; i++)
            for (size_t j = 0; j < rank; j++) {
                if (i == j) continue;
                const double r = -dot(right[i], right[j]) / std::max(dot(right[j], right[j]), 1.0);
                const double l = dot(left[j], left[i]) / std::max(dot(left[i], left[i]), 1.0);
                int64_t multiples[8] = {1, -1, 2, -2, 4, -4, 0, 0};
                if (fabs(r) < most_multiple) multiples[6] = llround(r);
                if (fabs(l) < most_multiple) multiples[7] = llround(l);
                int64_t best = 0;
                double least = costs[i] + costs[j] - 1e-9, cost_i = 0, cost_j = 0;
                for (const int64_t k : multiples) {
                    if (k == 0 || !add_multiple(right[i], k, right[j], new_right) ||
                        !add_multiple(left[j], -k, left[i], new_left))
                        continue;
                    const double a = cost(left[i], new_right), b = cost(new_left, right[j]);
                    if (a + b >= least) continue;
                    best = k;
                    least = a + b;
                    cost_i = a;
                    cost_j = b;
                }
                if (best == 0) continue;
                add_multiple(right[i], best, right[j], new_right);
                right[i] = new_right;
                add_multiple(left[j], -best, left[i], new_left);
                left[j] = new_left;
                costs[i] = cost_i;
                costs[j] = cost_j;
                changed = true;
            }
        if (!changed || total() < 1000 * ((double)target + 1)) break;
    }
    factors.left = IntegerMatrix{left}.transposed();
}

}  // namespace axnn
