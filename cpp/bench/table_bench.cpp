// Table GEMM and approximate convolution, beside B0 and B1.
#include <algorithm>
#include <memory>

#include "baselines.hpp"
#include "layer.hpp"
#include "runtime/aligned_buffer.hpp"
#include "suites.hpp"
#include "table_work.hpp"

namespace axnn::bench {
namespace {

using TableBaseline = void (*)(const int32_t*, const uint8_t*, const uint8_t*, GemmShape, int32_t*);

struct BaselineRun {
    BaselineRun(const TableWork& table_work, TableBaseline table_baseline)
        : work(table_work), baseline(table_baseline), sums(work.expected.size()) {}
    void run() {
        baseline(work.products.data(), work.weight_codes.data(), work.activation_codes.data(), work.shape,
                 sums.data());
    }
    bool correct() const { return sums == work.expected; }

    const TableWork& work;
    TableBaseline baseline;
    std::vector<int32_t> sums;
};

// A kernel on all channels and columns, codes packed beforehand. The channel counts of all shapes are
// multiples of all kernels' blocks.
template <typename Entry>
struct LutGemmRun {
    LutGemmRun(const TableWork& table_work, const LutGemm& lut_gemm)
        : work(table_work),
          kernel(lut_gemm),
          table(table_entries),
          packed((work.shape.k + kernel.step - 1) / kernel.step * kernel.step * work.shape.n),
          sums(work.expected.size()),
          scratch(kernel.scratch_bytes) {
        std::copy(work.products.begin(), work.products.end(), table.data());
        std::vector<const uint8_t*> taps(kernel.step);
        for (size_t k = 0; k < work.shape.k; k += kernel.step) {
            for (size_t j = 0; j < kernel.step; j++)
                taps[j] =
                    k + j < work.shape.k ? work.activation_codes.data() + (k + j) * work.shape.n : nullptr;
            kernel.pack(taps.data(), work.shape.n, 1, packed.data() + k * work.shape.n);
        }
    }
    void run() {
        const auto [m, k, n] = work.shape;
        std::fill_n(sums.data(), sums.size(), 0);
        for (size_t c = 0; c < m; c += kernel.channels)
            kernel.run({table.data(), work.weight_codes.data() + c * k, k, packed.data(), k, n,
                        sums.data() + c * n, scratch.data(), work.code_min < 0 ? size_t{256} : size_t{128}});
    }
    bool correct() const {
        for (size_t m = 0; m < work.shape.m; m++)
            for (size_t n = 0; n < work.shape.n; n++) {
                const size_t block = m / kernel.channels, channel = m % kernel.channels;
                if (sums[(block * work.shape.n + n) * kernel.channels + channel] !=
                    work.expected[m * work.shape.n + n])
                    return false;
            }
        return true;
    }

    const TableWork& work;
    LutGemm kernel;
    AlignedBuffer<Entry> table;
    AlignedBuffer<uint16_t> packed;
    AlignedBuffer<int32_t> sums;
    AlignedBuffer<uint8_t> scratch;
};

}  // namespace

std::vector<Result> bench_table(TableClass table_class, const ConvShape& conv, const std::vector<Tier>& tiers,
                                const Wanted& wanted) {
    const bool int16 = table_class != TableClass::int32;
    const std::string suffix = !int16                                  ? "/int32"
                               : table_class == TableClass::int16_7bit ? "/int16_7bit"
                                                                       : "/int16";
    const std::string gemm_name = "lut_gemm" + suffix, gemm_shape = conv.gemm().text();
    const std::string layer_name = "approx_conv2d" + suffix, layer_shape = conv.text();
    const std::string baseline_name = "baseline" + suffix;
    if (!wanted(gemm_name, gemm_shape) && !wanted(layer_name, layer_shape) &&
        !wanted(baseline_name, gemm_shape))
        return {};

    const TableWork work(table_class, conv);
    const auto layer = [&](const Tier& tier) {
        return Layer::approximate(tier.id, conv, work.weights, work.products, work.code_min);
    };
    const std::string choice = layer(tiers.back()).explain();
    Group group("b1_gather", work.shape.products(), wanted);
    group.add<BaselineRun>({baseline_name, "b0_triple_loop", "scalar", gemm_shape, false}, work,
                           b0_triple_loop);
#if defined(__x86_64__)
    if (axnn_cpu_features() & AXNN_CPU_AVX2)
        group.add<BaselineRun>({baseline_name, "b1_gather", "avx2", gemm_shape, false}, work, b1_gather);
#endif
    for (const Tier& tier : tiers) {
        const LutGemm& kernel = int16 ? tier.kernels.lut_gemm_int16 : tier.kernels.lut_gemm_int32;
        const bool chosen = choice.find(kernel.name) != std::string::npos;
        const Label label = {gemm_name, kernel.name, tier.name, gemm_shape, chosen};
        if (int16) group.add<LutGemmRun<int16_t>>(label, work, kernel);
        else group.add<LutGemmRun<int32_t>>(label, work, kernel);
        group.add<TableLayerRun>({layer_name, kernel.name, tier.name, layer_shape, chosen}, work,
                                 layer(tier));
    }
    return group.measure();
}

}  // namespace axnn::bench
