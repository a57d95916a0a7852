// Depthwise convolutions of tables, exact codes and floats: tables beside im2col with the scalar tier's
// kernels, the others beside the scalar tier's depthwise kernel.
#include <string>

#include "depthwise_work.hpp"
#include "im2col_run.hpp"
#include "suites.hpp"

namespace axnn::bench {
namespace {

// make_layer(tier, work, threads).
template <typename MakeLayer>
void add_thread_row(const std::string& name, const DepthwiseWork& work, const Tier& tier,
                    const MakeLayer& make_layer, const Wanted& wanted, std::vector<Result>& results) {
    constexpr uint32_t threads = 2;
    if (!wanted(name, work.conv.text() + " threads")) return;
    const auto always = [](const std::string&, const std::string&) { return true; };
    Group group("one_thread", work.shape.products(), always, Clock::wall);
    const Layer layer = make_layer(tier.id, work, threads);
    group.add_baseline<DepthwiseLayerRun>(work, make_layer(tier.id, work, 1));
    group.add<DepthwiseLayerRun>({name, layer.kernel(), tier.name, work.conv.text(), true, threads}, work,
                                 layer);
    const std::vector<Result> measured = group.measure();
    results.insert(results.end(), measured.begin(), measured.end());
}

// kernel_of(Kernels), make_layer(tier, work, threads), add_baseline(group, work).
template <typename KernelOf, typename MakeLayer, typename AddBaseline>
void add_rows(const std::string& class_name, TableClass table_class, const ConvShape& conv,
              const std::vector<Tier>& tiers, const Wanted& wanted, const char* baseline,
              const KernelOf& kernel_of, const MakeLayer& make_layer, const AddBaseline& add_baseline,
              std::vector<Result>& results) {
    const std::string name = "depthwise_conv2d/" + class_name;
    if (!wanted(name, conv.text()) && !wanted(name, conv.text() + " threads")) return;
    const DepthwiseWork work(table_class, conv);
    Group group(baseline, work.shape.products(), wanted);
    add_baseline(group, Label{name, baseline, tiers.front().name, conv.text(), false}, work);
    for (const Tier& tier : tiers) {
        const bool chosen = tier.id == tiers.back().id;
        group.add<DepthwiseLayerRun>({name, kernel_of(tier.kernels).name, tier.name, conv.text(), chosen},
                                     work, make_layer(tier.id, work, 1));
    }
    const std::vector<Result> measured = group.measure();
    results.insert(results.end(), measured.begin(), measured.end());
    add_thread_row(name, work, tiers.back(), make_layer, wanted, results);
}

}  // namespace

std::vector<Result> bench_depthwise(const ConvShape& conv, const std::vector<Tier>& tiers,
                                    const Wanted& wanted) {
    std::vector<Result> results;
    const auto add_tables = [&](TableClass table_class, const LutGemm& scalar_gemm, const auto& kernel_of) {
        const auto layer = [&](axnn_tier tier, const DepthwiseWork& work, uint32_t threads) {
            return Layer::approximate(tier, conv, work.weights, work.products, work.code_min, threads);
        };
        const auto im2col = [&](Group& group, const Label& label, const DepthwiseWork& work) {
            group.add<Im2colRun>(label, work, scalar_gemm);
        };
        add_rows(name_of(table_class), table_class, conv, tiers, wanted, Im2colRun::name, kernel_of, layer,
                 im2col, results);
    };
    // Beside the first tier's own rows.
    const auto add = [&](const char* class_name, const auto& kernel_of, const auto& layer) {
        add_rows(
            class_name, TableClass::exact, conv, tiers, wanted, kernel_of(tiers.front().kernels).name,
            kernel_of, layer, [](Group&, const Label&, const DepthwiseWork&) {}, results);
    };
    const Kernels scalar = scalar::kernels();
    for (const TableClass table_class : {TableClass::int16, TableClass::int16_7bit})
        add_tables(table_class, scalar.lut_gemm_int16,
                   [](const Kernels& k) { return k.lut_depthwise_int16; });
    add_tables(TableClass::int32, scalar.lut_gemm_int32,
               [](const Kernels& k) { return k.lut_depthwise_int32; });
    add(
        "exact", [](const Kernels& k) { return k.int8_depthwise; },
        [&](axnn_tier tier, const DepthwiseWork& work, uint32_t threads) {
            return Layer::quantized(tier, conv, work.weights, threads);
        });
    add(
        "float", [](const Kernels& k) { return k.float_depthwise; },
        [&](axnn_tier tier, const DepthwiseWork& work, uint32_t threads) {
            return Layer::floating(tier, conv, work.weights, threads);
        });
    return results;
}

}  // namespace axnn::bench
