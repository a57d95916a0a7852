// Table GEMM by vector tables: sums[n][c] += sum_k table[w[c][k]][code[k][n]], without a gather.
//
// For one tap k the weights of a block of channels are constants, so their table rows are transposed
// into a vector table: row x, 32 bytes, holds table[w[c][k]][x] for all c of the block. An activation
// then costs one load that serves the whole block. Eight taps are swept together, because the sums
// stream through the second-level cache and each sweep reads and writes them once.
//
// Operand layout: codes [ceil(taps / 8)][columns][8], each the byte offset code * 32 into a vector table;
// scratch: 8 vector tables of 8 KiB, of which absent taps use row 0 only (their codes are 0).
//
// A column of eight taps takes, with its bound where two loads (Intel) or six instructions (Zen 4) start
// in a cycle:
//   int16, 16 channels: 8 loads of codes, 8 of rows, 2 of sums; 8 unpacks, 8 vpmaddwd with ones, 8
//          additions: 128 products in 9 cycles, 14.2 a cycle; Zen 4 17.
//   int32, 8 channels: 8 loads of codes, 8 additions from memory, 1 of sums: 64 products in 8.5
//          cycles, 7.5 a cycle; Zen 4, with three scalar loads a cycle, 11.
// Making a table takes 3/2 unpacks for 16 entries of int16 and a store for each row; it costs as much
// as a sweep of some 250 columns. Codes of seven bits need half of its rows, and eight tables of these fit a
// first cache of 32 KB.
//
// Overflow rule: sums wrap modulo 2^32; the caller proves that the final sum fits. Two int16 entries
// are added in int32.
#include <immintrin.h>
#include <string.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/avx2/transpose.hpp"

namespace axnn::avx2 {
namespace {

constexpr uint32_t step = 8;  // taps
constexpr size_t table_rows = 256;
constexpr size_t row_bytes = sizeof(__m256i);
constexpr size_t table_bytes = table_rows * row_bytes;
constexpr size_t scratch_bytes = step * table_bytes;

void store_row(uint8_t* rows, size_t x, __m256i entries) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(rows + x * row_bytes), entries);
}

// The row that `code` names in the vector table of tap j.
__m256i products(const uint8_t* tables, uint32_t j, uint16_t code) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(tables + j * table_bytes + code));
}

struct Int16Entries {
    using Entry = int16_t;
    static constexpr uint32_t channels = 16;

    // Channels lie as 0-3, 8-11 | 4-7, 12-15 in the two lanes of a row, so that the unpacks of add_products
    // give 0-7 and 8-15.
    static void build_rows(const int16_t* table, const uint8_t* weights, size_t weight_stride,
                           size_t row_count, uint8_t* rows) {
        const int16_t* low[8];
        const int16_t* high[8];
        for (size_t i = 0; i < 8; i++) {
            const size_t c = i < 4 ? i : i + 4;
            low[i] = table + table_rows * weights[c * weight_stride];
            high[i] = table + table_rows * weights[(c + 4) * weight_stride];
        }
        for (size_t x = 0; x < row_count; x += 8) {
            __m256i row[8];
            for (size_t i = 0; i < 8; i++) row[i] = load_lanes(low[i] + x, high[i] + x);
            transpose_8x8_words(row);
            for (size_t i = 0; i < 8; i++) store_row(rows, x + i, row[i]);
        }
    }

    static void add_products(const uint8_t* tables, const uint16_t* codes, __m256i* sums) {
        const __m256i ones = _mm256_set1_epi16(1);
        __m256i first = _mm256_load_si256(sums);
        __m256i second = _mm256_load_si256(sums + 1);
#pragma GCC unroll 4
        for (uint32_t j = 0; j < step; j += 2) {
            const __m256i a = products(tables, j, codes[j]);
            const __m256i b = products(tables, j + 1, codes[j + 1]);
            first = _mm256_add_epi32(first, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), ones));
            second = _mm256_add_epi32(second, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), ones));
        }
        _mm256_store_si256(sums, first);
        _mm256_store_si256(sums + 1, second);
    }
};

struct Int32Entries {
    using Entry = int32_t;
    static constexpr uint32_t channels = 8;

    static void build_rows(const int32_t* table, const uint8_t* weights, size_t weight_stride,
                           size_t row_count, uint8_t* rows) {
        const int32_t* channel[8];
        for (size_t c = 0; c < 8; c++) channel[c] = table + table_rows * weights[c * weight_stride];
        for (size_t x = 0; x < row_count; x += 4) {
            __m256i row[4];
            for (size_t i = 0; i < 4; i++) row[i] = load_lanes(channel[i] + x, channel[i + 4] + x);
            transpose_4x4_dwords(row);
            for (size_t i = 0; i < 4; i++) store_row(rows, x + i, row[i]);
        }
    }

