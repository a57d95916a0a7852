// Calls with one thing wrong, and what they must answer.
#pragma once

#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

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

// A pointer that is not aligned to its type.
template <typename T>
T* misaligned(T* pointer) {
    return reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(pointer) + 1);
}

// An output of known bytes, and what the caller says about it.
template <typename T>
struct Output {
    explicit Output(size_t count) : values(count, T{77}), data(values.data()), bytes(count * sizeof(T)) {}
    bool untouched() const {
        for (T v : values)
            if (v != T{77}) return false;
        return true;
    }
    std::vector<T> values;
    T* data;
    size_t bytes;
};

// The valid call succeeds; each mistake fails as it says and leaves the outputs and the handles.
template <typename Call>
void expect_refusals(const std::vector<Mistake<Call>>& mistakes) {
    {
        Call call;
        EXPECT_EQ(call.run(), AXNN_OK) << last_error();
        EXPECT_FALSE(call.untouched());
    }
    for (size_t i = 0; i < mistakes.size(); i++) {
        SCOPED_TRACE("mistake " + std::to_string(i));
        Call call;
        mistakes[i].make(call);
        const uint64_t handles = axnn_live_handles();
        EXPECT_TRUE(fails_with(call.run(), mistakes[i].status, mistakes[i].named));
        EXPECT_TRUE(call.untouched()) << "a failure wrote output";
        EXPECT_EQ(axnn_live_handles(), handles);
    }
}

}  // namespace axnn::test
