// The baseline of depthwise table layers: a convolution by im2col with the scalar tier's kernels, one channel
// after the other.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "depthwise_work.hpp"
#include "kernels/kernels.hpp"
#include "runtime/aligned_buffer.hpp"

namespace axnn::bench {

// Quantise a channel's plane, pack its taps as columns, a GEMM of one row, dequantise.
struct Im2colRun {
    static constexpr const char* name = "scalar_im2col";

    Im2colRun(const DepthwiseWork& depthwise_work, const LutGemm& scalar_gemm)
        : work(depthwise_work),
          gemm(scalar_gemm),
          table(gemm.table_bytes),
          scratch(gemm.scratch_bytes),
          patch_edge(work.conv.edge + 2 * work.conv.padding),
          plane(work.conv.edge * work.conv.edge),
          patch(patch_edge * patch_edge),
          packed(work.shape.k * work.shape.n),
          sums(work.shape.n),
          y(work.expected.size()) {
        gemm.make_table(work.products.data(), table.data());
    }
    void run() {
        for (size_t channel = 0; channel < work.shape.m; channel++) {
            fill_patch(channel);
            pack();
            std::fill_n(sums.data(), sums.size(), 0);
            gemm.run({table.data(), work.weight_codes.data() + channel * work.shape.k, packed.data(),
                      work.shape.n, work.shape.k, work.shape.n, sums.data(), scratch.data()});
            const int32_t offset = 0;
            const float scale = 1, bias = 0, limit = std::numeric_limits<float>::infinity();
            kernels.dequantize_planar({sums.data(), work.shape.n, 1, work.shape.n, &offset, &scale, &bias,
                                       -limit, limit, y.data() + channel * work.shape.n, work.shape.n, 1});
        }
    }
    bool correct() const { return y == work.expected; }

    const DepthwiseWork& work;
    Kernels kernels = scalar::kernels();
    LutGemm gemm;
    AlignedBuffer<uint8_t> table;
    AlignedBuffer<uint8_t> scratch;
    size_t patch_edge;
    std::vector<uint8_t> plane;
    std::vector<uint8_t> patch;  // the plane within its padding
    std::vector<uint16_t> packed;
    AlignedBuffer<int32_t> sums;
    std::vector<float> y;

  private:
    void fill_patch(size_t channel) {
        const size_t edge = work.conv.edge, padding = work.conv.padding;
        kernels.quantize(work.image.data() + channel * plane.size(), plane.size(),
                         {1, 0, (float)work.code_min, 127}, plane.data());
        for (size_t row = 0; row < edge; row++)
            std::copy_n(plane.begin() + (ptrdiff_t)(row * edge), edge,
                        patch.begin() + (ptrdiff_t)((row + padding) * patch_edge + padding));
    }
    void pack() {
        const ConvShape& conv = work.conv;
        for (size_t tap = 0; tap < work.shape.k; tap++)
            for (size_t row = 0; row < conv.out_edge(); row++) {
                const uint8_t* first =
                    patch.data() + (row * conv.stride + tap / conv.kernel) * patch_edge + tap % conv.kernel;
                gemm.pack(&first, conv.out_edge(), conv.stride,
                          packed.data() + tap * work.shape.n + row * conv.out_edge());
            }
    }
};

}  // namespace axnn::bench