    static void add_products(const uint8_t* tables, const uint16_t* codes, __m256i* sums) {
        __m256i sum = _mm256_load_si256(sums);
#pragma GCC unroll 8
        for (uint32_t j = 0; j < step; j++) sum = _mm256_add_epi32(sum, products(tables, j, codes[j]));
        _mm256_store_si256(sums, sum);
    }
};

template <class Entries>
void run(const LutGemmPass& pass) {
    const auto* table = static_cast<const typename Entries::Entry*>(pass.table);
    auto* tables = static_cast<uint8_t*>(pass.scratch);
    constexpr size_t sum_vectors = Entries::channels * sizeof(int32_t) / sizeof(__m256i);
    const size_t row_count = (pass.code_end + 7) / 8 * 8;
    for (size_t k = 0; k < pass.taps; k += step) {
        for (uint32_t j = 0; j < step; j++) {
            uint8_t* rows = tables + j * table_bytes;
            if (k + j < pass.taps)
                Entries::build_rows(table, pass.weights + k + j, pass.weight_stride, row_count, rows);
            else memset(rows, 0, row_bytes);
        }
        const uint16_t* codes = pass.codes + k * pass.columns;
        auto* sums = reinterpret_cast<__m256i*>(pass.sums);
        for (size_t n = 0; n < pass.columns; n++)
            Entries::add_products(tables, codes + n * step, sums + n * sum_vectors);
    }
}

// ---- Packing ---------------------------------------------------------------------------------------

constexpr size_t tile_columns = 8;

// Codes of eight taps in eight columns, tap j in the low half of row[j], to [8 columns][8 taps] offsets.
void store_tile(const __m128i (&row)[step], uint16_t* packed) {
    // Bytes of taps 0246 and 1357 side by side, then of all eight: two columns a register.
    __m128i even[2], odd[2], columns[4];
    const __m128i taps04 = _mm_unpacklo_epi8(row[0], row[4]), taps26 = _mm_unpacklo_epi8(row[2], row[6]);
    const __m128i taps15 = _mm_unpacklo_epi8(row[1], row[5]), taps37 = _mm_unpacklo_epi8(row[3], row[7]);
    even[0] = _mm_unpacklo_epi8(taps04, taps26);
    even[1] = _mm_unpackhi_epi8(taps04, taps26);
    odd[0] = _mm_unpacklo_epi8(taps15, taps37);
    odd[1] = _mm_unpackhi_epi8(taps15, taps37);
    for (int i = 0; i < 2; i++) {
        columns[2 * i] = _mm_unpacklo_epi8(even[i], odd[i]);
        columns[2 * i + 1] = _mm_unpackhi_epi8(even[i], odd[i]);
    }
    constexpr int log2_row_bytes = 5;
    static_assert(row_bytes == size_t{1} << log2_row_bytes);
    for (int i = 0; i < 4; i++)
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(packed) + i,
                            _mm256_slli_epi16(_mm256_cvtepu8_epi16(columns[i]), log2_row_bytes));
}

__m128i load_codes(const uint8_t* codes) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes)); }

// Up to eight codes that lie `stride` apart; the others are 0.
__m128i gather_codes(const uint8_t* codes, size_t count, size_t stride) {
    uint64_t value = 0;
    for (size_t n = 0; n < count; n++) value |= (uint64_t)codes[n * stride] << (8 * n);
    return _mm_cvtsi64_si128((long long)value);
}

void pack(const uint8_t* const* taps, size_t columns, size_t stride, uint16_t* packed) {
    __m128i row[step];
    size_t n = 0;
    if (stride == 1 && columns >= tile_columns) {
        while (n < columns) {
            // The last tile overlaps the one before it.
            if (n > columns - tile_columns) n = columns - tile_columns;
            for (uint32_t j = 0; j < step; j++)
                row[j] = taps[j] ? load_codes(taps[j] + n) : _mm_setzero_si128();
            store_tile(row, packed + n * step);
            n += tile_columns;
        }
        return;
    }
    for (; n < columns; n += tile_columns) {
        const size_t count = columns - n < tile_columns ? columns - n : tile_columns;
        for (uint32_t j = 0; j < step; j++)
            row[j] = taps[j] ? gather_codes(taps[j] + n * stride, count, stride) : _mm_setzero_si128();
        if (count == tile_columns) {
            store_tile(row, packed + n * step);
        } else {
            uint16_t tile[tile_columns * step];
            store_tile(row, tile);
            memcpy(packed + n * step, tile, count * step * sizeof(uint16_t));
        }
    }
}

}  // namespace

const LutGemm lut_gemm_int16 = {
    "vector_table_int16_16x8_avx2", Int16Entries::channels, step, scratch_bytes, pack, run<Int16Entries>};
const LutGemm lut_gemm_int32 = {
    "vector_table_int32_8x8_avx2", Int32Entries::channels, step, scratch_bytes, pack, run<Int32Entries>};

}  // namespace axnn::avx2
