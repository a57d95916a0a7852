#include "layers/table_entries.hpp"

#include <algorithm>

namespace axnn {
namespace {

using Range = LutView::Range;

constexpr Range nothing = {INT64_MAX, INT64_MIN};

void widen(Range& range, int64_t v) { range = {std::min(range.min, v), std::max(range.max, v)}; }

int64_t middle(Range range) { return range.min + (range.max - range.min) / 2; }

template <typename Visit>
void for_each(const ReachableBytes& bytes, const Visit& visit) {
    for (size_t byte = 0; byte < bytes.size(); byte++)
        if (bytes[byte]) visit(byte);
}

template <typename Visit>
void for_each_reachable(const LutView& lut, const Visit& visit) {
    for_each(lut.weights, [&](size_t w) { for_each(lut.activations, [&](size_t x) { visit(w, x); }); });
}

Range range_of_row(const LutView& lut, const EntryFit& fit, size_t w) {
    Range range = nothing;
    for_each(lut.activations, [&](size_t x) { widen(range, fit.entry(lut, w, x)); });
    return range;
}

Range range_of_column(const LutView& lut, const EntryFit& fit, size_t x) {
    Range range = nothing;
    for_each(lut.weights, [&](size_t w) { widen(range, fit.entry(lut, w, x)); });
    return range;
}

// Moves each row to min..max; false where one is too wide.
bool fit_rows(const LutView& lut, int64_t min, int64_t max, EntryFit& fit) {
    for (size_t w = 0; w < lut.weights.size(); w++) {
        if (!lut.weights[w]) continue;
        const Range range = range_of_row(lut, fit, w);
        if (range.max - range.min > max - min) return false;
        fit.weight_part[w] += range.min - min;
    }
    return true;
}

void center_rows(const LutView& lut, EntryFit& fit) {
    for_each(lut.weights, [&](size_t w) { fit.weight_part[w] += middle(range_of_row(lut, fit, w)); });
}

void center_columns(const LutView& lut, EntryFit& fit) {
    for_each(lut.activations,
             [&](size_t x) { fit.activation_part[x] += middle(range_of_column(lut, fit, x)); });
}

// Whether products differ from sums of two parts by so much that no parts leave entries within `span`: a
// 2 x 2 minor of entries, with alternating signs, is one of products.
bool is_far_from_sums(const LutView& lut, int64_t span) {
    const auto first = [](const ReachableBytes& bytes) {
        return (size_t)(std::find(bytes.begin(), bytes.end(), true) - bytes.begin());
    };
    const size_t w0 = first(lut.weights), x0 = first(lut.activations);
    for (size_t w = w0; w < 256; w++)
        for (size_t x = x0; x < 256; x++) {
            if (!lut.weights[w] || !lut.activations[x]) continue;
            const int64_t minor =
                lut.product(w, x) - lut.product(w, x0) - lut.product(w0, x) + lut.product(w0, x0);
            if (minor > 2 * span || minor < -2 * span) return true;
        }
    return false;
}

// Parts of both operands: the middles of columns, then of rows, taken out in turns.
bool fit_rows_and_columns(const LutView& lut, int64_t min, int64_t max, EntryFit& fit) {
    constexpr int turns = 4;
    if (is_far_from_sums(lut, max - min)) return false;
    for (int turn = 0; turn < turns; turn++) {
        center_columns(lut, fit);
        EntryFit rows = fit;
        if (fit_rows(lut, min, max, rows)) {
            fit = rows;
            return true;
        }
        center_rows(lut, fit);
    }
    return false;
}

}  // namespace

Range LutView::range() const {
    Range range = nothing;
    for_each_reachable(*this, [&](size_t w, size_t x) { widen(range, product(w, x)); });
    return range;
}

size_t end_of(const ReachableBytes& bytes) {
    size_t end = 0;
    for_each(bytes, [&](size_t byte) { end = byte + 1; });
    return end;
}

std::optional<EntryFit> EntryFit::of(const LutView& lut, Range range, int64_t min, int64_t max) {
    EntryFit fit = {};
    if (range.min >= min && range.max <= max) return fit;
    if (range.max - range.min <= max - min) {
        fit.weight_part.fill(range.min - min);
        return fit;
    }
    if (fit_rows(lut, min, max, fit)) return fit;
    if (max - min > UINT8_MAX) return {};
    fit = {};
    fit.has_activation_part = true;
    if (fit_rows_and_columns(lut, min, max, fit)) return fit;
    return {};
}

int64_t EntryFit::largest(const LutView& lut) const {
    int64_t largest = 0;
    for_each_reachable(lut, [&](size_t w, size_t x) {
        const int64_t e = entry(lut, w, x);
        largest = std::max(largest, e < 0 ? -e : e);
    });
    return largest;
}

}  // namespace axnn
