// Depthwise table sums by vector tables: sums[i][j] += sum_(r, s) table[weight[r][s]][value(i, j, r, s)].
//
// The weights of a kernel are constants. For each kernel column s the table rows of up to four weights, those
// of four kernel rows, are the lanes of a vector table: P_s[x] = {table[weight[r][s]][x], ...}, int32. A
// column j of an input row then gives, by one load and addition a kernel column,
//   z(j) = sum_s P_s[value of that row at j * stride_w + s * dilation_w],
// whose lanes belong to as many output rows. Blocks of eight columns walk down the input rows: eight z are
// transposed, so that each lane is a run of columns, and sums that still lack lanes stay in registers. With a
// stride or dilation of rows, lanes are kernel rows that need the same input rows, and those rows that lie
// the dilation apart are walked together.
//
// Operand layout: values in place in the patch. Scratch: vector tables of up to six kernel columns, 4 KiB
// each; for a strip of input rows and columns the byte offsets of the values' rows in a vector table. Rows x
// and x + half of a vector table lie side by side, because they are made in the two halves of a register;
// half is 128, or 64 where all values have seven bits.
//
// Instructions for eight columns of a 3x3 kernel, 72 products: 3 loads of offsets, which bextr and shr take
// apart; 24 loads of rows, 16 of them in vpaddd; 4 vinserti128, 7 vpunpck, 2 vpaddd; a load, vpaddd and store
// of sums. Bound: two loads start in a cycle, 14 cycles, 5.1 products a cycle. Making a vector table takes a
// store for two of its rows, with 1 (int32) or 1/2 (int16) vpunpck each. Few outputs are better served by the
// scalar kernel's load for each product (vector_tables_pay). Overflow rule: sums wrap modulo 2^32.
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
size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }
int32_t wrapping_add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }

// ---- Vector tables -----------------------------------------------------------------------------------

