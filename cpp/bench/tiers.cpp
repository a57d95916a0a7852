#include "tiers.hpp"

#include "runtime/context.hpp"
#include "runtime/cpu.hpp"

namespace axnn::bench {

std::vector<Tier> available_tiers() {
    const axnn_tier best = choose_tier(AXNN_TIER_BEST);
    std::vector<Tier> tiers;
    for (int id = AXNN_TIER_SCALAR; id <= best; id++) {
        const Context context((axnn_tier)id, 1);
        tiers.push_back({context.tier(), tier_name(context.tier()), context.kernels()});
    }
    return tiers;
}

}  // namespace axnn::bench
