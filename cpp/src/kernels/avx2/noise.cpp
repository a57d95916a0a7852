#include "kernels/noise.hpp"

#include "kernels/avx2/avx2.hpp"

namespace axnn::avx2 {

void add_noise(const Noise& n) { add_noise_of(n); }

}  // namespace axnn::avx2
