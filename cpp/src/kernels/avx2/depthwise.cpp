// Depthwise table sums by vector tables: sums[i][j] += sum_(r, s) table[weight[r][s]][value at (r, s) of i,
// j].
//
// The weights of a channel's kernel are constants. For each kernel column s, four kernel rows become the
// lanes of a vector table: P_s[x] = table[weight[r..r+3][s]][x] as int32, 16 bytes for each x. An input row h
// then gives
//   z(j) = sum_s P_s[value(h, column of j and s)],
// one load and addition for four products, and lane l of z(j) belongs to the output row of which h is tap row
// r + l. Blocks of eight z are transposed, so that lanes become runs of a row of sums and are added there.
//
// Operand layout: values in place in the patch. Scratch: up to six vector tables of 4 KiB, and for a part of
// an input row the byte offsets of its values' rows. Rows x and x + half of a vector table lie side by side,
// since they are made in the two halves of a register; half is 128, or 64 for values of seven bits.
//
// Instructions for eight columns of a 3x3 kernel: 10 loads of offsets; 24 loads of which 16 are additions; 4
// vinserti128, 7 vpunpck, 3 additions and 3 stores: 72 products. Bound: two loads of vectors start in a
// cycle, 27 are needed, 5.3 products a cycle. Making a vector table takes 256 stores of 16 bytes, two at a
// time, and as many unpacks: 130 cycles. Few outputs are better served by vpgatherdd (gather). Overflow rule:
// sums wrap modulo 2^32.
#include <immintrin.h>
#include <string.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/avx2/transpose.hpp"
#include "kernels/scalar/scalar.hpp"

namespace axnn::avx2 {
namespace {

constexpr size_t lanes = 8;
#include "kernels/depthwise_loops.hpp"

using Pass = DepthwisePass<uint8_t, int32_t>;

constexpr size_t table_lanes = 4;
constexpr size_t table_bytes = 256 * table_lanes * sizeof(int32_t);
constexpr size_t max_tables = 6;
constexpr size_t block_columns = 8;
constexpr size_t max_columns = 128;  // of a strip
constexpr size_t max_offsets = 6144;
constexpr size_t scratch_bytes = max_tables * table_bytes + max_offsets * sizeof(uint16_t);

__m256i load(const void* source) { return _mm256_loadu_si256(static_cast<const __m256i*>(source)); }
void store(void* target, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(target), v); }

size_t least(size_t a, size_t b) { return a < b ? a : b; }
int32_t wrapping_add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }

// ---- Vector tables -----------------------------------------------------------------------------------

void store_rows(uint8_t* rows, size_t x, __m256i entries) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(rows) + x, entries);
}

void build_table(const int32_t* const (&row)[table_lanes], size_t half, uint8_t* rows) {
    for (size_t x = 0; x < half; x += 4) {
        __m256i entries[4];
        for (size_t l = 0; l < 4; l++) entries[l] = load_lanes(row[l] + x, row[l] + half + x);
        transpose_4x4_dwords(entries);
        for (size_t i = 0; i < 4; i++) store_rows(rows, x + i, entries[i]);
    }
}

// Pairs of int16 entries are transposed; vpmaddwd with 1 and 0 takes them apart.
void build_table(const int16_t* const (&row)[table_lanes], size_t half, uint8_t* rows) {
    const __m256i first = _mm256_set1_epi32(1), second = _mm256_set1_epi32(1 << 16);
    for (size_t x = 0; x < half; x += 8) {
        __m256i pairs[4];
        for (size_t l = 0; l < 4; l++) pairs[l] = load_lanes(row[l] + x, row[l] + half + x);
        transpose_4x4_dwords(pairs);
        for (size_t i = 0; i < 4; i++) {
            store_rows(rows, x + 2 * i, _mm256_madd_epi16(pairs[i], first));
            store_rows(rows, x + 2 * i + 1, _mm256_madd_epi16(pairs[i], second));
        }
    }
}

// ---- Offsets -----------------------------------------------------------------------------------------

// Where a value's row is in a vector table: at 32 * x for x < half, and 16 bytes behind x - half for the
// others.
struct Offsets {
    explicit Offsets(size_t half) : mask(32 * (uint32_t)(half - 1) | 16), shift(half == 128 ? 3 : 2) {}

