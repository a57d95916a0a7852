#include "baselines.hpp"

#include "axnn/axnn.h"

namespace axnn::bench {

std::vector<TableBaseline> table_baselines() {
    std::vector<TableBaseline> baselines = {{"b0_triple_loop", "scalar", b0_triple_loop}};
#if defined(__x86_64__)
    if (axnn_cpu_features() & AXNN_CPU_AVX2) baselines.push_back({"b1_gather", "avx2", b1_gather});
#endif
    return baselines;
}

}  // namespace axnn::bench
