// Signs to bits. An ordered comparison v >= 0, not the sign bit: -0.0 gives 1 and NaN 0.
#include <immintrin.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/scalar/scalar.hpp"

namespace axnn::avx2 {
namespace {

// All ones where v >= 0.
__m256 non_negative(const float* v) {
    return _mm256_cmp_ps(_mm256_loadu_ps(v), _mm256_setzero_ps(), _CMP_GE_OQ);
}

// 8 * Vectors columns of at most 32 planes, one double word a column: bit p = (x[p * plane_stride + i] >= 0).
// From the last plane to the first, bits = 2 * bits + bit: a comparison, an addition and a subtraction (of
// -1) for eight elements.
template <size_t Vectors>
void pack_planes(const float* x, size_t plane_stride, uint32_t planes, __m256i (&bits)[Vectors]) {
    for (size_t v = 0; v < Vectors; v++) bits[v] = _mm256_setzero_si256();
    for (uint32_t p = planes; p-- > 0;)
        for (size_t v = 0; v < Vectors; v++) {
            const __m256i bit = _mm256_castps_si256(non_negative(x + p * plane_stride + 8 * v));
            bits[v] = _mm256_sub_epi32(_mm256_add_epi32(bits[v], bits[v]), bit);
        }
}

template <size_t Vectors>
void pack_words(const float* x, size_t plane_stride, uint32_t planes, uint64_t* words) {
    const uint32_t low_planes = planes < 32 ? planes : 32;
    __m256i low[Vectors], high[Vectors];
    pack_planes(x, plane_stride, low_planes, low);
    pack_planes(x + low_planes * plane_stride, plane_stride, planes - low_planes, high);
    for (size_t v = 0; v < Vectors; v++) {
        const __m256i first = _mm256_unpacklo_epi32(low[v], high[v]);   // columns 0, 1, 4, 5
        const __m256i second = _mm256_unpackhi_epi32(low[v], high[v]);  // columns 2, 3, 6, 7
        __m256i* out = reinterpret_cast<__m256i*>(words + 8 * v);
        _mm256_storeu_si256(out, _mm256_permute2x128_si256(first, second, 0x20));
        _mm256_storeu_si256(out + 1, _mm256_permute2x128_si256(first, second, 0x31));
    }
}

}  // namespace

void pack_bits(const float* x, size_t plane_stride, uint32_t planes, size_t count, uint64_t* words) {
    if (count < 8) {
        scalar::pack_bits(x, plane_stride, planes, count, words);
        return;
    }
    constexpr size_t vectors = 4;
    size_t i = 0;
    for (; i + 8 * vectors <= count; i += 8 * vectors)
        pack_words<vectors>(x + i, plane_stride, planes, words + i);
    for (; i < count; i += 8) {
        // The last vector overlaps the one before it.
        if (i > count - 8) i = count - 8;
        pack_words<1>(x + i, plane_stride, planes, words + i);
    }
}

void pack_signs(const float* x, size_t count, uint8_t* bits) {
    const size_t whole = count / 8;
    for (size_t byte = 0; byte < whole; byte++)
        bits[byte] = (uint8_t)_mm256_movemask_ps(non_negative(x + 8 * byte));
    scalar::pack_signs(x + 8 * whole, count % 8, bits + whole);
}

}  // namespace axnn::avx2
