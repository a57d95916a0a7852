// Gaussian noise: y[i] = (y[i] + N * sigma) + mean, N from a counter and a key.
//
// Element e of the output takes value e % 4 of block e / 4. A block is Philox 4x32-10 (Salmon, Moraes, Dror,
// Shaw: Parallel random numbers: as easy as 1, 2, 3, SC 2011) of the counter (block, 0) under the key
// `seed`; words 0, 1 give values 0, 1 and words 2, 3 values 2, 3 by Box and Muller (1958): with
// u = (upper 24 bits of the first word + 1/2) / 2^24 and the angle a = 2 pi (second word) / 2^32,
//   sqrt(-2 log u) * cos(a) and sqrt(-2 log u) * sin(a),
// at most 5.9 in magnitude. Only + - * /, sqrt and integers, so that every tier gives the same bits. Each
// tier includes this file; loops over `lanes` blocks are for the compiler to vectorise.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernels/kernels.hpp"

namespace axnn {

constexpr size_t noise_lanes = 32;  // blocks at a time

// The counters of blocks from `block`.
static inline void counters(uint64_t block, uint32_t (&word)[4][noise_lanes]) {
    for (size_t i = 0; i < noise_lanes; i++) {
        word[0][i] = (uint32_t)(block + i);
        word[1][i] = (uint32_t)((block + i) >> 32);
        word[2][i] = 0;
        word[3][i] = 0;
    }
}

// Turns counters, lowest word first, into random words.
static inline void philox(uint64_t seed, uint32_t (&word)[4][noise_lanes]) {
    auto key0 = (uint32_t)seed;
    auto key1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < noise_lanes; i++) {
            const uint64_t a = uint64_t{0xD2511F53} * word[0][i];
            const uint64_t b = uint64_t{0xCD9E8D57} * word[2][i];
            const uint32_t word1 = word[1][i];
            word[0][i] = (uint32_t)(b >> 32) ^ word1 ^ key0;
            word[1][i] = (uint32_t)b;
            word[2][i] = (uint32_t)(a >> 32) ^ word[3][i] ^ key1;
            word[3][i] = (uint32_t)a;
        }
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
}

// log(v) for normal v > 0: v = m * 2^e with m in [sqrt(1/2), sqrt(2)), log m = 2 atanh((m - 1) / (m + 1)).
static inline float noise_log(float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    const uint32_t shifted = bits - 0x3F3504F3;  // 0 at sqrt(1/2)
    const auto e = (float)((int32_t)shifted >> 23);
    const uint32_t mantissa = (shifted & 0x007FFFFF) + 0x3F3504F3;
    float m;
    memcpy(&m, &mantissa, sizeof m);
    const float s = (m - 1) / (m + 1);
    const float q = s * s;
    const float series = 1 + q * (1.0f / 3 + q * (1.0f / 5 + q * (1.0f / 7 + q * (1.0f / 9))));
    return e * 0.693147181f + 2 * s * series;
}

// Two normal values from two words.
static inline void box_muller(uint32_t first, uint32_t second, float& cosine, float& sine) {
    const float u = ((float)(int32_t)(first >> 8) + 0.5f) * 0x1p-24f;
    // u <= 1, so its logarithm is not positive. (A guard here keeps g++ 12 from vectorising the caller's
    // loop.)
    const float radius = __builtin_sqrtf(-2 * noise_log(u));
    // The angle is that of the middle of its quadrant plus t, |t| <= pi / 4.
    const float t = ((float)(int32_t)(second << 2 >> 8) * 0x1p-24f - 0.5f) * 1.57079633f;
    const float q = t * t;
    const float sin_t =
        t * (1 + q * (-1.0f / 6 + q * (1.0f / 120 + q * (-1.0f / 5040 + q * (1.0f / 362880)))));
    const float cos_t =
        1 + q * (-1.0f / 2 + q * (1.0f / 24 + q * (-1.0f / 720 + q * (1.0f / 40320 - q * (1.0f / 3628800)))));
    const float r = radius * 0.707106781f;  // sin and cos of the middle of the first quadrant
    const float c = (cos_t - sin_t) * r;
    const float s = (cos_t + sin_t) * r;
    const bool swapped = (second >> 30 & 1) != 0;
    const bool half_turn = second >> 31 != 0;
    const float c1 = swapped ? -s : c;
    const float s1 = swapped ? c : s;
    cosine = half_turn ? -c1 : c1;
    sine = half_turn ? -s1 : s1;
}

static inline void add_noise_of(const Noise& n) {
    constexpr size_t chunk = 4 * noise_lanes;
    const float sigma = n.sigma, mean = n.mean;
    for (size_t done = 0; done < n.count;) {
        const uint64_t element = n.first + done;
        uint32_t word[4][noise_lanes];
        float value[chunk];
        counters(element / 4, word);
        philox(n.seed, word);
        for (size_t i = 0; i < noise_lanes; i++) {
            box_muller(word[0][i], word[1][i], value[4 * i], value[4 * i + 1]);
            box_muller(word[2][i], word[3][i], value[4 * i + 2], value[4 * i + 3]);
        }
        const size_t skipped = element % 4;
        const size_t left = n.count - done;
        const size_t count = left < chunk - skipped ? left : chunk - skipped;
        float* y = n.y + done;
        for (size_t i = 0; i < count; i++) y[i] = (y[i] + value[skipped + i] * sigma) + mean;
        done += count;
    }
}

}  // namespace axnn
