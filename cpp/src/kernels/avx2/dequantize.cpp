// y = clamp((float)(sum + offset[c]) * scale[c] + bias[c], lower, upper), eight elements at once.
//
// Instructions for eight elements: vpaddd, vcvtdq2ps, vmulps, vaddps, vmaxps, vminps; interleaved sums
// written along columns need an 8x8 transpose more, three shuffles for eight elements. Bound by the
// stores. The last vector of a row or column overlaps the one before it.
#include <immintrin.h>

#include "kernels/avx2/avx2.hpp"
#include "kernels/scalar/scalar.hpp"

namespace axnn::avx2 {
namespace {

// Eight elements' numbers: those of eight channels, or eight times those of one.
struct Epilogue {
    __m256i offset;
    __m256 scale, bias, lower, upper;

    static Epilogue of_channels(const Dequantize& d, size_t c) {
        return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(d.offset + c)),
                _mm256_loadu_ps(d.scale + c), _mm256_loadu_ps(d.bias + c), _mm256_set1_ps(d.lower),
                _mm256_set1_ps(d.upper)};
    }
    static Epilogue of_channel(const Dequantize& d, size_t c) {
        return {_mm256_set1_epi32(d.offset[c]), _mm256_set1_ps(d.scale[c]), _mm256_set1_ps(d.bias[c]),
                _mm256_set1_ps(d.lower), _mm256_set1_ps(d.upper)};
    }

    // vmaxps and vminps give their second operand where the first is not greater or less, as the
    // scalar comparisons do.
    __m256 apply(const int32_t* sums) const {
        const __m256i sum = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums));
        __m256 v = _mm256_cvtepi32_ps(_mm256_add_epi32(sum, offset));
        v = _mm256_add_ps(_mm256_mul_ps(v, scale), bias);
        return _mm256_min_ps(upper, _mm256_max_ps(lower, v));
    }
};

void transpose_8x8(__m256 (&row)[8]) {
    __m256 pair[8], quad[8];
    for (int i = 0; i < 4; i++) {
        pair[i] = _mm256_unpacklo_ps(row[2 * i], row[2 * i + 1]);
        pair[i + 4] = _mm256_unpackhi_ps(row[2 * i], row[2 * i + 1]);
    }
    // quad[i], quad[i + 4]: columns i | i + 4 of rows 0-3, 4-7.
    for (int half = 0; half < 2; half++)
        for (int i = 0; i < 2; i++) {
            const __m256 a = pair[4 * i + 2 * half], b = pair[4 * i + 2 * half + 1];
            quad[4 * half + 2 * i] = _mm256_shuffle_ps(a, b, _MM_SHUFFLE(1, 0, 1, 0));
            quad[4 * half + 2 * i + 1] = _mm256_shuffle_ps(a, b, _MM_SHUFFLE(3, 2, 3, 2));
        }
    for (int i = 0; i < 4; i++) {
        row[i] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x20);
        row[i + 4] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x31);
    }
}

// Interleaved sums to planes of y.
void dequantize_transposed(const Dequantize& d) {
    for (size_t c = 0; c < d.channels; c += 8) {
        if (c > d.channels - 8) c = d.channels - 8;
        const Epilogue epilogue = Epilogue::of_channels(d, c);
        for (size_t n = 0; n < d.columns; n += 8) {
            if (n > d.columns - 8) n = d.columns - 8;
            __m256 row[8];
            for (size_t i = 0; i < 8; i++) row[i] = epilogue.apply(d.sums + (n + i) * d.sum_stride + c);
            transpose_8x8(row);
            for (size_t i = 0; i < 8; i++) _mm256_storeu_ps(d.y + (c + i) * d.channel_stride + n, row[i]);
        }
    }
}

// Interleaved sums to y in the same order.
void dequantize_in_order(const Dequantize& d) {
    for (size_t c = 0; c < d.channels; c += 8) {
        if (c > d.channels - 8) c = d.channels - 8;
        const Epilogue epilogue = Epilogue::of_channels(d, c);
        for (size_t n = 0; n < d.columns; n++)
            _mm256_storeu_ps(d.y + n * d.column_stride + c, epilogue.apply(d.sums + n * d.sum_stride + c));
    }
}

}  // namespace

void dequantize_interleaved(const Dequantize& given) {
    const Dequantize d = given;
    if (d.channels >= 8 && d.columns >= 8 && d.column_stride == 1) dequantize_transposed(d);
    else if (d.channels >= 8 && d.channel_stride == 1) dequantize_in_order(d);
    else scalar::dequantize_interleaved(d);
}

void dequantize_planar(const Dequantize& given) {
    const Dequantize d = given;  // stores to y could change what is given
    if (d.columns < 8 || d.column_stride != 1) {
        scalar::dequantize_planar(d);
        return;
    }
    for (size_t c = 0; c < d.channels; c++) {
        const Epilogue epilogue = Epilogue::of_channel(d, c);
        for (size_t n = 0; n < d.columns; n += 8) {
            if (n > d.columns - 8) n = d.columns - 8;
            _mm256_storeu_ps(d.y + c * d.channel_stride + n, epilogue.apply(d.sums + c * d.sum_stride + n));
        }
    }
}

}  // namespace axnn::avx2
