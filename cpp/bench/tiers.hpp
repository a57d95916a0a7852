// The kernel tiers of this build that CPU and AXNN_MAX_ISA allow.
#pragma once

#include <string>
#include <vector>

#include "axnn/axnn.h"
#include "kernels/kernels.hpp"

namespace axnn::bench {

struct Tier {
    axnn_tier id;
    std::string name;
    Kernels kernels;
};

// Lowest first; never empty.
std::vector<Tier> available_tiers();

}  // namespace axnn::bench
