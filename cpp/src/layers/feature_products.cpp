#include "layers/feature_products.hpp"

#include <math.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace axnn {
namespace {

struct Range {
    int32_t min;
    int32_t max;
    explicit Range(const std::vector<int32_t>& values)
        : min(*std::min_element(values.begin(), values.end())),
          max(*std::max_element(values.begin(), values.end())) {}
    bool within(int32_t low, int32_t high) const { return min >= low && max <= high; }
    int64_t magnitude() const { return std::max(-(int64_t)min, (int64_t)max); }
};

// A structure's function for the codes of an operand.
template <typename T>
std::vector<T> of_codes(const std::vector<T>& function, const CodeOperand& operand) {
    std::vector<T> values(operand.count());
    for (size_t i = 0; i < values.size(); i++)
        values[i] = function[operand.operand.index(operand.min + (int32_t)i)];
    return values;
}

template <typename T>
double largest(const std::vector<T>& values) {
    double magnitude = 0;
    for (const T value : values) magnitude = std::max(magnitude, fabs((double)value));
    return magnitude;
}

// Divides all values by what divides them all; 0 where all are 0.
int64_t take_divisor(std::vector<int32_t>& values) {
    int32_t divisor = 0;
    for (const int32_t value : values) divisor = std::gcd(divisor, value);
    if (divisor > 1)
        for (int32_t& value : values) value /= divisor;
    return divisor;
}

// Whether coefficient * values, all of them, are within low..high; then values become that.
bool take_coefficient(int64_t coefficient, std::vector<int32_t>& values, int32_t low, int32_t high) {
    if (coefficient > UINT16_MAX || coefficient < -UINT16_MAX) return false;
    const Range range(values);
    for (const int64_t end : {coefficient * range.min, coefficient * range.max})
        if (end < low || end > high) return false;
    for (int32_t& value : values) value = (int32_t)(coefficient * value);
    return true;
}

}  // namespace

double LayerStructure::bound() const {
    const ProductStructure& s = *structure;
    double bound = largest(of_codes(weight_is_row ? s.row_only : s.column_only, weight)) +
                   largest(of_codes(weight_is_row ? s.column_only : s.row_only, activation));
    for (const ProductStructure::Term& t : s.terms)
        bound += fabs((double)t.coefficient) * largest(of_codes(weight_is_row ? t.row : t.column, weight)) *
                 largest(of_codes(weight_is_row ? t.column : t.row, activation));
    return bound;
}

FeatureProducts::FeatureProducts(const LayerStructure& layer, const FeatureLimits& limits)
    : weight_part(of_codes(layer.weight_is_row ? layer.structure->row_only : layer.structure->column_only,
                           layer.weight)),
      activation_part(of_codes(layer.weight_is_row ? layer.structure->column_only : layer.structure->row_only,
                               layer.activation)) {
    for (const ProductStructure::Term& t : layer.structure->terms)
        add({t.coefficient, of_codes(layer.weight_is_row ? t.row : t.column, layer.weight),
             of_codes(layer.weight_is_row ? t.column : t.row, layer.activation)},
            limits);
}

void FeatureProducts::add(Term term, const FeatureLimits& limits) {
    const int64_t divisor = take_divisor(term.u) * take_divisor(term.v);
    if (divisor == 0) return;
    term.coefficient *= divisor;

    const Range before(term.v);
    int32_t moved = 0;
    if (limits.from_v_min) moved = before.min - limits.v_min;
    else if (before.min >= 0 || before.max <= 0) moved = (before.min + before.max) / 2;
    for (int32_t& v : term.v) v -= moved;
    for (size_t w = 0; w < term.u.size(); w++) weight_part[w] += term.coefficient * moved * term.u[w];

    const Range v(term.v), u(term.u);
    if (!v.within(limits.v_min, limits.v_max)) return cut(term, &Term::v, limits);
    if (!u.within(limits.u_min, limits.u_max) || u.magnitude() * v.magnitude() > limits.product)
        return cut(term, &Term::u, limits);
    if (u.magnitude() * v.magnitude() == 0) return;
    const auto take = [&](std::vector<int32_t>& feature, const Range& other, int32_t low, int32_t high) {
        std::vector<int32_t> with = feature;
        if (!take_coefficient(term.coefficient, with, low, high)) return false;
        if (Range(with).magnitude() * other.magnitude() > limits.product) return false;
        feature = std::move(with);
        term.coefficient = 1;
        return true;
    };
    if (!take(term.u, v, limits.u_min, limits.u_max)) take(term.v, u, limits.v_min, limits.v_max);
    terms.push_back(std::move(term));
}

void FeatureProducts::cut(const Term& term, std::vector<int32_t> Term::* feature,
                          const FeatureLimits& limits) {
    Term high = term, low = term;
    high.coefficient <<= limits.cut;
    for (size_t i = 0; i < (term.*feature).size(); i++) {
        // Rounded: the low part lies on both sides of 0.
        (high.*feature)[i] = ((term.*feature)[i] + (1 << (limits.cut - 1))) >> limits.cut;
        (low.*feature)[i] = (term.*feature)[i] - ((high.*feature)[i] << limits.cut);
    }
    add(std::move(high), limits);
    add(std::move(low), limits);
}

}  // namespace axnn
