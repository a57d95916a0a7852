// Binary GEMM by 64-bit XOR and popcount: mismatches[c][n] += popcount(weight[c][i] ^ activation[i][n]).
//
// Operand layout: weights [words], one channel a block; activations [words][8].
#include <string.h>

#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {
namespace {

constexpr uint32_t columns = 8;

void pack_weights(const uint64_t* weights, size_t, uint32_t present, size_t words, void* packed) {
    if (present) memcpy(packed, weights, words * sizeof(uint64_t));
    else memset(packed, 0, words * sizeof(uint64_t));
}

void unpack_weights(const void* packed, size_t words, uint64_t* weights, size_t) {
    memcpy(weights, packed, words * sizeof(uint64_t));
}

void pack_panel(const uint64_t* words, void* panel) { memcpy(panel, words, columns * sizeof(uint64_t)); }

void run(const void* weights, const void* panel, size_t words, int32_t* mismatches, size_t) {
    const uint64_t* w = static_cast<const uint64_t*>(weights);
    const uint64_t* x = static_cast<const uint64_t*>(panel);
    for (size_t i = 0; i < words; i++)
        for (uint32_t n = 0; n < columns; n++)
            mismatches[n] += __builtin_popcountll(w[i] ^ x[i * columns + n]);
}

}  // namespace

const BinaryGemm binary_gemm = {"scalar_1x8",   1,          columns, 8, 8 * columns, pack_weights,
                                unpack_weights, pack_panel, run};

}  // namespace axnn::scalar
