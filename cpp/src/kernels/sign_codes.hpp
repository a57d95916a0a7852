// Signs as bytes, as a plain loop that the compiler turns into vectors. Each tier includes this file.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace axnn {

static inline void sign_codes_of(const float* x, size_t count, uint8_t* codes) {
    for (size_t i = 0; i < count; i++) codes[i] = x[i] >= 0 ? 1 : (uint8_t)-1;
}

}  // namespace axnn