    uint16_t of(uint32_t value) const { return (uint16_t)((value << 5 | value >> shift) & mask); }

    // offsets[j] of values[j * stride] for j < count, then 0 for j < padded.
    void fill(const uint8_t* values, size_t stride, size_t count, size_t padded, uint16_t* offsets) const {
        const __m128i word_mask = _mm_set1_epi16((short)mask);
        const __m128i word_shift = _mm_cvtsi32_si128((int)shift);
        const auto store_eight = [&](size_t j, __m128i words) {
            const __m128i low = _mm_slli_epi16(words, 5), high = _mm_srl_epi16(words, word_shift);
            _mm_storeu_si128(reinterpret_cast<__m128i*>(offsets + j),
                             _mm_and_si128(_mm_or_si128(low, high), word_mask));
        };
        const auto bytes = [](const uint8_t* from) { return reinterpret_cast<const __m128i*>(from); };
        size_t done = 0;
        // The last eight overlap those before them.
        if (stride == 1 && count >= 8)
            for (; done < count; done += 8) {
                done = least(done, count - 8);
                store_eight(done, _mm_cvtepu8_epi16(_mm_loadl_epi64(bytes(values + done))));
            }
        // The last of sixteen bytes is no value: those of the last eight values begin one byte earlier.
        if (stride == 2 && count > 8) {
            for (; done + 8 < count; done += 8)
                store_eight(done,
                            _mm_and_si128(_mm_loadu_si128(bytes(values + 2 * done)), _mm_set1_epi16(0xff)));
            store_eight(count - 8, _mm_srli_epi16(_mm_loadu_si128(bytes(values + 2 * (count - 8) - 1)), 8));
            done = count;
        }
        for (; done < count; done++) offsets[done] = of(values[done * stride]);
        for (; done < padded; done++) offsets[done] = 0;
    }

    uint32_t mask;
    uint32_t shift;
};

// ---- Sums --------------------------------------------------------------------------------------------

// Some rows and columns of sums, and the input rows that they need: lane l of input row m belongs to row m -
// l.
struct Strip {
    const uint8_t* tables;
    const uint16_t* offsets;  // of input row m, kernel column s and column j at m * pitch + s * step + j
    size_t pitch;
    size_t step;
    size_t ss;
    size_t rows;
    size_t columns;
    int32_t* sums;
    size_t sum_step;  // from a row to the next
};

__m128i products(const uint8_t* tables, size_t s, size_t offset) {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(tables + s * table_bytes + offset));
}

// z of eight columns whose three kernel columns are neighbours. Offsets are loaded in fours, and few loads
// are left to those of table rows.
[[gnu::always_inline]] inline void sum_three(const Strip& strip, const uint16_t* offsets,
                                             __m128i (&z)[block_columns]) {
    constexpr size_t count = block_columns + 2;
    size_t offset[count + 2];
#pragma GCC unroll 3
    for (size_t i = 0; i < count; i += 4) {
        uint64_t four = 0;
        memcpy(&four, offsets + i, i + 4 <= count ? 8 : 4);
        offset[i] = four & 0xffff;
        offset[i + 1] = _bextr_u64(four, 16, 16);
        offset[i + 2] = _bextr_u64(four, 32, 16);
        offset[i + 3] = four >> 48;
    }
#pragma GCC unroll 8
    for (size_t j = 0; j < block_columns; j++)
        z[j] = _mm_add_epi32(
            _mm_add_epi32(products(strip.tables, 0, offset[j]), products(strip.tables, 1, offset[j + 1])),
            products(strip.tables, 2, offset[j + 2]));
}

// The same for any kernel columns.
[[gnu::always_inline]] inline void sum_any(const Strip& strip, const uint16_t* offsets,
                                           __m128i (&z)[block_columns]) {
#pragma GCC unroll 8
    for (size_t j = 0; j < block_columns; j++) z[j] = products(strip.tables, 0, offsets[j]);
    for (size_t s = 1; s < strip.ss; s++)
#pragma GCC unroll 8
        for (size_t j = 0; j < block_columns; j++)
            z[j] = _mm_add_epi32(z[j], products(strip.tables, s, offsets[s * strip.step + j]));
}

