// Binary GEMM by count tables: sums[r][n] -= 2 * popcount(block[r][i] ^ panel[i][n]).
//
// vpshufb looks up 32 nibbles of the panel in a row of 16 counts that the block's nibbles choose. Such a row
// serves two rows of the block, one in each half of a byte, so a lookup is 256 products; a half holds the
// counts of three nibbles (at most 12), then both are split off into bytes.
//
// Operand layout: block [words][16 nibbles][2 pairs of rows], a byte the nibbles of two rows, as many bits as
// the words have; panel [words][16 nibbles][64 columns], a nibble a byte. Tile: 4 rows x 64 columns, 8
// accumulators.
//
// Three nibbles of the tile, 3072 products, take 12 vpshufb from memory, 6 loads and broadcasts of counts,
// 6 loads and shifts of the block's bytes, 8 vpaddb, and to split 8 vpand, 4 vpsrlw, 8 vpaddb: 24 loads, 12
// cycles at two a cycle, a bound of 256 products a cycle; where vpshufb runs on one port the same 12 cycles.
// Measured on Zen 4: 1.2 times a table for one row, 1.3 to 2 times XOR and vpshufb popcount (Mula), 2 to 3
// times 64-bit popcnt, the lower figures on a busy machine.
//
// Overflow rule: bytes count 63 nibbles (252), 16-bit words 16380 nibbles (65520), then the sums take them.
#include <immintrin.h>
#include <string.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/avx2/transpose.hpp"

