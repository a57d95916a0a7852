// Exact float32 convolution: what an approximate or binary layer replaces.
#include "float_work.hpp"
#include "suites.hpp"

namespace axnn::bench {

std::vector<Result> bench_float(const ConvShape& conv, const std::vector<Tier>& tiers, const Wanted& wanted) {
    if (!wanted("float_conv2d", conv.text())) return {};
    const FloatWork work(conv);
    Group group("", work.shape.products(), wanted);
    for (const Tier& tier : tiers) {
        const bool chosen = tier.id == tiers.back().id;
        group.add<FloatLayerRun>(
            {"float_conv2d", tier.kernels.float_panel.name, tier.name, conv.text(), chosen}, work,
            Layer::floating(tier.id, conv, work.weights));
    }
    return group.measure();
}

}  // namespace axnn::bench
