// Table GEMM by vector tables, without a gather: a tier includes this file in its own lut_gemm.cpp, inside
// its own anonymous namespace, after <immintrin.h>, <string.h>, avx2/transpose.hpp and after
//   __m256i add_pairs(__m256i sums, __m256i words)   int32 sums plus the two int16 words of each
//
// Formula: sums[n][l] += sum_k table[lane[k][l]][index[k][n]].
//
// For one tap k the lanes of a block are constants, so their table rows are transposed into a vector table:
// row x, 32 bytes, holds table[lane[k][l]][x] for all lanes l. An index then costs one load that serves the
// whole block. Eight taps are swept together, because the sums stream through the second-level cache and
// each sweep reads and writes them once.
//
// Operand layout: indices [ceil(taps / 8)][count][8], each the byte offset index * 32 into a vector table;
// scratch: 8 vector tables of 8 KiB, of which absent taps use row 0 only (their indices are 0).
//
// For an index of eight taps every class of entries loads 8 offsets and 8 rows; then
//   uint8, 32 lanes: each row is added twice, as words and by its upper bytes alone; what the words have too
//          much is taken out at the end, and four vectors of sums are widened and added. 256 products in 54
//          instructions: 28 a cycle where six start in one; 22 where three vector units share 34 of them.
//   int13, 16 lanes: eight words are added in int16, then two vectors of sums. 128 products for 18 loads:
//          14.2 a cycle with two loads a cycle, 21 with three.
//   int15, 16 lanes: two words are added in int16, pairs of these in int32: 4 unpacks, 4 vpmaddwd with ones,
//          4 + 4 additions. Loads bound it as they do int13.
//   int16, 16 lanes: pairs of words are added in int32: 8 unpacks, 8 vpmaddwd, 8 additions: 44 instructions,
//          14.2 a cycle for two loads a cycle, 17 for six instructions.
//   int32, 8 lanes: 8 additions from memory: 64 products in 8.5 cycles, 7.5 a cycle; 11 with three loads.
// Making a table takes 3/2 shuffles for 16 entries of int16, twice that for uint8, 2 for int32, and a store
// for each row; it costs as much as a sweep of some 350 indices. Indices of seven bits need half of its rows,
// and eight tables of these fit a first cache of 32 KB. Where entries are odd in the index (sign-magnitude
// multipliers) half of the rows are transposed and the others are their negatives.
//
// Overflow rule: sums wrap modulo 2^32; the caller proves that the final sum fits. Eight entries of 13 bits
// (-4096..4095), two of 15 bits (-16384..16383) and eight of 0..255 fit 16 bits.

constexpr uint32_t step = 8;  // taps
constexpr size_t index_values = 256;
constexpr size_t row_bytes = sizeof(__m256i);
constexpr size_t table_bytes = index_values * row_bytes;
constexpr size_t scratch_bytes = step * table_bytes;

static inline void store_row(uint8_t* rows, size_t x, __m256i entries) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(rows + x * row_bytes), entries);
}

// Rows from x on, and where the table is odd those of the opposite indices, which are the negatives.
template <size_t count, typename Negative>
static inline void store_rows(uint8_t* rows, size_t x, const __m256i (&row)[count], bool odd,
                              const Negative& negative) {
    for (size_t i = 0; i < count; i++) store_row(rows, x + i, row[i]);
    if (!odd) return;
    for (size_t i = 0; i < count; i++)
        store_row(rows, (index_values - x - i) % index_values, negative(row[i]));
}

// The row that `offset` names in the vector table of tap j.
static inline __m256i row_of(const uint8_t* tables, uint32_t j, uint16_t offset) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(tables + j * table_bytes + offset));
}

struct Uint8Entries {
    using Entry = uint8_t;
    static constexpr uint32_t lanes = 32;
    static constexpr bool mirrors = false;  // makes odd tables from half of their rows

    // In a row lanes 0-15 are the lower bytes of its words and lanes 16-31 the upper ones, and words come as
    // 0-3, 8-11 | 4-7, 12-15, so that the unpacks of add_products give 0-7 and 8-15.
    static void build_rows(const uint8_t* table, const uint8_t* lane, size_t row_count, bool, uint8_t* rows) {
        const uint8_t* lower[2][8];
        const uint8_t* upper[2][8];
        for (size_t i = 0; i < 8; i++)
            for (size_t half = 0; half < 2; half++) {
                const size_t word = (i < 4 ? i : i + 4) + 4 * half;
                lower[half][i] = table + index_values * lane[word];
                upper[half][i] = table + index_values * lane[word + 16];
            }
        for (size_t x = 0; x < row_count; x += 16) {
            __m256i first[8], second[8];  // words of indices x to x + 7, x + 8 to x + 15
            for (size_t i = 0; i < 8; i++) {
                const __m256i low = load_lanes(lower[0][i] + x, lower[1][i] + x);
                const __m256i high = load_lanes(upper[0][i] + x, upper[1][i] + x);
                first[i] = _mm256_unpacklo_epi8(low, high);
                second[i] = _mm256_unpackhi_epi8(low, high);
            }
            transpose_8x8_words(first);
            for (size_t i = 0; i < 8; i++) store_row(rows, x + i, first[i]);
            transpose_8x8_words(second);
            for (size_t i = 0; i < 8; i++) store_row(rows, x + 8 + i, second[i]);
        }
    }

