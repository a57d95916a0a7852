// Exact integer GEMM and quantised convolution, beside B1 with the table of exact products.
#include <algorithm>

#include "runtime/aligned_buffer.hpp"
#include "suites.hpp"
#include "table_work.hpp"

namespace axnn::bench {
namespace {

// A kernel on all channels and columns, both sides packed beforehand, the columns in tiles that stay in the
// second cache, as a layer cuts them. Values are unsigned for the kernel: codes plus 128.
struct PanelGemmRun {
    static constexpr size_t tile_bytes = 128 << 10;

    PanelGemmRun(const TableWork& table_work, const Int8PanelGemm& panel_gemm)
        : work(table_work),
          kernel(panel_gemm),
          steps(round_up(work.shape.k, kernel.step) / kernel.step),
          blocks(round_up(work.shape.m, kernel.channels) / kernel.channels),
          block_bytes(steps * kernel.step * kernel.channels * kernel.weight_size),
          column_bytes(steps * kernel.step * kernel.value_size),
          columns(round_up(work.shape.n, kernel.columns)),
          tile_columns(round_up(std::min(tile_bytes / column_bytes, columns - 1) + 1, kernel.columns)),
          weights(blocks * block_bytes),
          values(columns * column_bytes),
          sums(blocks * kernel.channels * columns) {
        const auto [m, k, n] = work.shape;
        std::vector<const uint8_t*> rows(kernel.channels);
        for (size_t b = 0; b < blocks; b++) {
            for (size_t i = 0; i < kernel.channels; i++) {
                const size_t row = b * kernel.channels + i;
                rows[i] = row < m ? work.weight_codes.data() + row * k : nullptr;
            }
            kernel.pack_weights(rows.data(), k, weights.data() + b * block_bytes);
        }
        std::fill_n(values.data(), values.size(), uint8_t{0});
        std::vector<const uint8_t*> taps(kernel.step);
        for (size_t first = 0; first < n; first += tile_columns)
            for (size_t s = 0; s < steps; s++) {
                for (size_t j = 0; j < kernel.step; j++) {
                    const size_t tap = s * kernel.step + j;
                    taps[j] = tap < k ? work.activation_codes.data() + tap * n + first : nullptr;
                }
                kernel.pack_values(taps.data(), std::min(tile_columns, n - first), 1, 128,
                                   tile(first) + s * kernel.step * width(first) * kernel.value_size);
            }
    }
    uint8_t* tile(size_t first_column) { return values.data() + first_column * column_bytes; }
    size_t width(size_t first_column) const { return std::min(tile_columns, columns - first_column); }

    void run() {
        for (size_t first = 0; first < columns; first += tile_columns)
            for (size_t b = 0; b < blocks; b++)
                kernel.run({weights.data() + b * block_bytes, tile(first), steps, width(first),
                            sums.data() + b * kernel.channels * columns + first, columns, false});
    }
    bool correct() const {
        for (size_t m = 0; m < work.shape.m; m++) {
            int32_t weight_sum = 0;
            for (size_t k = 0; k < work.shape.k; k++)
                weight_sum += (int8_t)work.weight_codes[m * work.shape.k + k];
            for (size_t n = 0; n < work.shape.n; n++)
                if (sums.data()[m * columns + n] - 128 * weight_sum != work.expected[m * work.shape.n + n])
                    return false;
        }
        return true;
    }
    // Both packed operands and the sums.
    double bytes() const { return (double)(weights.size() + values.size() + sizeof(int32_t) * sums.size()); }

    static size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

    const TableWork& work;
    Int8PanelGemm kernel;
    size_t steps;
    size_t blocks;
    size_t block_bytes;
    size_t column_bytes;
    size_t columns;
    size_t tile_columns;
    AlignedBuffer<uint8_t> weights;
    AlignedBuffer<uint8_t> values;  // tile after tile
    AlignedBuffer<int32_t> sums;
};

}  // namespace

std::vector<Result> bench_quant(const ConvShape& conv, const std::vector<Tier>& tiers, const Wanted& wanted) {
    const std::string gemm_shape = conv.gemm().text(), layer_shape = conv.text();
    if (!wanted("quant_gemm", gemm_shape) && !wanted("quant_conv2d", layer_shape)) return {};
    const TableWork work(TableClass::exact, conv);
    const TableBaseline baseline = table_baselines().back();
    Group group(baseline.name, work.shape.products(), wanted);
    group.add_baseline<TableBaselineRun>(work, baseline);
    for (const Tier& tier : tiers) {
        const Int8PanelGemm& kernel = tier.kernels.int8_panel;
        const bool chosen = tier.id == tiers.back().id;
        group.add<PanelGemmRun>({"quant_gemm", kernel.name, tier.name, gemm_shape, chosen}, work, kernel);
        group.add<TableLayerRun>({"quant_conv2d", kernel.name, tier.name, layer_shape, chosen}, work,
                                 Layer::quantized(tier.id, conv, work.weights));
    }
    return group.measure();
}

}  // namespace axnn::bench
