// Binary GEMM by carry-save additions: sums[r][n] -= 2 * popcount(block[r][i] ^ panel[i][n]).
//
// Of three differing words u, v, t the sum bits are u ^ v ^ t and the carries their majority, so
//   popcount(u) + popcount(v) + popcount(t) = popcount(u ^ v ^ t) + 2 popcount(majority):
// two counts in place of three. The sum of three differences is the difference of the parities, which are
// made once for a tile: parity(x) ^ parity(w) is one XOR (Harley and Seal's counter; Mula, Kurz and Lemire,
// "Faster Population Counts Using AVX2 Instructions", have the majority of three).
//
// Operand layout: block [words][2 halves][8 rows], panel [words][2 halves][32 columns], both in double words.
// Tile: 8 rows x 2 vectors of 16 columns, 16 accumulators.
//
// Three double words of a row and 16 columns, 1536 products, take 3 vpxord with a broadcast from memory,
// 1 vpternlogd, 2 vpopcntb, 2 vpdpbusd, which sums the counts of four bytes once or twice; with the parities
// 8.3 instructions on two ports: a bound of 370 products a cycle. Double words that are left over are counted
// one by one: 3 instructions for 512 products.
//
// Overflow rule: a lane of an accumulator counts less than 2^31 bits; twice that is subtracted modulo 2^32.
#include <immintrin.h>

#include "kernels/avx512/avx512.hpp"

namespace axnn::avx512 {
namespace {

constexpr uint32_t rows = 8;
constexpr uint32_t vectors = 2;
constexpr uint32_t vector_columns = 16;
constexpr uint32_t columns = vectors * vector_columns;
constexpr size_t block_word_bytes = 2 * rows * sizeof(uint32_t);
constexpr size_t panel_word_bytes = 2 * columns * sizeof(uint32_t);

void pack_block(const BitRows& bits, size_t words, void* block) {
    auto* out = static_cast<uint32_t*>(block);
    for (size_t i = 0; i < words; i++, out += 2 * rows)
        for (uint32_t r = 0; r < rows; r++) {
            const uint64_t word = r < bits.rows ? bits.words[r * bits.row_stride + i * bits.word_stride] : 0;
            out[r] = (uint32_t)word;
            out[rows + r] = (uint32_t)(word >> 32);
        }
}

void unpack_block(const void* block, size_t words, uint64_t* unpacked, size_t row_stride) {
    const auto* in = static_cast<const uint32_t*>(block);
    for (size_t i = 0; i < words; i++, in += 2 * rows)
        for (uint32_t r = 0; r < rows; r++)
            unpacked[r * row_stride + i] = in[r] | (uint64_t)in[rows + r] << 32;
}

void pack_panel(const uint64_t* words, void* panel) {
    auto* out = static_cast<__m256i*>(panel);
    constexpr uint32_t eights = columns / 8;
    for (uint32_t i = 0; i < eights; i++) {
        const __m512i eight = _mm512_loadu_si512(words + 8 * i);
        _mm256_store_si256(out + i, _mm512_cvtepi64_epi32(eight));
        _mm256_store_si256(out + eights + i, _mm512_cvtepi64_epi32(_mm512_srli_epi64(eight, 32)));
    }
}

void spread_blocks(const void* const* blocks, size_t words, void* panel) {
    auto* out = static_cast<__m256i*>(panel);
    for (size_t half = 0; half < 2 * words; half++)
        for (uint32_t b = 0; b < columns / rows; b++, out++)
            _mm256_store_si256(out, blocks[b]
                                        ? _mm256_load_si256(static_cast<const __m256i*>(blocks[b]) + half)
                                        : _mm256_setzero_si256());
}

__m512i spread(uint32_t word) { return _mm512_set1_epi32((int)word); }

// Truth tables of vpternlogd.
constexpr int parity = 0x96;
// The majority of u, v and t, where the third operand is u ^ v ^ t.
constexpr int majority_of_sum = 0xd4;

struct Counts {
    __m512i row[rows][vectors];
};

// counts += factor * popcount(bits), in each double word.
void add_count(__m512i& counts, __m512i bits, int factor) {
    counts = _mm512_dpbusd_epi32(counts, _mm512_popcnt_epi8(bits), _mm512_set1_epi8((char)factor));
}

// Three double words of all rows and columns.
void count_three(const uint32_t* w, const uint32_t* x, Counts& counts) {
    alignas(32) uint32_t w_parity[rows];
    const auto row = [w](int i) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + (size_t)i * rows));
    };
    _mm256_store_si256(reinterpret_cast<__m256i*>(w_parity),
                       _mm256_ternarylogic_epi32(row(0), row(1), row(2), parity));
    const uint32_t* parities = w_parity;
    __m512i first[vectors], second[vectors], x_parity[vectors];
#pragma GCC unroll 2
    for (uint32_t v = 0; v < vectors; v++) {
        first[v] = _mm512_load_si512(x + v * vector_columns);
        second[v] = _mm512_load_si512(x + columns + v * vector_columns);
        const __m512i third = _mm512_load_si512(x + 2 * columns + v * vector_columns);
        x_parity[v] = _mm512_ternarylogic_epi32(first[v], second[v], third, parity);
    }
#pragma GCC unroll 8
    for (uint32_t r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (uint32_t v = 0; v < vectors; v++) {
            // Loads of the block stay behind this: moved up, they would push accumulators out of the
            // registers.
            __asm__ volatile("" : "+r"(w), "+r"(parities));
            const __m512i a = _mm512_xor_si512(first[v], spread(w[r]));
            const __m512i b = _mm512_xor_si512(second[v], spread(w[rows + r]));
            const __m512i sum = _mm512_xor_si512(x_parity[v], spread(parities[r]));
            add_count(counts.row[r][v], sum, 1);
            add_count(counts.row[r][v], _mm512_ternarylogic_epi32(a, b, sum, majority_of_sum), 2);
        }
}

void count_one(const uint32_t* w, const uint32_t* x, Counts& counts) {
#pragma GCC unroll 2
    for (uint32_t v = 0; v < vectors; v++) {
        const __m512i bits = _mm512_load_si512(x + v * vector_columns);
#pragma GCC unroll 8
        for (uint32_t r = 0; r < rows; r++)
            add_count(counts.row[r][v], _mm512_xor_si512(bits, spread(w[r])), 1);
    }
}

void run(const BinaryPass& pass) {
    const auto* w = static_cast<const uint32_t*>(pass.block);
    const auto* x = static_cast<const uint32_t*>(pass.panel);
    const __m512i first = _mm512_set1_epi32(pass.first);
    Counts counts;
    for (auto& row : counts.row)
        for (auto& v : row) v = _mm512_setzero_si512();
    size_t left = 2 * pass.words;
    for (; left >= 3; left -= 3, w += 3 * rows, x += 3 * columns) count_three(w, x, counts);
    for (; left > 0; left--, w += rows, x += columns) count_one(w, x, counts);
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t v = 0; v < vectors; v++) {
            int32_t* sum = pass.sums + r * pass.stride + v * vector_columns;
            const __m512i twice = _mm512_slli_epi32(counts.row[r][v], 1);
            _mm512_storeu_si512(sum, _mm512_sub_epi32(pass.begin ? first : _mm512_loadu_si512(sum), twice));
        }
}

}  // namespace

const BinaryGemm binary_gemm = {"carry_save_8x32_avx512",
                                rows,
                                columns,
                                block_word_bytes,
                                panel_word_bytes,
                                300,
                                20,
                                20,
                                pack_block,
                                unpack_block,
                                pack_panel,
                                spread_blocks,
                                run};

}  // namespace axnn::avx512