    static void add_products(const uint8_t* tables, const uint16_t* offsets, __m256i* sums) {
        __m256i words = row_of(tables, 0, offsets[0]);
        __m256i upper = _mm256_srli_epi16(words, 8);
#pragma GCC unroll 8
        for (uint32_t j = 1; j < step; j++) {
            const __m256i row = row_of(tables, j, offsets[j]);
            words = _mm256_add_epi16(words, row);
            upper = _mm256_add_epi16(upper, _mm256_srli_epi16(row, 8));
        }
        const __m256i lower = _mm256_sub_epi16(words, _mm256_slli_epi16(upper, 8));
        const __m256i zero = _mm256_setzero_si256();
        add(sums, _mm256_unpacklo_epi16(lower, zero));
        add(sums + 1, _mm256_unpackhi_epi16(lower, zero));
        add(sums + 2, _mm256_unpacklo_epi16(upper, zero));
        add(sums + 3, _mm256_unpackhi_epi16(upper, zero));
    }

  private:
    static void add(__m256i* sums, __m256i products) {
        _mm256_store_si256(sums, _mm256_add_epi32(_mm256_load_si256(sums), products));
    }
};

// additions: entries that are added in int16.
template <uint32_t additions>
struct Int16Entries {
    using Entry = int16_t;
    static constexpr uint32_t lanes = 16;
    static constexpr bool mirrors = true;

    // In a row lanes come as 0-3, 8-11 | 4-7, 12-15, so that the unpacks of add_products give 0-7 and 8-15.
    static void build_rows(const int16_t* table, const uint8_t* lane, size_t row_count, bool odd,
                           uint8_t* rows) {
        const int16_t* low[8];
        const int16_t* high[8];
        for (size_t i = 0; i < 8; i++) {
            const size_t l = i < 4 ? i : i + 4;
            low[i] = table + index_values * lane[l];
            high[i] = table + index_values * lane[l + 4];
        }
        for (size_t x = 0; x < row_count; x += 8) {
            __m256i row[8];
            for (size_t i = 0; i < 8; i++) row[i] = load_lanes(low[i] + x, high[i] + x);
            transpose_8x8_words(row);
            store_rows(rows, x, row, odd,
                       [](__m256i v) { return _mm256_sub_epi16(_mm256_setzero_si256(), v); });
        }
    }

    static void add_products(const uint8_t* tables, const uint16_t* offsets, __m256i* sums) {
        __m256i first = _mm256_load_si256(sums);
        __m256i second = _mm256_load_si256(sums + 1);
        if constexpr (additions == step) {
            const __m256i words = sum_of<step>(tables, 0, offsets);
            const __m256i signs = _mm256_srai_epi16(words, 15);
            first = _mm256_add_epi32(first, _mm256_unpacklo_epi16(words, signs));
            second = _mm256_add_epi32(second, _mm256_unpackhi_epi16(words, signs));
        } else {
#pragma GCC unroll 4
            for (uint32_t j = 0; j < step; j += 2 * additions) {
                const __m256i a = sum_of<additions>(tables, j, offsets);
                const __m256i b = sum_of<additions>(tables, j + additions, offsets);
                first = add_pairs(first, _mm256_unpacklo_epi16(a, b));
                second = add_pairs(second, _mm256_unpackhi_epi16(a, b));
            }
        }
        _mm256_store_si256(sums, first);
        _mm256_store_si256(sums + 1, second);
    }

  private:
    template <uint32_t taps>
    static __m256i sum_of(const uint8_t* tables, uint32_t first, const uint16_t* offsets) {
        __m256i sum = row_of(tables, first, offsets[first]);
#pragma GCC unroll 8
        for (uint32_t j = first + 1; j < first + taps; j++)
            sum = _mm256_add_epi16(sum, row_of(tables, j, offsets[j]));
        return sum;
    }
};

struct Int32Entries {
    using Entry = int32_t;
    static constexpr uint32_t lanes = 8;
    static constexpr bool mirrors = true;

    static void build_rows(const int32_t* table, const uint8_t* lane, size_t row_count, bool odd,
                           uint8_t* rows) {
        const int32_t* entries[8];
        for (size_t l = 0; l < 8; l++) entries[l] = table + index_values * lane[l];
        for (size_t x = 0; x < row_count; x += 4) {
            __m256i row[4];
            for (size_t i = 0; i < 4; i++) row[i] = load_lanes(entries[i] + x, entries[i + 4] + x);
            transpose_4x4_dwords(row);
            store_rows(rows, x, row, odd,
                       [](__m256i v) { return _mm256_sub_epi32(_mm256_setzero_si256(), v); });
        }
    }

    static void add_products(const uint8_t* tables, const uint16_t* offsets, __m256i* sums) {
        __m256i sum = _mm256_load_si256(sums);
#pragma GCC unroll 8
        for (uint32_t j = 0; j < step; j++) sum = _mm256_add_epi32(sum, row_of(tables, j, offsets[j]));
        _mm256_store_si256(sums, sum);
    }
};

template <class Entries>
void run(const LutGemmPass& pass) {
    const auto* table = static_cast<const typename Entries::Entry*>(pass.table);
    auto* tables = static_cast<uint8_t*>(pass.scratch);
    constexpr size_t sum_vectors = Entries::lanes * sizeof(int32_t) / sizeof(__m256i);
    const size_t row_count =
        pass.odd && Entries::mirrors ? index_values / 2 : (pass.index_end + 15) / 16 * 16;
    for (size_t k = 0; k < pass.taps; k += step) {
        for (uint32_t j = 0; j < step; j++) {
            uint8_t* rows = tables + j * table_bytes;
            if (k + j < pass.taps)
                Entries::build_rows(table, pass.lanes + (k + j) * Entries::lanes, row_count, pass.odd, rows);
            else memset(rows, 0, row_bytes);
        }
        const uint16_t* offsets = pass.indices + k * pass.index_stride;
        auto* sums = reinterpret_cast<__m256i*>(pass.sums);
        for (size_t n = 0; n < pass.count; n++)
            Entries::add_products(tables, offsets + n * step, sums + n * sum_vectors);
    }
}
