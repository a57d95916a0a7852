// What the kernels are measured against: the techniques of the published systems, in the form that
// suits them best. All operands row-major, without gaps where no stride is given.
#pragma once

#include <stdint.h>

#include <vector>

#include "shape.hpp"

namespace axnn::bench {

// y[m][n] = sum_k table[w[m][k]][x[k][n]] modulo 2^32; rows of x are x_stride apart.
// One table load for a product, over rows, columns, k (TorchApprox's CPU kernel).
void b0_triple_loop(const int32_t* table, const uint8_t* w, const uint8_t* x, size_t x_stride,
                    GemmShape shape, int32_t* y);
// AVX2 vpgatherdd, eight columns at a time (the technique of the AdaPT paper).
void b1_gather(const int32_t* table, const uint8_t* w, const uint8_t* x, size_t x_stride, GemmShape shape,
               int32_t* y);

struct TableBaseline {
    const char* name;
    const char* tier;  // whose instructions it needs
    void (*run)(const int32_t* table, const uint8_t* w, const uint8_t* x, size_t x_stride, GemmShape shape,
                int32_t* y);
};
// Those that this machine can run, slowest first.
std::vector<TableBaseline> table_baselines();

// y[m][n] = the number of bits that differ between row m of w and row n of x; k is a multiple of 64.
// A byte at a time (bitorch-engine's CPU kernel).
void p0_byte_popcount(const uint64_t* w, const uint64_t* x, GemmShape shape, int32_t* y);
// 64-bit popcnt, four rows of w at a time.
void p1b_popcnt64(const uint64_t* w, const uint64_t* x, GemmShape shape, int32_t* y);

}  // namespace axnn::bench
