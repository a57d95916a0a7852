// Exact integer GEMM and quantised convolution, beside B1 with the table of exact products.
#include "baselines.hpp"
#include "panel_gemm_run.hpp"
#include "suites.hpp"
#include "table_work.hpp"

namespace axnn::bench {
namespace {

// Rows of one range of activation codes; suffix: of their names.
std::vector<Result> bench_codes(TableClass table_class, const std::string& suffix, const ConvShape& conv,
                                const std::vector<Tier>& tiers, const Wanted& wanted) {
    const std::string gemm = "quant_gemm" + suffix, layer = "quant_conv2d" + suffix;
    const std::string gemm_shape = conv.gemm().text(), layer_shape = conv.text();
    if (!wanted(gemm, gemm_shape) && !wanted(layer, layer_shape)) return {};
    const TableWork work(table_class, conv);
    const TableBaseline baseline = table_baselines().back();
    Group group(baseline.name, work.shape.products(), wanted);
    group.add_baseline<TableBaselineRun>(work, baseline);
    for (const Tier& tier : tiers) {
        const Int8PanelGemm& kernel =
            work.code_min < 0 ? tier.kernels.int8_panel : tier.kernels.int8_panel_7bit;
        const bool chosen = tier.id == tiers.back().id;
        group.add<PanelGemmRun>({gemm, kernel.name, tier.name, gemm_shape, chosen}, work, kernel);
        group.add<TableLayerRun>({layer, kernel.name, tier.name, layer_shape, chosen}, work,
                                 Layer::quantized(tier.id, conv, work.weights, work.code_min));
    }
    return group.measure();
}

}  // namespace

std::vector<Result> bench_quant(const ConvShape& conv, const std::vector<Tier>& tiers, const Wanted& wanted) {
    std::vector<Result> results = bench_codes(TableClass::exact, "", conv, tiers, wanted);
    for (Result& result : bench_codes(TableClass::exact_7bit, "/7bit", conv, tiers, wanted))
        results.push_back(std::move(result));
    return results;
}

}  // namespace axnn::bench
