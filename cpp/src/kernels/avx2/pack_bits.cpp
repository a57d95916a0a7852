// Signs and comparisons to bits. Signs by an ordered comparison v >= 0, not the sign bit: -0.0 gives 1 and
// NaN 0.
#include <immintrin.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/scalar/scalar.hpp"

namespace axnn::avx2 {
namespace {

// All ones where v >= 0.
__m256 non_negative(const float* v) {
    return _mm256_cmp_ps(_mm256_loadu_ps(v), _mm256_setzero_ps(), _CMP_GE_OQ);
}

// 8 * Vectors columns of at most 32 planes, one double word a column: bit p = test(p, v), all ones or zeros
// in eight lanes. From the last plane to the first, bits = 2 * bits + bit: a comparison, an addition and a
// subtraction (of -1) for eight elements.
template <size_t Vectors, typename Test>
void pack_planes(uint32_t first_plane, uint32_t planes, const Test& test, __m256i (&bits)[Vectors]) {
    for (size_t v = 0; v < Vectors; v++) bits[v] = _mm256_setzero_si256();
    for (uint32_t p = planes; p-- > 0;)
        for (size_t v = 0; v < Vectors; v++)
            bits[v] = _mm256_sub_epi32(_mm256_add_epi32(bits[v], bits[v]), test(first_plane + p, v));
}

// 8 * Vectors words of at most 64 planes.
template <size_t Vectors, typename Test>
void pack_words(uint32_t planes, const Test& test, uint64_t* words) {
    const uint32_t low_planes = planes < 32 ? planes : 32;
    __m256i low[Vectors], high[Vectors];
    pack_planes(0, low_planes, test, low);
    pack_planes(low_planes, planes - low_planes, test, high);
    for (size_t v = 0; v < Vectors; v++) {
        const __m256i first = _mm256_unpacklo_epi32(low[v], high[v]);   // columns 0, 1, 4, 5
        const __m256i second = _mm256_unpackhi_epi32(low[v], high[v]);  // columns 2, 3, 6, 7
        __m256i* out = reinterpret_cast<__m256i*>(words + 8 * v);
        _mm256_storeu_si256(out, _mm256_permute2x128_si256(first, second, 0x20));
        _mm256_storeu_si256(out + 1, _mm256_permute2x128_si256(first, second, 0x31));
    }
}

// count >= 8 words; test(p, i) for the eight columns from i on. The last vector overlaps the one before it.
template <typename Test>
void pack_columns(uint32_t planes, size_t count, const Test& test, uint64_t* words) {
    constexpr size_t vectors = 4;
    size_t i = 0;
    for (; i + 8 * vectors <= count; i += 8 * vectors)
        pack_words<vectors>(planes, [&](uint32_t p, size_t v) { return test(p, i + 8 * v); }, words + i);
    for (; i < count; i += 8) {
        if (i > count - 8) i = count - 8;
        pack_words<1>(planes, [&](uint32_t p, size_t) { return test(p, i); }, words + i);
    }
}

__m256i above(const int32_t* sums, __m256i threshold) {
    return _mm256_cmpgt_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums)), threshold);
}

// The channels of a column side by side, at least eight. The last eight overlap those before.
void threshold_columns(const Threshold& t) {
    for (size_t n = 0; n < t.columns; n++) {
        const int32_t* sums = t.sums + n * t.column_stride;
        uint64_t word = 0;
        for (uint32_t c = 0; c < t.channels; c += 8) {
            if (c > t.channels - 8) c = t.channels - 8;
            const __m256i threshold =
                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(t.threshold + c));
            const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(above(sums + c, threshold)));
            word |= (uint64_t)(uint32_t)mask << c;
        }
        t.words[n] = word ^ t.falling;
    }
}

}  // namespace

void pack_bits(const float* x, size_t plane_stride, uint32_t planes, size_t count, uint64_t* words) {
    if (count < 8) return scalar::pack_bits(x, plane_stride, planes, count, words);
    pack_columns(
        planes, count,
        [=](uint32_t p, size_t i) { return _mm256_castps_si256(non_negative(x + p * plane_stride + i)); },
        words);
}

void threshold_bits(const Threshold& t) {
    if (t.channel_stride == 1 && t.channels >= 8) return threshold_columns(t);
    if (t.column_stride != 1 || t.columns < 8) return scalar::threshold_bits(t);
    pack_columns(
        t.channels, t.columns,
        [&t](uint32_t c, size_t i) { return above(t.sums + c * t.channel_stride + i, _mm256_set1_epi32(t.threshold[c])); },
        t.words);
    for (size_t n = 0; n < t.columns; n++) t.words[n] ^= t.falling;
}

void pack_signs(const float* x, size_t count, uint8_t* bits) {
    const size_t whole = count / 8;
    for (size_t byte = 0; byte < whole; byte++)
        bits[byte] = (uint8_t)_mm256_movemask_ps(non_negative(x + 8 * byte));
    scalar::pack_signs(x + 8 * whole, count % 8, bits + whole);
}

}  // namespace axnn::avx2
