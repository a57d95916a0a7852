#include "kernels/magnitude.hpp"

#include "kernels/avx2/avx2.hpp"

namespace axnn::avx2 {

float largest_magnitude(const float* x, size_t count) { return largest_magnitude_of(x, count); }

}  // namespace axnn::avx2
