// What the CPU, the operating system and the environment allow.
#pragma once

#include <stdint.h>

#include "axnn/axnn.h"

namespace axnn {

// AXNN_CPU_* bits of instruction sets that the CPU has (CPUID) and the operating system saves (XGETBV).
uint32_t cpu_features();

// "scalar", "avx2", "avx512".
const char* tier_name(axnn_tier tier);

// The tier a context gets for a request (AXNN_TIER_BEST for the highest): limited by the CPU, by
// AXNN_MAX_ISA and by the tiers in this build. Throws AXNN_ERROR_TIER for a higher request and
// AXNN_ERROR_ENVIRONMENT for an unknown AXNN_MAX_ISA.
axnn_tier choose_tier(axnn_tier request);

// The number of threads for a request (0: AXNN_NUM_THREADS if set, else the CPUs this process may use:
// affinity mask and cgroup quota). Throws AXNN_ERROR_INVALID_ARGUMENT or AXNN_ERROR_ENVIRONMENT.
uint32_t choose_threads(uint32_t request);

inline constexpr uint32_t max_threads = 1024;

}  // namespace axnn
