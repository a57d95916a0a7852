// The entries that a table kernel takes, from the products of a multiplier.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <array>
#include <optional>
#include <vector>

namespace axnn {

// Which bytes an operand can take.
using ReachableBytes = std::array<bool, 256>;

// Products by weight byte and activation byte, of which only the reachable ones count.
struct LutView {
    const int32_t* products;
    size_t weight_stride;
    size_t activation_stride;
    ReachableBytes weights;
    ReachableBytes activations;

    int64_t product(size_t weight, size_t activation) const {
        return products[weight * weight_stride + activation * activation_stride];
    }
    struct Range {
        int64_t min;
        int64_t max;
    };
    // Over the reachable products; at least one weight and one activation is reachable.
    Range range() const;
};

// The first byte beyond all reachable ones.
size_t end_of(const ReachableBytes& bytes);

// How reachable products become small entries:
//   product(w, x) = entry(w, x) + weight_part[w] + activation_part[x]
struct EntryFit {
    std::array<int64_t, 256> weight_part;
    std::array<int64_t, 256> activation_part;
    bool has_activation_part;  // some are not 0

    // Parts with which all entries are in min..max, if there are; range: lut.range(). Activations have parts
    // only where entries are bytes: a part of theirs must be summed for every column.
    static std::optional<EntryFit> of(const LutView& lut, LutView::Range range, int64_t min, int64_t max);

    int64_t entry(const LutView& lut, size_t weight, size_t activation) const {
        return lut.product(weight, activation) - weight_part[weight] - activation_part[activation];
    }
    // Largest |entry|.
    int64_t largest(const LutView& lut) const;
};

}  // namespace axnn
