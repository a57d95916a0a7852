// The kernel tables that this CPU and AXNN_MAX_ISA allow.
#pragma once

#include <vector>

#include "kernels/kernels.hpp"
#include "runtime/cpu.hpp"

namespace axnn::test {

struct Tier {
    const char* name;
    Kernels kernels;
};

inline std::vector<Tier> kernel_tiers() {
    std::vector<Tier> tiers = {{"scalar", scalar::kernels()}};
#if defined(__x86_64__)
    const axnn_tier best = choose_tier(AXNN_TIER_BEST);
    if (best >= AXNN_TIER_AVX2) tiers.push_back({"avx2", avx2::kernels()});
    if (best >= AXNN_TIER_AVX512) tiers.push_back({"avx512", avx512::kernels()});
#endif
    return tiers;
}

}  // namespace axnn::test
