// The table GEMM kernels of a tier, each alone on packed operands.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "layers/table_gemm.hpp"
#include "runtime/aligned_buffer.hpp"
#include "table_work.hpp"

namespace axnn::bench {

inline LutView view(const TableWork& work) {
    LutView lut = {work.products.data(), 256, 1, {}, {}};
    lut.weights.fill(true);
    for (int code = work.code_min; code < 128; code++) lut.activations[(uint8_t)code] = true;
    return lut;
}

// The ways to make the sums of this work with a tier's kernels.
inline std::vector<TableCandidate> lut_candidates(const TableWork& work, const Kernels& kernels) {
    std::vector<TableCandidate> candidates;
    const LutView lut = view(work);
    const auto add = [&](const LutGemm& kernel, LaneOperand lane) {
        if (const auto fit = EntryFit::of(lut, lut.range(), kernel.entry_min, kernel.entry_max))
            candidates.push_back({kernel, lane, *fit, work.shape.k});
    };
    for (const LutGemm& kernel : {kernels.lut_gemm_uint8, kernels.lut_gemm_int13, kernels.lut_gemm_int15,
                                  kernels.lut_gemm_int16, kernels.lut_gemm_int32})
        for (const LaneOperand lane : {LaneOperand::weights, LaneOperand::activations}) {
            // One lane is the same either way.
            if (kernel.lanes > 1 || lane == LaneOperand::weights) add(kernel, lane);
        }
    for (const LutGemm& kernel : {kernels.lut_planes_uint8, kernels.lut_planes_int16})
        if (kernel.lanes > 1) add(kernel, LaneOperand::activations);
    return candidates;
}

// A candidate on all channels and columns, packed beforehand.
struct LutGemmRun {
    LutGemmRun(const TableWork& table_work, const TableCandidate& table_candidate)
        : work(table_work),
          candidate(table_candidate),
          kernel(candidate.kernel),
          weights_in_lanes(candidate.lane == LaneOperand::weights),
          table(view(work), candidate.fit, kernel, candidate.lane),
          activation_rows(work.shape.n * work.shape.k),
          count(weights_in_lanes ? work.shape.n : work.shape.m),
          scratch(kernel.scratch_bytes) {
        const auto [m, k, n] = work.shape;
        for (size_t i = 0; i < k; i++)
            for (size_t column = 0; column < n; column++)
                activation_rows[column * k + i] = work.activation_codes[i * n + column];
        const uint8_t* const weight_rows = work.weight_codes.data();
        lanes = weights_in_lanes ? LaneWeights(weight_rows, m, k, kernel.lanes)
                                 : LaneWeights(activation_rows.data(), n, k, kernel.lanes);
        indices = weights_in_lanes ? IndexWeights(activation_rows.data(), n, k, kernel)
                                   : IndexWeights(weight_rows, m, k, kernel);
        sums = AlignedBuffer<int32_t>(lanes.blocks() * kernel.lanes * count);
    }
    void run() {
        std::fill_n(sums.data(), sums.size(), 0);
        for (size_t b = 0; b < lanes.blocks(); b++)
            kernel.run({table.data.data(), lanes.block(b), indices.data(), count, work.shape.k, count,
                        sums.data() + b * kernel.lanes * count, scratch.data(), table.lane_end,
                        table.index_end, table.odd});
    }
    bool correct() const {
        const auto [m, k, n] = work.shape;
        for (size_t row = 0; row < m; row++) {
            int64_t weight_parts = 0;
            for (size_t i = 0; i < k; i++)
                weight_parts += candidate.fit.weight_part[work.weight_codes[row * k + i]];
            for (size_t column = 0; column < n; column++) {
                int64_t sum = weight_parts;
                for (size_t i = 0; candidate.fit.has_activation_part && i < k; i++)
                    sum += candidate.fit.activation_part[activation_rows[column * k + i]];
                const size_t lane = weights_in_lanes ? row : column, index = weights_in_lanes ? column : row;
                sum +=
                    sums.data()[(lane / kernel.lanes * count + index) * kernel.lanes + lane % kernel.lanes];
                if ((int32_t)(uint32_t)sum != work.expected[row * n + column]) return false;
            }
        }
        return true;
    }
    // The vector tables that it makes: an entry for each index byte, of each lane, at each tap.
    double bytes() const {
        const double entry = (double)kernel.table_bytes / table_entries;
        return (double)(lanes.blocks() * kernel.lanes * work.shape.k * table.index_end) * entry;
    }

    const TableWork& work;
    TableCandidate candidate;
    LutGemm kernel;
    bool weights_in_lanes;
    KernelTable table;
    std::vector<uint8_t> activation_rows;  // [N][K]
    size_t count;
    LaneWeights lanes;
    IndexWeights indices;
    AlignedBuffer<int32_t> sums;
    AlignedBuffer<uint8_t> scratch;
};

}  // namespace axnn::bench
