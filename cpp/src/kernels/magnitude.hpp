// The largest |x[i]|, as a plain loop that the compiler turns into vectors. Each tier includes this file.
//
// Without their sign, floats are ordered as their bits are, and every NaN is above infinity: whole numbers
// have a maximum that loses no NaN and may be taken in any order. AVX2: vpand with the load, vpmaxsd, eight
// floats a cycle; what is read from beyond the first cache comes more slowly.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace axnn {

static inline float largest_magnitude_of(const float* x, size_t count) {
    int32_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= INT32_MAX;
        largest = bits > largest ? bits : largest;
    }
    float magnitude;
    memcpy(&magnitude, &largest, sizeof magnitude);
    return magnitude;
}

}  // namespace axnn
