// Failures inside the library: an exception that carries the C status and a sentence for the user.
#pragma once

#include <stdio.h>

#include <concepts>
#include <stdexcept>
#include <string>

#include "axnn/axnn.h"

namespace axnn {

class Error : public std::runtime_error {
  public:
    Error(axnn_status status, const std::string& message) : std::runtime_error(message), status_(status) {}
    axnn_status status() const { return status_; }

  private:
    axnn_status status_;
};

// One value as text. (Streams would link locales into a library that depends on libc and libm only.)
inline std::string to_text(const char* value) { return value; }
inline std::string to_text(const std::string& value) { return value; }
inline std::string to_text(double value) {
    char digits[32];
    snprintf(digits, sizeof digits, "%.9g", value);
    return digits;
}
template <std::integral T>
std::string to_text(T value) {
    return std::to_string(value);
}

// Joins its arguments to one text: text("stride_h is ", 0, ", allowed: >= 1").
template <typename... Parts>
std::string text(const Parts&... parts) {
    std::string joined;
    ((joined += to_text(parts)), ...);
    return joined;
}

// Throws unless the condition holds; the sentence is built only then.
template <typename... Parts>
void require(bool condition, axnn_status status, const Parts&... parts) {
    if (!condition) throw Error(status, text(parts...));
}

}  // namespace axnn
