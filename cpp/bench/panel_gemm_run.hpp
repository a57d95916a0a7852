// The integer panel GEMM of a tier, alone on packed operands.
#pragma once

#include <algorithm>
#include <vector>

#include "kernels/kernels.hpp"
#include "runtime/aligned_buffer.hpp"
#include "table_work.hpp"

namespace axnn::bench {

// A kernel on all channels and columns, cut as a layer cuts them: into tiles of columns, and taps into
// windows, so that a tile's values stay in the second cache while all weights pass by. Both sides are packed
// beforehand. A layer has just packed a tile's values when the kernel runs, so they are in that cache: here
// all tiles have the values of the first one. Values are unsigned for the kernel: signed codes plus 128.
struct PanelGemmRun {
    static constexpr size_t most_columns = 224;
    static constexpr size_t most_bytes = 256 << 10;  // of a tile's values in a window

    PanelGemmRun(const TableWork& table_work, const Int8PanelGemm& panel_gemm)
        : work(table_work),
          kernel(panel_gemm),
          flip(uint8_t(work.code_min < 0 ? 128 : 0)),
          steps(ceil_div(work.shape.k, kernel.step)),
          blocks(ceil_div(work.shape.m, kernel.channels)),
          tiles(ceil_div(work.shape.n, most_columns)),
          used(ceil_div(work.shape.n, tiles)),
          columns(ceil_div(used, kernel.columns) * kernel.columns),
          column_bytes(kernel.step * kernel.value_size),
          weight_bytes(kernel.step * kernel.channels * kernel.weight_size),
          window(most_bytes / (columns * column_bytes)),
          weights(blocks * steps * weight_bytes),
          values((steps * columns + kernel.overrun) * column_bytes),
          sums(blocks * kernel.channels * tiles * columns) {
        const auto [m, k, n] = work.shape;
        std::vector<const uint8_t*> rows(kernel.channels);
        for (size_t b = 0; b < blocks; b++) {
            for (size_t i = 0; i < kernel.channels; i++) {
                const size_t row = b * kernel.channels + i;
                rows[i] = row < m ? work.weight_codes.data() + row * k : nullptr;
            }
            kernel.pack_weights(rows.data(), k, weights.data() + b * steps * weight_bytes);
        }
        std::vector<uint8_t> activations = work.activation_codes;
        activations.resize(activations.size() + kernel.overrun);
        std::vector<const uint8_t*> taps(kernel.step);
        for (size_t s = 0; s < steps; s++) {
            for (size_t j = 0; j < kernel.step; j++) {
                const size_t tap = s * kernel.step + j;
                taps[j] = tap < k ? activations.data() + tap * n : nullptr;
            }
            kernel.pack_values(
                {taps.data(), 1, 0, used, 1, flip, values.data() + s * columns * column_bytes});
        }
    }
    void run() {
        const size_t pitch = tiles * columns;
        for (size_t tile = 0; tile < tiles; tile++)
            for (size_t s = 0; s < steps; s += window)
                for (size_t b = 0; b < blocks; b++)
                    kernel.run({weights.data() + (b * steps + s) * weight_bytes,
                                values.data() + s * columns * column_bytes, std::min(window, steps - s),
                                columns, sums.data() + b * kernel.channels * pitch + tile * columns, pitch,
                                s > 0});
    }
    bool correct() const {
        for (size_t m = 0; m < work.shape.m; m++) {
            int32_t weight_sum = 0;
            for (size_t k = 0; k < work.shape.k; k++)
                weight_sum += (int8_t)work.weight_codes[m * work.shape.k + k];
            for (size_t tile = 0; tile < tiles; tile++)
                for (size_t n = 0; n < used; n++)
                    if (sums.data()[(m * tiles + tile) * columns + n] - flip * weight_sum !=
                        work.expected[m * work.shape.n + n])
                        return false;
        }
        return true;
    }

    // Both packed operands and the sums.
    double bytes() const {
        return (double)(weights.size() + tiles * values.size() + sizeof(int32_t) * sums.size());
    }

    static size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }

    const TableWork& work;
    Int8PanelGemm kernel;
    uint8_t flip;
    size_t steps;
    size_t blocks;
    size_t tiles;
    size_t used;          // columns of a tile
    size_t columns;       // the same, as the kernel wants them
    size_t column_bytes;  // of a step
    size_t weight_bytes;  // of a step of a block
    size_t window;        // steps
    AlignedBuffer<uint8_t> weights;
    AlignedBuffer<uint8_t> values;
    AlignedBuffer<int32_t> sums;
};

}  // namespace axnn::bench
