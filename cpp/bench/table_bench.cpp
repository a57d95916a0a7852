// Table GEMM and approximate convolution, beside B0 and B1.
#include <string>

#include "lut_gemm_run.hpp"
#include "suites.hpp"
#include "table_work.hpp"

namespace axnn::bench {

std::vector<Result> bench_table(TableClass table_class, const ConvShape& conv, const std::vector<Tier>& tiers,
                                const Wanted& wanted) {
    const std::string gemm_name = "lut_gemm/" + name_of(table_class), gemm_shape = conv.gemm().text();
    const std::string layer_name = "approx_conv2d/" + name_of(table_class), layer_shape = conv.text();
    const std::string baseline_name = "baseline/" + name_of(table_class);
    if (!wanted(gemm_name, gemm_shape) && !wanted(layer_name, layer_shape) &&
        !wanted(baseline_name, gemm_shape))
        return {};

    const TableWork work(table_class, conv);
    const auto layer = [&](const Tier& tier) {
        return Layer::approximate(tier.id, conv, work.weights, work.products, work.code_min);
    };
    const std::string choice = layer(tiers.back()).kernel();
    Group group("b1_gather", work.shape.products(), wanted);
    for (const TableBaseline& baseline : table_baselines())
        group.add<TableBaselineRun>({baseline_name, baseline.name, baseline.tier, gemm_shape, false}, work,
                                    baseline);
    for (const Tier& tier : tiers) {
        for (const TableCandidate& candidate : lut_candidates(work, tier.kernels)) {
            const bool chosen = tier.id == tiers.back().id && candidate.name() == choice;
            group.add<LutGemmRun>({gemm_name, candidate.name(), tier.name, gemm_shape, chosen}, work,
                                  candidate);
        }
        const Layer whole = layer(tier);
        group.add<TableLayerRun>(
            {layer_name, whole.kernel(), tier.name, layer_shape, tier.id == tiers.back().id}, work, whole);
    }
    return group.measure();
}

}  // namespace axnn::bench
