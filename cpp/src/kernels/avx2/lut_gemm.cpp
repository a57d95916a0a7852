// Table GEMM by vector tables: vector_table.hpp has formula, layouts and bounds.
#include <immintrin.h>
#include <limits.h>
#include <string.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/avx2/transpose.hpp"

namespace axnn::avx2 {
namespace {

__m256i add_pairs(__m256i sums, __m256i words) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(words, _mm256_set1_epi16(1)));
}

#include "kernels/avx2/vector_table.hpp"
#include "kernels/lut_table.hpp"

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

// Eight codes two bytes apart, without a byte more than the last of them.
__m128i load_every_second_code(const uint8_t* codes) {
    constexpr size_t first_of_last_half = tile_columns - 1;
    const __m128i halves = _mm_unpacklo_epi64(load_codes(codes), load_codes(codes + first_of_last_half));
    const __m128i wanted = _mm_setr_epi8(0, 2, 4, 6, 9, 11, 13, 15, -1, -1, -1, -1, -1, -1, -1, -1);
    return _mm_shuffle_epi8(halves, wanted);
}

// load(codes of a tap from column n on): eight of them. The last tile overlaps the one before it.
template <typename Load>
void pack_tiles(const uint8_t* const* taps, size_t count, size_t stride, const Load& load, uint16_t* packed) {
    __m128i row[step];
    for (size_t n = 0; n < count; n += tile_columns) {
        if (n > count - tile_columns) n = count - tile_columns;
        for (uint32_t j = 0; j < step; j++)
            row[j] = taps[j] ? load(taps[j] + n * stride) : _mm_setzero_si128();
        store_tile(row, packed + n * step);
    }
}

void pack(const uint8_t* const* taps, size_t count, size_t stride, uint16_t* packed) {
    if (count >= tile_columns && stride == 1) return pack_tiles(taps, count, stride, load_codes, packed);
    if (count >= tile_columns && stride == 2)
        return pack_tiles(taps, count, stride, load_every_second_code, packed);
    __m128i row[step];
    size_t n = 0;
    for (; n < count; n += tile_columns) {
        const size_t present = count - n < tile_columns ? count - n : tile_columns;
        for (uint32_t j = 0; j < step; j++)
            row[j] = taps[j] ? gather_codes(taps[j] + n * stride, present, stride) : _mm_setzero_si128();
        if (present == tile_columns) {
            store_tile(row, packed + n * step);
        } else {
            uint16_t tile[tile_columns * step];
            store_tile(row, tile);
            memcpy(packed + n * step, tile, present * step * sizeof(uint16_t));
        }
    }
}

template <class Entries>
constexpr LutGemm gemm(const char* name, int32_t entry_min, int32_t entry_max, float lane_cycles,
                       float index_cycles) {
    return {name,          Entries::lanes,
            step,          entry_min,
            entry_max,     sizeof(typename Entries::Entry) << 16,
            scratch_bytes, lane_cycles,
            index_cycles,  make_table<typename Entries::Entry>,
            pack,          run<Entries>};
}

}  // namespace

const LutGemm lut_gemm_uint8 = gemm<Uint8Entries>("vector_table_uint8_32x8_avx2", 0, UINT8_MAX, 690, 2.15f);
const LutGemm lut_gemm_int13 =
    gemm<Int16Entries<8>>("vector_table_int13_16x8_avx2", -(1 << 12), (1 << 12) - 1, 610, 1.65f);
const LutGemm lut_gemm_int15 =
    gemm<Int16Entries<2>>("vector_table_int15_16x8_avx2", -(1 << 14), (1 << 14) - 1, 610, 1.70f);
const LutGemm lut_gemm_int16 =
    gemm<Int16Entries<1>>("vector_table_int16_16x8_avx2", INT16_MIN, INT16_MAX, 610, 1.75f);
const LutGemm lut_gemm_int32 =
    gemm<Int32Entries>("vector_table_int32_8x8_avx2", INT32_MIN, INT32_MAX, 540, 1.5f);

}  // namespace axnn::avx2
