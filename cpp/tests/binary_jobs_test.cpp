// How runs of binary layers are divided: their scratch, and which operand the weights are.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "layers/binary_jobs.hpp"
#include "support/tiers.hpp"

namespace axnn::test {
namespace {

ConvGeometry geometry_of(int32_t in_channels, int32_t out_channels, int32_t kernel, int32_t groups = 1) {
    axnn_conv2d_desc desc = {};
    desc.struct_size = sizeof desc;
    desc.in_channels = in_channels;
    desc.out_channels = out_channels;
    desc.kernel_h = desc.kernel_w = kernel;
    desc.stride_h = desc.stride_w = desc.dilation_h = desc.dilation_w = 1;
    desc.pad_top = desc.pad_bottom = desc.pad_left = desc.pad_right = kernel / 2;
    desc.groups = groups;
    return ConvGeometry::of(desc);
}

struct Input {
    ConvGeometry geometry;
    int32_t edge;
    int32_t n = 1;
};

BinaryJobs jobs_of(const Kernels& kernels, const Input& run, ZeroPadding zero_padding, size_t threads) {
    return BinaryJobs::choose(kernels.binary_gemm, BitLayout(run.geometry), zero_padding, threads,
                              run.geometry, run.n, {run.edge, run.edge});
}

// At most the packed image with its padding, and 256 KiB a thread.
TEST(BinaryJobs, Scratch) {
    const Input runs[] = {{geometry_of(64, 64, 3), 56},        {geometry_of(128, 128, 3), 28},
                          {geometry_of(256, 256, 3), 14},      {geometry_of(512, 512, 3), 7},
                          {geometry_of(3, 64, 7), 224},        {geometry_of(128, 128, 3), 32, 8},
                          {geometry_of(9216, 4096, 1), 1, 64}, {geometry_of(64, 32, 7), 128},
                          {geometry_of(128, 512, 1), 128, 8},  {geometry_of(1000, 1000, 5), 9, 3},
                          {geometry_of(128, 128, 3, 8), 30}};
    for (const auto& [tier, kernels] : kernel_tiers())
        for (const Input& run : runs)
            for (const ZeroPadding zero_padding :
                 {ZeroPadding::none, ZeroPadding::columns, ZeroPadding::position_sums})
                for (const size_t threads : {1, 2, 3, 8}) {
                    SCOPED_TRACE(std::string(kernels.binary_gemm.name) + ", " +
                                 std::to_string(run.geometry.in_channels) + " channels, edge " +
                                 std::to_string(run.edge) + ", padding " +
                                 std::to_string(static_cast<int>(zero_padding)) + ", threads " +
                                 std::to_string(threads));
                    const BinaryJobs jobs = jobs_of(kernels, run, zero_padding, threads);
                    EXPECT_LE(jobs.scratch_bytes(), size_t{256} << 10);
                    const auto padded = static_cast<size_t>(run.edge + 2 * run.geometry.pad_top);
                    EXPECT_LE(
                        jobs.grid().tiling().max_patch_size(),
                        static_cast<size_t>(run.n) * BitLayout(run.geometry).planes() * padded * padded);
                }
}

// Weights are blocks where pixels fill panels, and panels where they would not.
TEST(BinaryJobs, Places) {
    for (const auto& [tier, kernels] : kernel_tiers()) {
        if (kernels.binary_gemm.columns < 32) continue;  // the scalar tier's panels are never empty
        const auto in_panels = [&](const Input& run) {
            return jobs_of(kernels, run, ZeroPadding::none, 1).weights_in_panels();
        };
        EXPECT_FALSE(in_panels({geometry_of(64, 64, 3), 56}));
        EXPECT_FALSE(in_panels({geometry_of(512, 4, 3), 7}));
        EXPECT_TRUE(in_panels({geometry_of(512, 512, 3), 7}));
        EXPECT_TRUE(in_panels({geometry_of(4096, 1024, 1), 1}));
    }
}

// Threads have work where there is enough of it.
TEST(BinaryJobs, Threads) {
    for (const auto& [tier, kernels] : kernel_tiers())
        for (const size_t threads : {2, 3, 4})
            for (const Input& run : {Input{geometry_of(64, 64, 3), 56}, Input{geometry_of(512, 512, 3), 7},
                                     Input{geometry_of(2048, 2048, 1), 1}})
                EXPECT_GE(jobs_of(kernels, run, ZeroPadding::none, threads).grid().count(), threads);
}

}  // namespace
}  // namespace axnn::test
