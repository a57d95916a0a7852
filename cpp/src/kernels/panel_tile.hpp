// The register tile of the panel GEMMs, over the operations of one tier.
//
//   sums[c][n] (+)= sum_k weight[c][k] * value[k][n]
//
// Weights and values come in units of 32 bits: one float, two int16, or four bytes, whose products one
// instruction adds to a 32-bit lane. A tile has C channels x V vectors of columns in registers and reads,
// for each unit of k, V vectors of values and C units of weights, each spread over a vector:
// V + C loads for C * V multiply-adds. (g++ keeps the tile in registers only if every loop over it is
// unrolled.) Operations is a struct of
//   Sum, Vector, lanes   type of a sum; a register of `lanes` sums
//   zero() load(const Sum*) store(Sum*, Vector)
//   values(const void*)  the next `lanes` units
//   spread(const void*)  one unit in all lanes
//   madd(sum, weight, value)
// Each tier includes this file and instantiates it with operations of its own namespace.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.hpp"

namespace axnn {

constexpr size_t panel_unit = 4;  // bytes

// Columns [column, column + V * lanes) of the block.
template <typename Operations, int C, int V>
static inline void panel_tile(const PanelGemmPass<typename Operations::Sum>& pass, size_t column) {
    using Vector = typename Operations::Vector;
    constexpr int lanes = Operations::lanes;
    const size_t pitch = pass.columns * panel_unit;
    const char* weights = static_cast<const char*>(pass.weights);
    const char* values = static_cast<const char*>(pass.values) + column * panel_unit;
    typename Operations::Sum* sums = pass.sums + column;
    Vector acc[C][V];
#pragma GCC unroll 32
    for (int c = 0; c < C; c++)
#pragma GCC unroll 32
        for (int v = 0; v < V; v++)
            acc[c][v] = pass.accumulate ? Operations::load(sums + (size_t)c * pass.sum_stride + v * lanes)
                                        : Operations::zero();
    for (size_t k = 0; k < pass.steps; k++) {
        Vector value[V];
#pragma GCC unroll 32
        for (int v = 0; v < V; v++) value[v] = Operations::values(values + v * lanes * (int)panel_unit);
#pragma GCC unroll 32
        for (int c = 0; c < C; c++) {
            const Vector weight = Operations::spread(weights + c * (int)panel_unit);
#pragma GCC unroll 32
            for (int v = 0; v < V; v++) acc[c][v] = Operations::madd(acc[c][v], weight, value[v]);
        }
        // Weights beyond the second cache come as a stream that the hardware does not see early enough.
        __builtin_prefetch(weights + 2048);
        values += pitch;
        weights += C * panel_unit;
    }
#pragma GCC unroll 32
    for (int c = 0; c < C; c++)
#pragma GCC unroll 32
        for (int v = 0; v < V; v++)
            Operations::store(sums + (size_t)c * pass.sum_stride + v * lanes, acc[c][v]);
}

// All columns, a multiple of lanes: tiles of V vectors, then of fewer.
template <typename Operations, int C, int V>
static inline void panel_tiles(const PanelGemmPass<typename Operations::Sum>& pass, size_t column = 0) {
    constexpr size_t width = (size_t)V * Operations::lanes;
    for (; column + width <= pass.columns; column += width) panel_tile<Operations, C, V>(pass, column);
    if constexpr (V > 1)
        if (column < pass.columns) panel_tiles<Operations, C, V - 1>(pass, column);
}

// Packs `channels` rows of floats from tap `first`; null rows are zeros: [taps][channels].
static inline void pack_float_weights(const float* const* rows, size_t channels, size_t first, size_t taps,
                                      void* packed) {
    auto* out = static_cast<float*>(packed);
    for (size_t c = 0; c < channels; c++)
        for (size_t k = first; k < taps; k++) out[k * channels + c] = rows[c] ? rows[c][k] : 0;
}

// Copies one tap of some columns, eight at a time where the stride is known.
template <size_t Stride>
static inline void copy_row(const float* __restrict in, size_t columns, float* __restrict out) {
    for (size_t n = 0; n < columns; n += 8)
        for (size_t i = 0; i < 8; i++) out[n + i] = in[(n + i) * Stride];
}
static inline void pack_float_values(const PanelValues<float>& v) {
    auto* out = static_cast<float*>(v.packed);
    for (size_t r = 0; r < v.rows; r++, out += v.columns) {
        const float* in = v.taps[0] + r * v.row_stride;
        if (v.stride == 1) copy_row<1>(in, v.columns, out);
        else if (v.stride == 2) copy_row<2>(in, v.columns, out);
        else
            for (size_t n = 0; n < v.columns; n++) out[n] = in[n * v.stride];
    }
}

// Packs rows of integers as signed ones of type Packed (bytes count as signed) from step `first`:
// [steps][channels][step].
static inline int8_t signed_weight(uint8_t byte) { return (int8_t)byte; }
static inline int16_t signed_weight(int16_t word) { return word; }
template <typename Packed, typename Element>
static inline void pack_integer_weights(const Element* const* rows, size_t channels, size_t step,
                                        size_t first, size_t taps, void* packed) {
    const size_t steps = (taps + step - 1) / step;
    auto* out = static_cast<Packed*>(packed) + first * channels * step;
    for (size_t s = first; s < steps; s++)
        for (size_t c = 0; c < channels; c++)
            for (size_t j = 0; j < step; j++) {
                const size_t k = s * step + j;
                *out++ = (Packed)(rows[c] && k < taps ? signed_weight(rows[c][k]) : 0);
            }
}

}  // namespace axnn
