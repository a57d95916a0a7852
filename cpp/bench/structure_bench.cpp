// Tables with structure: the best table GEMM beside as many exact integer passes as the structure has terms,
// and both layers with what the plan picks.
#include <string>

#include "lut_gemm_run.hpp"
#include "panel_gemm_run.hpp"
#include "suites.hpp"
#include "table_work.hpp"

namespace axnn::bench {
namespace {

// The GEMM of a structure is one of exact products with so many values for each tap.
ConvShape with_terms(ConvShape conv, size_t terms) {
    conv.in_channels *= terms;
    return conv;
}

}  // namespace

std::vector<Result> bench_structure(TableClass table_class, const ConvShape& conv,
                                    const std::vector<Tier>& tiers, const Wanted& wanted) {
    const std::string gemm = "lut_gemm/" + name_of(table_class), gemm_shape = conv.gemm().text();
    const std::string layer = "approx_conv2d/" + name_of(table_class), layer_shape = conv.text();
    if (!wanted(gemm, gemm_shape) && !wanted(layer, layer_shape)) return {};
    const TableWork work(table_class, conv);
    const TableWork passes(TableClass::exact, with_terms(conv, terms_of(table_class)));
    const TableBaseline baseline = table_baselines().back();
    Group group(baseline.name, work.shape.products(), wanted);
    group.add_baseline<TableBaselineRun>(work, baseline);
    for (const Tier& tier : tiers) {
        const auto make = [&](axnn_structure_use use) {
            return Layer::approximate(tier.id, conv, work.weights, work.products, work.code_min, 1, use);
        };
        const bool best = tier.id == tiers.back().id;
        const std::string choice = make(AXNN_STRUCTURE_AUTO).kernel();
        const Layer table = make(AXNN_STRUCTURE_NEVER), structured = make(AXNN_STRUCTURE_ALWAYS);
        for (const TableCandidate& candidate : lut_candidates(work, tier.kernels))
            if (candidate.name() == table.kernel())
                group.add<LutGemmRun>(
                    {gemm, candidate.name(), tier.name, gemm_shape, best && candidate.name() == choice}, work,
                    candidate);
        const Int8PanelGemm& kernel = tier.kernels.int8_panel;
        group.add<PanelGemmRun>({gemm, kernel.name, tier.name, gemm_shape, best && kernel.name == choice},
                                passes, kernel);
        for (const Layer& whole : {table, structured})
            group.add<TableLayerRun>(
                {layer, whole.kernel(), tier.name, layer_shape, best && whole.kernel() == choice}, work,
                whole);
    }
    return group.measure();
}

}  // namespace axnn::bench
