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

// Columns that are packed together. Planes are read one by one, a few at a time, for all of them: 64 planes
// side by side would be too many streams, and where they lie a power of two apart share a set of every cache.
constexpr size_t max_columns = 256;
constexpr size_t max_vectors = max_columns / 8;
constexpr uint32_t streams = 4;

// Eight columns a vector; the last one overlaps the one before.
struct Columns {
    size_t count;  // at least 8

    size_t vectors() const { return (count + 7) / 8; }
    size_t first(size_t vector) const { return 8 * vector > count - 8 ? count - 8 : 8 * vector; }
};

// bits[v] = (bits of the planes above) * 2^Streams + those of planes first to first + Streams - 1, lowest
// first: bits = 2 * bits + bit from the last plane to the first, a comparison, an addition and a subtraction
// (of -1) for eight elements. test(p, i) is all ones or zeros for the columns from i on.
template <uint32_t Streams, typename Test>
void add_planes(const Columns& columns, uint32_t first, const Test& test, __m256i* bits) {
    for (size_t v = 0; v < columns.vectors(); v++) {
        const size_t i = columns.first(v);
        __m256i b = _mm256_load_si256(bits + v);
        for (uint32_t p = Streams; p-- > 0;) b = _mm256_sub_epi32(_mm256_add_epi32(b, b), test(first + p, i));
        _mm256_store_si256(bits + v, b);
    }
}

// Bit p of a double word = test(first + p, column), for at most 32 planes.
template <typename Test>
void pack_planes(const Columns& columns, uint32_t first, uint32_t planes, const Test& test, __m256i* bits) {
    for (size_t v = 0; v < columns.vectors(); v++) _mm256_store_si256(bits + v, _mm256_setzero_si256());
    for (; planes % streams != 0; planes--) add_planes<1>(columns, first + planes - 1, test, bits);
    for (; planes > 0; planes -= streams) add_planes<streams>(columns, first + planes - streams, test, bits);
}

// count >= 8 words of at most 64 planes; test(p, i) for the eight columns from i on.
template <typename Test>
void pack_columns(uint32_t planes, size_t count, const Test& test, uint64_t* words) {
    const uint32_t low_planes = planes < 32 ? planes : 32;
    __m256i low[max_vectors], high[max_vectors];
    for (size_t start = 0; start < count;) {
        const size_t left = count - start;
        if (left < 8) start = count - 8;
        const Columns columns = {left < 8 ? 8 : left < max_columns ? left : max_columns};
        const auto of_strip = [&](uint32_t p, size_t i) { return test(p, start + i); };
        pack_planes(columns, 0, low_planes, of_strip, low);
        pack_planes(columns, low_planes, planes - low_planes, of_strip, high);
        for (size_t v = 0; v < columns.vectors(); v++) {
            const __m256i even = _mm256_unpacklo_epi32(low[v], high[v]);  // columns 0, 1, 4, 5
            const __m256i odd = _mm256_unpackhi_epi32(low[v], high[v]);   // columns 2, 3, 6, 7
            __m256i* out = reinterpret_cast<__m256i*>(words + start + columns.first(v));
            _mm256_storeu_si256(out, _mm256_permute2x128_si256(even, odd, 0x20));
            _mm256_storeu_si256(out + 1, _mm256_permute2x128_si256(even, odd, 0x31));
        }
        start += columns.count;
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
            const __m256i threshold = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(t.threshold + c));
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
        [&t](uint32_t c, size_t i) {
            return above(t.sums + c * t.channel_stride + i, _mm256_set1_epi32(t.threshold[c]));
        },
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
