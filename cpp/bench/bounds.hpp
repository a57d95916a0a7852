// Products per cycle that a kernel's instructions allow.
#pragma once

#include <optional>
#include <string_view>

namespace axnn::bench {

// As derived in the comments that head the kernels, for a core that starts two loads (and one popcnt) in a
// cycle; a core with more may exceed them. Nothing for kernels without a derived bound.
inline std::optional<double> bound_of(std::string_view kernel) {
    struct Bound {
        std::string_view kernel;
        double products_per_cycle;
    };
    constexpr Bound bounds[] = {
        {"vector_table_uint8_32x8_avx2", 256 / 11.3},
        {"vector_table_int13_16x8_avx2", 128 / 9.0},
        {"vector_table_int15_16x8_avx2", 128 / 9.0},
        {"vector_table_int16_16x8_avx2", 128 / 9.0},
        {"vector_table_int15_16x8_avx512", 128 / 9.0},
        {"vector_table_int16_16x8_avx512", 128 / 9.0},
        {"planes_uint8_64x1_avx512", 16},
        {"planes_int16_64x1_avx512", 8},
        {"vector_table_int32_8x8_avx2", 64 / 8.5},
        {"avx2_vector_table_depthwise", 72 / 14.0},
        {"avx512_permute_depthwise", 128 / 24.0},
        {"fma_4x24_avx2", 16},
        {"fma_8x48_avx512", 32},
        {"maddwd_6x16_avx2", 24},
        {"maddubs_4x16_avx2", 32},
        {"vnni_8x48_avx512", 128},
        {"pair_table_4x64_avx2", 256},
        {"carry_save_8x32_avx512", 370},
        {"p1b_popcnt64", 64},
    };
    // A table kernel's name may end with the operand in its lanes.
    kernel = kernel.substr(0, kernel.find(':'));
    for (const Bound& bound : bounds)
        if (bound.kernel == kernel) return bound.products_per_cycle;
    return {};
}

}  // namespace axnn::bench
