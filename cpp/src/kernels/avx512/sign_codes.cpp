#include "kernels/sign_codes.hpp"

#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {

void sign_codes(const float* x, size_t count, uint8_t* codes) { sign_codes_of(x, count, codes); }

}  // namespace axnn::avx512
