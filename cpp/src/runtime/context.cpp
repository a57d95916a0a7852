#include "runtime/context.hpp"

namespace axnn {
namespace {

Kernels tier_kernels(axnn_tier tier) {
    switch (tier) {
#if defined(__x86_64__)
        case AXNN_TIER_AVX2:
            return avx2::kernels();
        case AXNN_TIER_AVX512:
            return avx512::kernels();
#endif
        default:
            return scalar::kernels();
    }
}

}  // namespace

Context::Context(axnn_tier tier, uint32_t threads)
    : tier_(choose_tier(tier)),
      kernels_(tier_kernels(tier_)),
      pool_(choose_threads(threads)),
      workspaces_(pool_.threads()) {}

}  // namespace axnn
