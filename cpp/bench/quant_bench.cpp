// Exact integer GEMM and quantised convolution, beside B1 with the table of exact products.
#include <algorithm>

#include "runtime/aligned_buffer.hpp"
#include "suites.hpp"
#include "table_work.hpp"

namespace axnn::bench {
namespace {

// A kernel on all channels and columns, both sides packed beforehand. Values are unsigned for the kernel:
// codes plus 128.
struct PanelGemmRun {
    PanelGemmRun(const TableWork& table_work, const Int8PanelGemm& panel_gemm)
        : work(table_work),
          kernel(panel_gemm),
          columns((work.shape.n + kernel.columns - 1) / kernel.columns * kernel.columns),
          steps((work.shape.k + kernel.step - 1) / kernel.step),
          blocks((work.shape.m + kernel.channels - 1) / kernel.channels),
          block_bytes(steps * kernel.step * kernel.channels * kernel.weight_size),
          weights(blocks * block_bytes),
          values(steps * kernel.step * columns * kernel.value_size),
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
        for (size_t s = 0; s < steps; s++) {
            for (size_t j = 0; j < kernel.step; j++) {
                const size_t tap = s * kernel.step + j;
                taps[j] = tap < k ? work.activation_codes.data() + tap * n : nullptr;
            }
            kernel.pack_values(taps.data(), n, 1, 128,
                               values.data() + s * kernel.step * columns * kernel.value_size);
        }
    }
    void run() {
        for (size_t b = 0; b < blocks; b++)
            kernel.run({weights.data() + b * block_bytes, values.data(), steps, columns,
                        sums.data() + b * kernel.channels * columns, columns, false});
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

    const TableWork& work;
    Int8PanelGemm kernel;
    size_t columns;
    size_t steps;
    size_t blocks;
    size_t block_bytes;
    AlignedBuffer<uint8_t> weights;
    AlignedBuffer<uint8_t> values;
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
