#include "kernels/noise.hpp"

#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {

void add_noise(const Noise& n) { add_noise_of(n); }

}  // namespace axnn::avx512
