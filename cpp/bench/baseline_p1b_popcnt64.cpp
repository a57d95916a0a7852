#include "baselines.hpp"

namespace axnn::bench {

void p1b_popcnt64(const uint64_t* w, const uint64_t* x, GemmShape shape, int32_t* y) {
    constexpr size_t rows = 4;
    const size_t words = shape.k / 64;
    for (size_t n = 0; n < shape.n; n++)
        for (size_t m = 0; m < shape.m; m += rows) {
            const uint64_t* weights = w + m * words;
            int64_t sums[rows] = {};
            for (size_t i = 0; i < words; i++)
#pragma GCC unroll 4
                for (size_t r = 0; r < rows; r++)
                    sums[r] += __builtin_popcountll(weights[r * words + i] ^ x[n * words + i]);
            for (size_t r = 0; r < rows; r++) y[(m + r) * shape.n + n] = (int32_t)sums[r];
        }
}

}  // namespace axnn::bench
