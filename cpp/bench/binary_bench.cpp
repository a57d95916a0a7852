// Binary GEMM and convolution, beside P0 and P1b.
#include <algorithm>
#include <memory>

#include "baselines.hpp"
#include "binary_work.hpp"
#include "runtime/aligned_buffer.hpp"
#include "suites.hpp"

namespace axnn::bench {
namespace {

using PopcountBaseline = void (*)(const uint64_t*, const uint64_t*, GemmShape, int32_t*);

// A baseline on as many output channels as take some milliseconds, as TableBaselineRun.
struct BaselineRun {
    static constexpr double most_products = 128e6;
    static constexpr size_t step = 4;  // channels that a baseline takes at once

    BaselineRun(const BinaryWork& binary_work, PopcountBaseline popcount_baseline)
        : work(binary_work), baseline(popcount_baseline), part(work.in_words()) {
        const double step_products = (double)(step * part.k * part.n);
        part.m = std::clamp((size_t)(most_products / step_products) * step, step, part.m);
        mismatches.resize(part.m * part.n);
    }
    void run() { baseline(work.weight_bits.data(), work.activation_bits.data(), part, mismatches.data()); }
    bool correct() const { return std::equal(mismatches.begin(), mismatches.end(), work.expected.begin()); }
    double share() const { return (double)part.m / (double)work.shape.m; }

    const BinaryWork& work;
    PopcountBaseline baseline;
    GemmShape part;
    std::vector<int32_t> mismatches;
};

// A kernel on all blocks and panels, both packed beforehand.
struct BinaryGemmRun {
    BinaryGemmRun(const BinaryWork& binary_work, const BinaryGemm& binary_gemm)
        : work(binary_work),
          kernel(binary_gemm),
          panels((work.shape.n + kernel.columns - 1) / kernel.columns),
          stride(panels * kernel.columns),
          weights(work.shape.m / kernel.rows * work.words * kernel.block_bytes),
          activations(panels * work.words * kernel.panel_bytes),
          sums(work.shape.m * stride) {
        for (size_t c = 0; c < work.shape.m; c += kernel.rows)
            kernel.pack_block({work.weight_bits.data() + c * work.words, work.words, 1, kernel.rows},
                              work.words, block(c));
        std::vector<uint64_t> words(kernel.columns);
        for (size_t p = 0; p < panels; p++)
            for (size_t i = 0; i < work.words; i++) {
                for (size_t n = 0; n < kernel.columns; n++) {
                    const size_t column = p * kernel.columns + n;
                    words[n] = column < work.shape.n ? work.activation_bits[column * work.words + i] : 0;
                }
                kernel.pack_panel(words.data(), panel(p) + i * kernel.panel_bytes);
            }
    }
    uint8_t* block(size_t channel) {
        return weights.data() + channel / kernel.rows * work.words * kernel.block_bytes;
    }
    uint8_t* panel(size_t index) { return activations.data() + index * work.words * kernel.panel_bytes; }

    void run() {
        for (size_t p = 0; p < panels; p++)
            for (size_t c = 0; c < work.shape.m; c += kernel.rows)
                kernel.run({block(c), panel(p), work.words, true, (int32_t)work.shape.k,
                            sums.data() + c * stride + p * kernel.columns, stride});
    }
    bool correct() const {
        for (size_t m = 0; m < work.shape.m; m++)
            for (size_t n = 0; n < work.shape.n; n++)
                if (sums[m * stride + n] != (int32_t)work.shape.k - 2 * work.expected[m * work.shape.n + n])
                    return false;
        return true;
    }
    // Both packed operands and the sums.
    double bytes() const {
        return (double)(weights.size() + activations.size() + sizeof(int32_t) * sums.size());
    }

    const BinaryWork& work;
    BinaryGemm kernel;
    size_t panels;
    size_t stride;
    AlignedBuffer<uint8_t> weights;
    AlignedBuffer<uint8_t> activations;
    AlignedBuffer<int32_t> sums;
};

}  // namespace

std::vector<Result> bench_binary(const ConvShape& conv, const std::vector<Tier>& tiers,
                                 const Wanted& wanted) {
    if (!BinaryWork::possible(conv)) return {};
    const std::string gemm_name = "binary_gemm", gemm_shape = conv.gemm().text();
    const std::string layer_name = "binary_conv2d", layer_shape = conv.text();
    const std::string true_zero_name = layer_name + "/true_zero", bits_name = layer_name + "/bits";
    const std::string baseline_name = "baseline/binary";
    if (!wanted(gemm_name, gemm_shape) && !wanted(layer_name, layer_shape) &&
        !wanted(true_zero_name, layer_shape) && !wanted(bits_name, layer_shape) &&
        !wanted(baseline_name, gemm_shape))
        return {};

    const BinaryWork work(conv);
    const auto layer = [&](const Tier& tier) { return Layer::binary(tier.id, conv, work.weights); };
    const std::string choice = layer(tiers.back()).kernel();
    Group group("p1b_popcnt64", work.shape.products(), wanted);
    group.add<BaselineRun>({baseline_name, "p0_byte_popcount", "scalar", gemm_shape, false}, work,
                           p0_byte_popcount);
#if defined(__x86_64__)
    if (axnn_cpu_features() & AXNN_CPU_POPCNT)
        group.add<BaselineRun>({baseline_name, "p1b_popcnt64", "avx2", gemm_shape, false}, work,
                               p1b_popcnt64);
#endif
    for (const Tier& tier : tiers) {
        const BinaryGemm& kernel = tier.kernels.binary_gemm;
        const bool chosen = choice == kernel.name;
        group.add<BinaryGemmRun>({gemm_name, kernel.name, tier.name, gemm_shape, chosen}, work, kernel);
        group.add<BinaryLayerRun>({layer_name, kernel.name, tier.name, layer_shape, chosen}, work,
                                  layer(tier));
        if (!chosen) continue;
        if (conv.padding > 0)
            group.add<TrueZeroLayerRun>({true_zero_name, kernel.name, tier.name, layer_shape, chosen}, work,
                                        Layer::binary(tier.id, conv, work.weights, 1, AXNN_PAD_TRUE_ZERO));
        group.add<BitsLayerRun>({bits_name, kernel.name, tier.name, layer_shape, chosen}, work, layer(tier));
    }
    return group.measure();
}

}  // namespace axnn::bench
