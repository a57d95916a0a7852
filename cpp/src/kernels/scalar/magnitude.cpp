#include "kernels/magnitude.hpp"

#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {

float largest_magnitude(const float* x, size_t count) { return largest_magnitude_of(x, count); }

}  // namespace axnn::scalar
