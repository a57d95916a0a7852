// A sum in double that is fast, and the same bits wherever it is added up.
#pragma once

#include <stddef.h>

namespace axnn {

// Term i of an array goes to lane i % 8, so that the compiler adds vectors; the lanes are added last.
class DoubleSum {
  public:
    // Adds term(i) for every i below count.
    template <typename Term>
    void add(size_t count, const Term& term) {
        size_t i = 0;
        for (; i + lanes <= count; i += lanes)
            for (size_t lane = 0; lane < lanes; lane++) sums_[lane] += term(i + lane);
        for (; i < count; i++) sums_[i % lanes] += term(i);
    }

    double total() const {
        double sum = 0;
        for (const double s : sums_) sum += s;
        return sum;
    }

  private:
    static constexpr size_t lanes = 8;
    double sums_[lanes] = {};
};

}  // namespace axnn
