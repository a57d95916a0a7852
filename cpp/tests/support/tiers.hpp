// The kernel tables that this CPU can run.
#pragma once

#include <vector>

#include "kernels/kernels.hpp"

namespace axnn::test {

struct Tier {
    const char* name;
    Kernels kernels;
};

inline std::vector<Tier> kernel_tiers() {
    std::vector<Tier> tiers = {{"scalar", scalar::kernels()}};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
        __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
        tiers.push_back({"avx2", avx2::kernels()});
#endif
    return tiers;
}

}  // namespace axnn::test
