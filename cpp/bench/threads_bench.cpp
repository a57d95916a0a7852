// What a second thread gives a whole layer: time on the wall of both sides, the baseline is one thread.
#include <string>

#include "binary_work.hpp"
#include "float_work.hpp"
#include "suites.hpp"
#include "table_work.hpp"

namespace axnn::bench {
namespace {

constexpr uint32_t threads = 2;

bool always(const std::string&, const std::string&) { return true; }

// make_layer(threads).
template <typename LayerRun, typename Work, typename MakeLayer>
void measure(const std::string& name, const Work& work, const Tier& tier, const MakeLayer& make_layer,
             std::vector<Result>& results) {
    Group group("one_thread", work.shape.products(), always, Clock::wall);
    const Layer layer = make_layer(threads);
    group.add_baseline<LayerRun>(work, make_layer(1));
    group.add<LayerRun>({name, layer.kernel(), tier.name, work.conv.text(), true, threads}, work, layer);
    const std::vector<Result> measured = group.measure();
    results.insert(results.end(), measured.begin(), measured.end());
}

}  // namespace

std::vector<Result> bench_threads(const ConvShape& conv, const Tier& tier, const Wanted& wanted_row) {
    std::vector<Result> results;
    const auto wanted = [&](const char* name) { return wanted_row(name, conv.text() + " threads"); };
    for (const TableClass table_class : {TableClass::int16, TableClass::int16_7bit}) {
        const std::string name = "approx_conv2d/" + name_of(table_class);
        if (!wanted(name.c_str())) continue;
        const TableWork work(table_class, conv);
        measure<TableLayerRun>(
            name, work, tier,
            [&](uint32_t n) {
                return Layer::approximate(tier.id, conv, work.weights, work.products, work.code_min, n);
            },
            results);
    }
    if (wanted("quant_conv2d")) {
        const TableWork work(TableClass::exact, conv);
        measure<TableLayerRun>(
            "quant_conv2d", work, tier,
            [&](uint32_t n) { return Layer::quantized(tier.id, conv, work.weights, work.code_min, n); },
            results);
    }
    if (wanted("float_conv2d")) {
        const FloatWork work(conv);
        measure<FloatLayerRun>(
            "float_conv2d", work, tier,
            [&](uint32_t n) { return Layer::floating(tier.id, conv, work.weights, n); }, results);
    }
    const std::vector<Result> binary = bench_binary_threads(conv, tier, wanted_row);
    results.insert(results.end(), binary.begin(), binary.end());
    return results;
}

std::vector<Result> bench_binary_threads(const ConvShape& conv, const Tier& tier, const Wanted& wanted) {
    std::vector<Result> results;
    if (!BinaryWork::possible(conv) || !wanted("binary_conv2d", conv.text() + " threads")) return results;
    const BinaryWork work(conv);
    measure<BinaryLayerRun>(
        "binary_conv2d", work, tier,
        [&](uint32_t n) { return Layer::binary(tier.id, conv, work.weights, n); }, results);
    return results;
}

}  // namespace axnn::bench
