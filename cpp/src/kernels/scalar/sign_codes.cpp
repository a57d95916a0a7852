// Signs as bytes. v >= 0 is true for both zeros and false for NaN, which is the library's sign().
#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {

void sign_codes(const float* x, size_t count, uint8_t* codes) {
    for (size_t i = 0; i < count; i++) codes[i] = x[i] >= 0 ? 1 : (uint8_t)-1;
}

}  // namespace axnn::scalar