namespace axnn::avx2 {
namespace {

constexpr uint32_t rows = 4;
constexpr uint32_t pairs = rows / 2;
constexpr uint32_t columns = 64;
constexpr uint32_t vectors = columns / sizeof(__m256i);
constexpr uint32_t nibbles = 16;  // of a word
constexpr size_t block_word_bytes = nibbles * pairs;
constexpr size_t panel_word_bytes = nibbles * columns;

// Row r, for the nibbles r % 16 and r / 16 of two rows of a block: byte v holds the bits in which
// nibble v differs from the first, plus 16 times those in which it differs from the second.
struct PairCounts {
    alignas(64) uint8_t row[256][16];
};

constexpr PairCounts make_pair_counts() {
    PairCounts counts = {};
    for (unsigned r = 0; r < 256; r++)
        for (unsigned v = 0; v < 16; v++)
            counts.row[r][v] =
                (uint8_t)(__builtin_popcount(v ^ (r % 16)) + 16 * __builtin_popcount(v ^ (r / 16)));
    return counts;
}

constexpr PairCounts pair_counts = make_pair_counts();

// A block: [words][16 nibbles][2 pairs of rows], numbers of rows of counts.
void pack_block(const BitRows& bits, size_t words, void* block) {
    const uint64_t low_nibbles = 0x0f0f0f0f0f0f0f0f;
    __m128i* out = static_cast<__m128i*>(block);
    for (size_t i = 0; i < words; i++, out += 2) {
        uint64_t row[rows] = {};
        for (uint32_t r = 0; r < bits.rows; r++)
            row[r] = bits.words[r * bits.row_stride + i * bits.word_stride];
        __m128i even[pairs], odd[pairs];  // nibbles of a pair
        for (uint32_t p = 0; p < pairs; p++) {
            const uint64_t first = row[2 * p], second = row[2 * p + 1];
            even[p] = _mm_cvtsi64_si128((int64_t)((first & low_nibbles) | (second & low_nibbles) << 4));
            odd[p] = _mm_cvtsi64_si128((int64_t)((first >> 4 & low_nibbles) | (second & ~low_nibbles)));
        }
        const __m128i evens = _mm_unpacklo_epi8(even[0], even[1]);
        const __m128i odds = _mm_unpacklo_epi8(odd[0], odd[1]);
        _mm_store_si128(out, _mm_unpacklo_epi16(evens, odds));
        _mm_store_si128(out + 1, _mm_unpackhi_epi16(evens, odds));
    }
}

// Bits 4 r to 4 r + 3 of the 16-bit pieces of a packed word are row r's nibbles.
void unpack_block(const void* block, size_t words, uint64_t* unpacked, size_t row_stride) {
    const uint8_t* in = static_cast<const uint8_t*>(block);
    for (size_t i = 0; i < words; i++, in += block_word_bytes)
        for (uint32_t r = 0; r < rows; r++) {
            uint64_t word = 0;
            for (uint32_t quarter = 0; quarter < 4; quarter++) {
                uint64_t bytes;
                memcpy(&bytes, in + 8 * quarter, sizeof bytes);
                word |= _pext_u64(bytes, uint64_t{0x000f000f000f000f} << 4 * r) << 16 * quarter;
            }
            unpacked[r * row_stride + i] = word;
        }
}

// A panel: [words][16 nibbles][64 columns], a nibble a byte.
void pack_panel(const uint64_t* words, void* panel) {
    // Bytes of two neighbouring columns side by side.
    const __m256i zip =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
    const __m256i low_nibble = _mm256_set1_epi8(15);
    __m256i* out = static_cast<__m256i*>(panel);
    for (uint32_t v = 0; v < vectors; v++, words += 32) {
        __m256i byte[8];
        for (int i = 0; i < 8; i++)
            byte[i] = _mm256_shuffle_epi8(load_lanes(words + 2 * i, words + 16 + 2 * i), zip);
        transpose_8x8_words(byte);
        for (uint32_t b = 0; b < 8; b++) {
            _mm256_store_si256(out + 2 * b * vectors + v, _mm256_and_si256(byte[b], low_nibble));
            _mm256_store_si256(out + (2 * b + 1) * vectors + v,
                               _mm256_and_si256(_mm256_srli_epi16(byte[b], 4), low_nibble));
        }
    }
}

// A block's word holds 4 nibbles of its rows in two bytes, which become 4 bytes: a double word for each of
// 16 nibbles. Those of eight blocks, transposed, are 32 columns of each nibble.
void spread_blocks(const void* const* blocks, size_t words, void* panel) {
    constexpr uint32_t vector_blocks = sizeof(__m256i) / rows;
    const __m256i low_nibble = _mm256_set1_epi8(15);
    __m256i* out = static_cast<__m256i*>(panel);
    for (size_t i = 0; i < words; i++, out += nibbles * vectors)
        for (uint32_t v = 0; v < vectors; v++) {
            __m256i first[vector_blocks], second[vector_blocks];  // nibbles 0-3 and 8-11, 4-7 and 12-15
            for (uint32_t b = 0; b < vector_blocks; b++) {
                const void* block = blocks[v * vector_blocks + b];
                const __m256i bytes = block ? _mm256_load_si256(static_cast<const __m256i*>(block) + i)
                                            : _mm256_setzero_si256();
                const __m256i low = _mm256_and_si256(bytes, low_nibble);
                const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low_nibble);
                first[b] = _mm256_unpacklo_epi8(low, high);
                second[b] = _mm256_unpackhi_epi8(low, high);
            }
            transpose_8x8_dwords(first);
            transpose_8x8_dwords(second);
            for (uint32_t n = 0; n < 4; n++) {
                _mm256_store_si256(out + n * vectors + v, first[n]);
                _mm256_store_si256(out + (n + 4) * vectors + v, second[n]);
                _mm256_store_si256(out + (n + 8) * vectors + v, first[n + 4]);
                _mm256_store_si256(out + (n + 12) * vectors + v, second[n + 4]);
            }
        }
}

// Bytes of all rows and columns.
struct Counts {
    __m256i row[rows][vectors];
};

// Steps nibbles (at most 3, so that 4 bits hold a count) of all rows and columns.
template <int Steps>
void count_nibbles(const uint8_t*& block, const __m256i*& x, Counts& counts) {
    const __m256i low_nibble = _mm256_set1_epi8(15);
    // One pair after the other: the vectors of both beside 8 accumulators would not fit the registers.
#pragma GCC unroll 2
    for (uint32_t p = 0; p < pairs; p++) {
        __m256i both[vectors];
#pragma GCC unroll 3
        for (int s = 0; s < Steps; s++) {
            const __m256i row_counts = _mm256_broadcastsi128_si256(
                _mm_load_si128(reinterpret_cast<const __m128i*>(pair_counts.row[block[s * pairs + p]])));
#pragma GCC unroll 2
            for (uint32_t v = 0; v < vectors; v++) {
                const __m256i count = _mm256_shuffle_epi8(row_counts, _mm256_load_si256(x + s * vectors + v));
                both[v] = s ? _mm256_add_epi8(both[v], count) : count;
            }
        }
#pragma GCC unroll 2
        for (uint32_t v = 0; v < vectors; v++) {
            __m256i& first = counts.row[2 * p][v];
            __m256i& second = counts.row[2 * p + 1][v];
            first = _mm256_add_epi8(first, _mm256_and_si256(both[v], low_nibble));
            second = _mm256_add_epi8(second, _mm256_and_si256(_mm256_srli_epi16(both[v], 4), low_nibble));
        }
    }
    block += Steps * pairs;
    x += Steps * vectors;
}

// Counts of all rows and columns, as 16-bit words in the order that unpacking bytes gives: of 32 columns, 0-7
// and 16-23, then 8-15 and 24-31.
struct WideCounts {
    __m256i row[rows][vectors][2];
};

void add_counts(const Counts& counts, WideCounts& wide) {
    const __m256i zero = _mm256_setzero_si256();
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t v = 0; v < vectors; v++) {
            __m256i(&half)[2] = wide.row[r][v];
            half[0] = _mm256_add_epi16(half[0], _mm256_unpacklo_epi8(counts.row[r][v], zero));
            half[1] = _mm256_add_epi16(half[1], _mm256_unpackhi_epi8(counts.row[r][v], zero));
        }
}