// Half of the rows of a vector table.
size_t half_of(const Pass& pass) { return pass.value_end > 128 ? 128 : 64; }

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
        if (stride == 1 && count >= 8) {
            const auto eight = [&](size_t j) {
                store_eight(j, _mm_cvtepu8_epi16(_mm_loadl_epi64(bytes(values + j))));
            };
            for (; done + 8 <= count; done += 8) eight(done);
            if (done < count) eight(count - 8);
            done = count;
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
void add_blocks(const Strip& strip) {
    const bool three = strip.ss == 3 && strip.step == 1;
    for (size_t j = 0; j < strip.columns; j += block_columns) {
        const size_t columns = least(block_columns, strip.columns - j);
        three ? add_block<lane_count, true>(strip, j, columns)
              : add_block<lane_count, false>(strip, j, columns);
    }
}

void add_strip(const Strip& strip, size_t lane_count) {
    if (lane_count == 1) add_blocks<1>(strip);
    else if (lane_count == 2) add_blocks<2>(strip);
    else if (lane_count == 3) add_blocks<3>(strip);
    else add_blocks<4>(strip);
}

// Kernel rows in the lanes of vector tables: they need the same input rows, one after the other.
//   input row of output row i for lane l, from that of output row 0 and lane 0: (i + l * lag) * stride_h
struct Group {
    size_t first_row;  // of the kernel
    size_t lane_count;
    size_t apart;  // kernel rows from lane to lane
    size_t lag;
};

size_t greatest_common_divisor(size_t a, size_t b) {
    while (b != 0) {
        const size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

// visit(group) for all kernel rows.
template <typename Visit>
void for_each_group(const Pass& pass, const Visit& visit) {
    const size_t divisor = greatest_common_divisor(pass.stride_h, pass.dilation_h);
    const size_t apart = pass.stride_h / divisor;
    for (size_t phase = 0; phase < least(apart, pass.rs); phase++)
        for (size_t r = phase; r < pass.rs; r += table_lanes * apart)
            visit(
                Group{r, least(table_lanes, ceil_div(pass.rs - r, apart)), apart, pass.dilation_h / divisor});
}

template <typename Entry>
void build_tables(const Pass& pass, const Group& group, size_t s, size_t ss, uint8_t* tables) {
    const auto* table = static_cast<const Entry*>(pass.table);
    for (size_t i = 0; i < ss; i++) {
        const Entry* row[table_lanes];
        for (size_t l = 0; l < table_lanes; l++) {
            // A lane without a kernel row is in no sum.
            const size_t r = group.first_row + (l < group.lane_count ? l * group.apart : 0);
            row[l] = table + size_t{256} * pass.weights[r * pass.weight_stride + s + i];
        }
        build_table(row, half_of(pass), tables + i * table_bytes);
    }
}

// Adds the kernel columns s..s + ss of one image, whose vector tables are there.
void add_image(const Pass& pass, const Group& group, size_t s, size_t ss, size_t image, const uint8_t* tables,
               uint16_t* offsets) {
    const Offsets map(half_of(pass));
    const uint8_t* const first = pass.values + image * pass.image_step +
                                 group.first_row * pass.dilation_h * pass.row_step + s * pass.dilation_w;
    for (size_t j = 0; j < pass.cols; j += max_columns) {
        Strip strip = {};
        strip.tables = tables;
        strip.offsets = offsets;
        strip.ss = ss;
        strip.columns = least(max_columns, pass.cols - j);
        strip.sum_step = group.lag * pass.cols;
        const size_t padded = ceil_div(strip.columns, block_columns) * block_columns;
        // Kernel columns share the offsets of a row where these lie side by side.
        const size_t width = padded + (ss - 1) * pass.dilation_w;
        const bool shared = pass.stride_w == 1 && width <= ss * padded;
        strip.step = shared ? pass.dilation_w : padded;
        strip.pitch = shared ? width : ss * padded;
        const auto fill = [&](const uint8_t* values, uint16_t* row) {
            if (shared) return map.fill(values, 1, strip.columns + (ss - 1) * pass.dilation_w, width, row);
            for (size_t i = 0; i < ss; i++)
                map.fill(values + i * pass.dilation_w, pass.stride_w, strip.columns, padded,
                         row + i * padded);
        };
        // As many of the output rows that lie `lag` apart as there is scratch for.
        const size_t more_rows = group.lane_count - 1;
        const size_t max_rows = max_offsets / strip.pitch - more_rows;
        for (size_t phase = 0; phase < least(group.lag, pass.rows); phase++)
            for (size_t i = phase; i < pass.rows; i += max_rows * group.lag) {
                strip.rows = least(max_rows, ceil_div(pass.rows - i, group.lag));
                strip.sums = pass.sums + (image * pass.rows + i) * pass.cols + j;
                for (size_t m = 0; m < strip.rows + more_rows; m++)
                    fill(first + (i + m * group.lag) * pass.stride_h * pass.row_step + j * pass.stride_w,
                         offsets + m * strip.pitch);
                add_strip(strip, group.lane_count);
            }
    }
}

template <typename Entry>
void run_vector_tables(const Pass& pass) {
    auto* tables = static_cast<uint8_t*>(pass.scratch);
    auto* offsets = reinterpret_cast<uint16_t*>(tables + max_tables * table_bytes);
    const size_t share = ceil_div(pass.ss, ceil_div(pass.ss, max_tables));
    for_each_group(pass, [&](const Group& group) {
        for (size_t s = 0; s < pass.ss; s += share) {
            const size_t ss = least(share, pass.ss - s);
            build_tables<Entry>(pass, group, s, ss, tables);
            for (size_t image = 0; image < pass.images; image++)
                add_image(pass, group, s, ss, image, tables, offsets);
        }
    });
}

// ---- Few outputs -------------------------------------------------------------------------------------

// Whether the vector tables take fewer cycles than a load for each product. Measured: 3 for four rows of a
// vector table; for eight columns of an input row 11 and 6 a kernel column, 9 where these do not lie side by
// side; 5/2 for a product.
bool vector_tables_pay(const Pass& pass) {
    const size_t outputs = pass.images * pass.rows * pass.cols;
    const size_t column_cycles = pass.stride_w == 1 ? 6 : 9;
    const size_t block_cycles = 11 * ceil_div(pass.ss, max_tables) + column_cycles * pass.ss;
    size_t cycles = 0;
    for_each_group(pass, [&](const Group& group) {
        const size_t rows = pass.rows + (group.lane_count - 1) * group.lag;
        cycles += pass.ss * half_of(pass) * 3 / 2 +
                  pass.images * rows * ceil_div(pass.cols, block_columns) * block_cycles;
    });
    return cycles < outputs * pass.rs * pass.ss * 5 / 2;
}

void run_int16(const Pass& pass) {
    vector_tables_pay(pass) ? run_vector_tables<int16_t>(pass) : scalar::lut_depthwise_int16.run(pass);
}
void run_int32(const Pass& pass) {
    vector_tables_pay(pass) ? run_vector_tables<int32_t>(pass) : scalar::lut_depthwise_int32.run(pass);
}

}  // namespace

const IntegerDepthwise lut_depthwise_int16 = {"avx2_vector_table_depthwise", scratch_bytes, run_int16};
const IntegerDepthwise lut_depthwise_int32 = {"avx2_vector_table_depthwise", scratch_bytes, run_int32};
const IntegerDepthwise int8_depthwise = {"avx2_int8_depthwise", 0, run_int8};
const FloatDepthwise float_depthwise = {"avx2_float_depthwise", 0, run_float};

}  // namespace axnn::avx2