void add_to(int32_t* sums, size_t columns, __m256i v) {
    if (columns == block_columns) return store(sums, _mm256_add_epi32(load(sums), v));
    __m128i four = _mm256_castsi256_si128(v);
    if (columns >= 4) {
        auto* target = reinterpret_cast<__m128i*>(sums);
        _mm_storeu_si128(target, _mm_add_epi32(_mm_loadu_si128(target), four));
        four = _mm256_extracti128_si256(v, 1);
        sums += 4;
        columns -= 4;
    }
    alignas(16) int32_t rest[4];
    _mm_store_si128(reinterpret_cast<__m128i*>(rest), four);
    for (size_t j = 0; j < columns; j++) sums[j] = wrapping_add(sums[j], rest[j]);
}

// Walks down the input rows: sums that still lack lanes stay in registers.
template <size_t lane_count, bool three>
void add_block(const Strip strip, size_t j, size_t columns) {
    const uint16_t* offsets = strip.offsets + j;
    __m256i pending[table_lanes] = {};  // [l]: sums that lack lanes l and up
    const auto next = [&]() __attribute__((always_inline)) {
        __m128i z[block_columns];
        three ? sum_three(strip, offsets, z) : sum_any(strip, offsets, z);
        offsets += strip.pitch;
        __m256i run[table_lanes];
#pragma GCC unroll 4
        for (size_t i = 0; i < 4; i++)
            run[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(z[i]), z[i + 4], 1);
        transpose_4x4_dwords(run);
        const __m256i done = _mm256_add_epi32(pending[lane_count - 1], run[lane_count - 1]);
#pragma GCC unroll 4
        for (size_t l = lane_count - 1; l > 0; l--) pending[l] = _mm256_add_epi32(pending[l - 1], run[l - 1]);
        return done;
    };
    for (size_t l = 1; l < lane_count; l++) next();
    int32_t* sums = strip.sums + j;
    const uint16_t* const end = offsets + strip.rows * strip.pitch;
    for (; offsets != end; sums += strip.sum_step) add_to(sums, columns, next());
}

template <size_t lane_count>
void add_strip(const Strip& strip) {
    const bool three = strip.ss == 3 && strip.step == 1;
    for (size_t j = 0; j < strip.columns; j += block_columns) {
        const size_t columns = least(block_columns, strip.columns - j);
        three ? add_block<lane_count, true>(strip, j, columns)
              : add_block<lane_count, false>(strip, j, columns);
    }
}

// Kernel rows whose vector tables are there: they need the same input rows at different times.
//   input row of output row i for lane l: first_row + (i + l * lag) * stride_h
struct Group {
    size_t lane_count;
    size_t lag;
    size_t ss;
    const uint8_t* values;  // of the group's first kernel row and column in the first output row and column
    int32_t* sums;
};

void add_group(const Pass& pass, const Group& group, const Offsets& map, const uint8_t* tables,
               uint16_t* offsets) {
    for (size_t j = 0; j < pass.cols; j += max_columns) {
        Strip strip = {};
        strip.tables = tables;
        strip.offsets = offsets;
        strip.ss = group.ss;
        strip.columns = least(max_columns, pass.cols - j);
        strip.sum_step = group.lag * pass.cols;
        const size_t padded = (strip.columns + block_columns - 1) / block_columns * block_columns;
        // Kernel columns share the offsets of a row where these are neighbours, and few rows fill the
        // scratch.
        const size_t width = padded + (group.ss - 1) * pass.dilation_w;
        const bool shared = pass.stride_w == 1 && width <= group.ss * padded;
        strip.step = shared ? pass.dilation_w : padded;
        strip.pitch = shared ? width : group.ss * padded;
        const size_t max_rows = max_offsets / strip.pitch - (group.lane_count - 1);
        // Of output rows that lie `lag` apart, each input row serves all lanes.
        for (size_t c = 0; c < least(group.lag, pass.rows); c++)
            for (size_t i = c; i < pass.rows; i += max_rows * group.lag) {
                strip.rows = least(max_rows, (pass.rows - i + group.lag - 1) / group.lag);
                strip.sums = group.sums + i * pass.cols + j;
                const uint8_t* values = group.values + i * pass.stride_h * pass.row_step + j * pass.stride_w;
                for (size_t m = 0; m < strip.rows + group.lane_count - 1; m++) {
                    const uint8_t* row = values + m * group.lag * pass.stride_h * pass.row_step;
                    uint16_t* target = offsets + m * strip.pitch;
                    if (shared)
                        map.fill(row, 1, strip.columns + (group.ss - 1) * pass.dilation_w, width, target);
                    else
                        for (size_t s = 0; s < group.ss; s++)
                            map.fill(row + s * pass.dilation_w, pass.stride_w, strip.columns, padded,
                                     target + s * padded);
                }
                switch (group.lane_count) {
                    case 1:
                        add_strip<1>(strip);
                        break;
                    case 2:
                        add_strip<2>(strip);
                        break;
                    case 3:
                        add_strip<3>(strip);
                        break;
                    default:
                        add_strip<4>(strip);
                }
            }
    }
}