// sums -= 2 * counts, or what they begin with.
void subtract_twice(const WideCounts& wide, const BinaryPass& pass, bool begin) {
    const __m256i first = _mm256_set1_epi32(pass.first);
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t v = 0; v < vectors; v++)
            for (uint32_t eight = 0; eight < 4; eight++) {
                const auto* count = reinterpret_cast<const __m128i*>(&wide.row[r][v][eight % 2]) + eight / 2;
                __m256i* sum = reinterpret_cast<__m256i*>(pass.sums + r * pass.stride + 32 * v + 8 * eight);
                const __m256i twice = _mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_load_si128(count)), 1);
                _mm256_storeu_si256(sum, _mm256_sub_epi32(begin ? first : _mm256_loadu_si256(sum), twice));
            }
}

void run(const BinaryPass& pass) {
    constexpr size_t byte_nibbles = 63;     // 4 * 63 bits fit a byte
    constexpr size_t wide_nibbles = 16380;  // 4 * 16380 bits fit 16 bits; a multiple of 63
    const uint8_t* row = static_cast<const uint8_t*>(pass.block);
    const __m256i* x = static_cast<const __m256i*>(pass.panel);
    const size_t all = pass.words * nibbles;
    for (size_t left = all; left > 0;) {
        const size_t some = left < wide_nibbles ? left : wide_nibbles;
        WideCounts wide = {};
        for (size_t first = 0; first < some; first += byte_nibbles) {
            const size_t group = some - first < byte_nibbles ? some - first : byte_nibbles;
            Counts counts;
            for (auto& r : counts.row)
                for (auto& v : r) v = _mm256_setzero_si256();
            size_t b = 0;
            for (; b + 3 <= group; b += 3) count_nibbles<3>(row, x, counts);
            if (group - b == 2) count_nibbles<2>(row, x, counts);
            if (group - b == 1) count_nibbles<1>(row, x, counts);
            add_counts(counts, wide);
        }
        subtract_twice(wide, pass, pass.begin && left == all);
        left -= some;
    }
}

}  // namespace

const BinaryGemm binary_gemm = {"pair_table_4x64_avx2",
                                rows,
                                columns,
                                block_word_bytes,
                                panel_word_bytes,
                                120,
                                110,
                                110,
                                pack_block,
                                unpack_block,
                                pack_panel,
                                spread_blocks,
                                run};

}  // namespace axnn::avx2
