#include "kernels/noise.hpp"

#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {

void add_noise(const Noise& n) { add_noise_of(n); }

}  // namespace axnn::scalar
