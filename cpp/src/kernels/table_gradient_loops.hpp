// Derivatives of table products, for one tap and a block of channels, as plain loops over the channels that
// the compiler turns into vectors. Each tier includes this file in its own table_gradient.cpp.
//
//   inputs:  dcol[n] += sum_c g[n][c] * P[x_n][c],  P[x][c] = scale[c] * (S[x][w_c] - Z[x][z_c])
//   weights: dw[c]    = sum_x H[x][c] * S[x][w_c],  H[x][c] = sum of g[n][c] over all n with x_n = x
// P and H, [256][channels], live in scratch, and only the rows of bytes that occur are made: a table costs
// one load a row and channel, and each column then is `channels` consecutive floats. Bound: the loads of g
// and P, 16 products per cycle with 512-bit vectors and 8 with 256-bit ones.
#pragma once

#include "kernels/kernels.hpp"

namespace axnn {

static inline void table_gradient_inputs(const TableGradientTap& t) {
    constexpr size_t channels = TableGradient::channels;
    constexpr size_t lanes = 16;
    auto* products = static_cast<float*>(t.scratch);
    bool made[256] = {};
    for (size_t n = 0; n < t.columns; n++) {
        const size_t x = t.codes[n];
        float* p = products + x * channels;
        if (!made[x]) {
            made[x] = true;
            const float* slopes = t.slopes + 256 * x;
            const float* corrections = t.corrections + 256 * x;
            for (size_t c = 0; c < channels; c++)
                p[c] = t.scales[c] * (slopes[t.weights[c]] - corrections[t.zero_points[c]]);
        }
        const float* g = t.grads + n * channels;
        float sums[lanes] = {};
        for (size_t c = 0; c < channels; c += lanes)
            for (size_t lane = 0; lane < lanes; lane++) sums[lane] += g[c + lane] * p[c + lane];
        for (size_t half = lanes / 2; half > 0; half /= 2)
            for (size_t lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
        t.sums[n] += sums[0];
    }
}

static inline void table_gradient_weights(const TableGradientTap& t) {
    constexpr size_t channels = TableGradient::channels;
    auto* histogram = static_cast<float*>(t.scratch);
    bool seen[256] = {};
    for (size_t n = 0; n < t.columns; n++) {
        const size_t x = t.codes[n];
        float* h = histogram + x * channels;
        const float* g = t.grads + n * channels;
        if (seen[x])
            for (size_t c = 0; c < channels; c++) h[c] += g[c];
        else
            for (size_t c = 0; c < channels; c++) h[c] = g[c];
        seen[x] = true;
    }
    for (size_t c = 0; c < channels; c++) t.sums[c] = 0;
    for (size_t x = 0; x < 256; x++)
        if (seen[x])
            for (size_t c = 0; c < channels; c++)
                t.sums[c] += histogram[x * channels + c] * t.slopes[256 * x + t.weights[c]];
}

}  // namespace axnn
