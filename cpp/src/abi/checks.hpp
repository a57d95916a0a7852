// Checks of arguments that come through the C ABI; each throws an Error that names the argument.
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "layers/conv_geometry.hpp"
#include "runtime/error.hpp"

namespace axnn::abi {

inline void check_pointer(const void* pointer, const char* name) {
    require(pointer != nullptr, AXNN_ERROR_NULL_POINTER, name, " is NULL");
}

// A descriptor is there and has this version's size.
template <typename Desc>
void check_desc(const Desc* desc, const char* name) {
    check_pointer(desc, name);
    require(desc->struct_size == sizeof(Desc), AXNN_ERROR_STRUCT_SIZE, name, "->struct_size is ",
            desc->struct_size, ", this library expects ", sizeof(Desc));
}

// A buffer is there, aligned, and has room for `count` elements.
template <typename T>
void check_buffer(const T* buffer, size_t bytes, size_t count, const char* name) {
    check_pointer(buffer, name);
    require(reinterpret_cast<uintptr_t>(buffer) % alignof(T) == 0, AXNN_ERROR_INVALID_ARGUMENT, name,
            " is not aligned to ", alignof(T), " bytes");
    const size_t needed = checked_product(count, sizeof(T), name);
    require(bytes >= needed, AXNN_ERROR_BUFFER_TOO_SMALL, name, " has ", bytes, " bytes, needed are ",
            needed);
}

// A result that may be left out (NULL with 0 bytes); says whether it is wanted.
template <typename T>
bool wanted(T* result, size_t bytes, size_t count, const char* name) {
    if (!result && bytes == 0) return false;
    check_buffer(result, bytes, count, name);
    return true;
}

inline void check_enum(uint32_t value, uint32_t largest, const char* name) {
    require(value <= largest, AXNN_ERROR_INVALID_ARGUMENT, name, " is ", value, ", allowed: 0..", largest);
}

inline void check_bits(uint32_t bits, uint32_t max, const char* name) {
    require(bits >= 1 && bits <= max, AXNN_ERROR_INVALID_ARGUMENT, name, " is ", bits, ", allowed: 1..", max);
}

inline void check_limits(float min, float max) {
    require(!isnan(min) && !isnan(max) && min <= max, AXNN_ERROR_INVALID_ARGUMENT,
            "output_min..output_max is ", min, "..", max, ", allowed: no NaN, output_min <= output_max");
}

// One value an output channel; `otherwise` for all where there is no buffer (NULL with 0 bytes).
inline std::vector<float> optional_channels(const float* values, size_t bytes, size_t channels,
                                            float otherwise, const char* name) {
    if (!values && bytes == 0) return std::vector<float>(channels, otherwise);
    check_buffer(values, bytes, channels, name);
    return {values, values + channels};
}

// The values, which must be finite.
inline std::vector<float> finite(std::vector<float> values, const char* name) {
    for (size_t i = 0; i < values.size(); i++)
        require(isfinite(values[i]), AXNN_ERROR_INVALID_ARGUMENT, name, "[", i, "] is ", values[i],
                ", allowed: finite");
    return values;
}

// One value (a buffer of exactly that size), or one an output channel: whichever the buffer's size says.
template <typename T>
std::vector<T> one_or_channels(const T* values, size_t bytes, size_t channels, const char* name) {
    const size_t count = bytes == sizeof(T) ? 1 : channels;
    check_buffer(values, bytes, count, name);
    return {values, values + count};
}

}  // namespace axnn::abi
