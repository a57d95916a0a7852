#include "kernels/sign_codes.hpp"

#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {

void sign_codes(const float* x, size_t count, uint8_t* codes) { sign_codes_of(x, count, codes); }

}  // namespace axnn::scalar
