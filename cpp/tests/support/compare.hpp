// Comparison of whole tensors that reports the first difference instead of all of them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace axnn::test {

// Every element equal by ==.
template <typename A, typename B>
::testing::AssertionResult all_equal(const std::vector<A>& actual, const std::vector<B>& expected) {
    if (actual.size() != expected.size())
        return ::testing::AssertionFailure() << actual.size() << " elements, not " << expected.size();
    for (size_t i = 0; i < actual.size(); i++)
        if (!(actual[i] == expected[i]))
            return ::testing::AssertionFailure() << "element " << i << " of " << actual.size() << " is "
                                                 << +actual[i] << ", not " << +expected[i];
    return ::testing::AssertionSuccess();
}

// max |actual - expected| <= tolerance * max |expected|; NaN is never close.
template <typename B>
::testing::AssertionResult all_close(const std::vector<float>& actual, const std::vector<B>& expected,
                                     double tolerance = 1e-5) {
    if (actual.size() != expected.size())
        return ::testing::AssertionFailure() << actual.size() << " elements, not " << expected.size();
    double largest = 0;
    for (B e : expected) largest = std::max(largest, std::fabs(static_cast<double>(e)));
    for (size_t i = 0; i < actual.size(); i++)
        if (!(std::fabs(static_cast<double>(actual[i]) - static_cast<double>(expected[i])) <=
              tolerance * largest))
            return ::testing::AssertionFailure()
                   << "element " << i << " of " << actual.size() << " is " << actual[i] << ", not "
                   << expected[i] << "; largest magnitude " << largest;
    return ::testing::AssertionSuccess();
}

}  // namespace axnn::test
