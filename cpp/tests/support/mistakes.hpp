// Calls with one thing wrong, and what they must answer.
#pragma once

#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "support/handles.hpp"

namespace axnn::test {

// The status is as expected and the message names what is wrong.
inline ::testing::AssertionResult fails_with(axnn_status actual, axnn_status expected,
                                             const std::string& named) {
    if (actual != expected)
        return ::testing::AssertionFailure()
               << "status " << actual << ", not " << expected << "; last message: " << last_error();
    if (last_error().find(named) == std::string::npos)
        return ::testing::AssertionFailure()
               << "\"" << last_error() << "\" does not name \"" << named << "\"";
    return ::testing::AssertionSuccess();
}

// What is wrong with a call that is otherwise valid.
template <typename Call>
struct Mistake {
    axnn_status status;
    const char* named;
    std::function<void(Call&)> make;
};

}  // namespace axnn::test
