#include "baselines.hpp"

namespace axnn::bench {

void b0_triple_loop(const int32_t* table, const uint8_t* w, const uint8_t* x, size_t x_stride,
                    GemmShape shape, int32_t* y) {
    for (size_t m = 0; m < shape.m; m++)
        for (size_t n = 0; n < shape.n; n++) {
            uint32_t sum = 0;
            for (size_t k = 0; k < shape.k; k++)
                sum += (uint32_t)table[256 * w[m * shape.k + k] + x[k * x_stride + n]];
            y[m * shape.n + n] = (int32_t)sum;
        }
}

}  // namespace axnn::bench