size_t greatest_common_divisor(size_t a, size_t b) {
    while (b != 0) {
        const size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

template <typename Entry>
void run_vector_tables(const Pass& pass) {
    const auto* table = static_cast<const Entry*>(pass.table);
    auto* tables = static_cast<uint8_t*>(pass.scratch);
    auto* offsets = reinterpret_cast<uint16_t*>(tables + max_tables * table_bytes);
    const size_t half = pass.value_end > 128 ? 128 : 64;
    const Offsets map(half);
    // Equal shares of the kernel's columns.
    const size_t shares = (pass.ss + max_tables - 1) / max_tables;
    const size_t share = (pass.ss + shares - 1) / shares;
    // Kernel rows that lie `apart` need the same input rows.
    const size_t divisor = greatest_common_divisor(pass.stride_h, pass.dilation_h);
    const size_t apart = pass.stride_h / divisor;
    for (size_t phase = 0; phase < least(apart, pass.rs); phase++)
        for (size_t r = phase; r < pass.rs; r += table_lanes * apart)
            for (size_t s = 0; s < pass.ss; s += share) {
                Group group = {};
                group.lane_count = least(table_lanes, (pass.rs - r + apart - 1) / apart);
                group.lag = pass.dilation_h / divisor;
                group.ss = least(share, pass.ss - s);
                for (size_t i = 0; i < group.ss; i++) {
                    const uint8_t* weights = pass.weights + r * pass.weight_stride + s + i;
                    const Entry* row[table_lanes];
                    // A lane without a kernel row is never read.
                    for (size_t l = 0; l < table_lanes; l++)
                        row[l] =
                            table +
                            size_t{256} * weights[l < group.lane_count ? l * apart * pass.weight_stride : 0];
                    build_table(row, half, tables + i * table_bytes);
                }
                for (size_t b = 0; b < pass.images; b++) {
                    group.values = pass.values + b * pass.image_step + r * pass.dilation_h * pass.row_step +
                                   s * pass.dilation_w;
                    group.sums = pass.sums + b * pass.rows * pass.cols;
                    add_group(pass, group, map, tables, offsets);
                }
            }
}

// ---- Few outputs -------------------------------------------------------------------------------------

// Cycles, as measured: to make the vector tables and sum their rows, against a load for each product.
template <typename Entry>
void run_lut(const Pass& pass) {
    if (pass.scratch == nullptr) scalar::lut_depthwise_int16.run(pass);
    else run_vector_tables<Entry>(pass);
}

}  // namespace

const IntegerDepthwise lut_depthwise_int16 = {"avx2_vector_table_depthwise", scratch_bytes, run_lut<int16_t>};
const IntegerDepthwise lut_depthwise_int32 = {"avx2_vector_table_depthwise", scratch_bytes, run_lut<int32_t>};
const IntegerDepthwise int8_depthwise = {"avx2_int8_depthwise", 0, run_int8};
const FloatDepthwise float_depthwise = {"avx2_float_depthwise", 0, run_float};

}  // namespace axnn::avx2
