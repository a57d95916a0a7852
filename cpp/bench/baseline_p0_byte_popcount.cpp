#include "baselines.hpp"

namespace axnn::bench {

void p0_byte_popcount(const uint64_t* w, const uint64_t* x, GemmShape shape, int32_t* y) {
    const auto* weights = reinterpret_cast<const uint8_t*>(w);
    const auto* activations = reinterpret_cast<const uint8_t*>(x);
    const size_t bytes = shape.k / 8;
    for (size_t m = 0; m < shape.m; m++)
        for (size_t n = 0; n < shape.n; n++) {
            int32_t sum = 0;
            for (size_t i = 0; i < bytes; i++)
                sum += __builtin_popcount((unsigned)(weights[m * bytes + i] ^ activations[n * bytes + i]));
            y[m * shape.n + n] = sum;
        }
}

}  // namespace axnn::bench
