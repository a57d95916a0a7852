// Binary GEMM by 64-bit XOR and popcount: sums[0][n] -= 2 * popcount(block[0][i] ^ panel[i][n]).
//
// Operand layout: block [words], one row; panel [words][8].
#include <string.h>

#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {
namespace {

constexpr uint32_t columns = 8;

void pack_block(const BitRows& bits, size_t words, void* block) {
    uint64_t* out = static_cast<uint64_t*>(block);
    for (size_t i = 0; i < words; i++) out[i] = bits.rows ? bits.words[i * bits.word_stride] : 0;
}

void unpack_block(const void* block, size_t words, uint64_t* unpacked, size_t) {
    memcpy(unpacked, block, words * sizeof(uint64_t));
}

void pack_panel(const uint64_t* words, void* panel) { memcpy(panel, words, columns * sizeof(uint64_t)); }

void spread_blocks(const void* const* blocks, size_t words, void* panel) {
    uint64_t* out = static_cast<uint64_t*>(panel);
    for (size_t i = 0; i < words; i++)
        for (uint32_t n = 0; n < columns; n++)
            *out++ = blocks[n] ? static_cast<const uint64_t*>(blocks[n])[i] : 0;
}

void run(const BinaryPass& pass) {
    const uint64_t* w = static_cast<const uint64_t*>(pass.block);
    const uint64_t* x = static_cast<const uint64_t*>(pass.panel);
    for (uint32_t n = 0; n < columns; n++) {
        uint32_t sum = (uint32_t)(pass.begin ? pass.first : pass.sums[n]);
        for (size_t i = 0; i < pass.words; i++)
            sum -= 2 * (uint32_t)__builtin_popcountll(w[i] ^ x[i * columns + n]);
        pass.sums[n] = (int32_t)sum;
    }
}

}  // namespace

const BinaryGemm binary_gemm = {"scalar_1x8", 1,          columns,       8,  8 * columns, 4, 8, 8, pack_block,
                                unpack_block, pack_panel, spread_blocks, run};

}  // namespace axnn::scalar
