// Exact integer GEMM and quantised convolution, beside B1 with the table of exact products.
#include <algorithm>

#include "baselines.hpp"
#include "runtime/aligned_buffer.hpp"
#include "suites.hpp"
#include "table_work.hpp"

namespace axnn::bench {
namespace {

struct BaselineRun {
    explicit BaselineRun(const TableWork& table_work) : work(table_work), sums(work.expected.size()) {}
    void run() {
        b1_gather(work.products.data(), work.weight_codes.data(), work.activation_codes.data(), work.shape,
                  sums.data());
    }
    bool correct() const { return sums == work.expected; }

    const TableWork& work;
    std::vector<int32_t> sums;
};

// A kernel on all channels and columns, both sides packed beforehand. Values are unsigned for the kernel:
// codes plus 128. The channel counts of all shapes are multiples of all kernels' blocks.
struct PanelGemmRun {
    PanelGemmRun(const TableWork& table_work, const Int8PanelGemm& panel_gemm)
        : work(table_work),
          kernel(panel_gemm),
          columns((work.shape.n + kernel.columns - 1) / kernel.columns * kernel.columns),
          steps((work.shape.k + kernel.step - 1) / kernel.step),
          block_bytes(steps * kernel.step * kernel.channels * kernel.weight_size),
          weights(work.shape.m / kernel.channels * block_bytes),
          values(steps * kernel.step * columns * kernel.value_size),
          sums(work.shape.m * columns) {
        const auto [m, k, n] = work.shape;
        std::vector<const uint8_t*> rows(kernel.channels);
        for (size_t c = 0; c < m; c += kernel.channels) {
            for (size_t i = 0; i < kernel.channels; i++) rows[i] = work.weight_codes.data() + (c + i) * k;
            kernel.pack_weights(rows.data(), k, weights.data() + c / kernel.channels * block_bytes);
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
        for (size_t c = 0; c < work.shape.m; c += kernel.channels)
            kernel.run({weights.data() + c / kernel.channels * block_bytes, values.data(), steps, columns,
                        sums.data() + c * columns, columns, false});
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

    const TableWork& work;
    Int8PanelGemm kernel;
    size_t columns;
    size_t steps;
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
    Group group("b1_gather", work.shape.products(), wanted);
#if defined(__x86_64__)
    if (axnn_cpu_features() & AXNN_CPU_AVX2)
        group.add<BaselineRun>({"baseline/exact", "b1_gather", "avx2", gemm_shape, false}, work);
#endif
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
