#include "layers/table_gemm.hpp"

#include <algorithm>

#include "layers/tiling.hpp"

namespace axnn {
namespace {

// Whether entries of opposite index bytes are opposite, for all lanes; -128 must not be reachable.
bool is_odd(const std::vector<int32_t>& entries, const ReachableBytes& indices) {
    constexpr size_t lowest = 128;
    if (indices[lowest]) return false;
    for (size_t lane = 0; lane < 256; lane++)
        for (size_t x = 0; x < lowest; x++)
            if (entries[lane * 256 + x] != -(int64_t)entries[lane * 256 + (256 - x) % 256]) return false;
    return true;
}

}  // namespace

KernelTable::KernelTable(const LutView& lut, const EntryFit& fit, const LutGemm& kernel, LaneOperand lane)
    : data(kernel.table_bytes) {
    std::vector<int32_t> entries(size_t{256} * 256);
    const bool weights_in_lanes = lane == LaneOperand::weights;
    for (size_t w = 0; w < 256; w++)
        for (size_t x = 0; x < 256; x++)
            if (lut.weights[w] && lut.activations[x])
                entries[weights_in_lanes ? w * 256 + x : x * 256 + w] = (int32_t)fit.entry(lut, w, x);
    const ReachableBytes& indices = weights_in_lanes ? lut.activations : lut.weights;
    lane_end = end_of(weights_in_lanes ? lut.weights : lut.activations);
    index_end = end_of(indices);
    odd = index_end > 128 && is_odd(entries, indices);
    kernel.make_table(entries.data(), data.data());
}

LaneWeights::LaneWeights(const uint8_t* bytes, size_t rows, size_t taps, size_t lanes)
    : blocks_(ceil_div(rows, lanes)), block_size_(taps * lanes), data_(blocks_ * block_size_) {
    // In runs of taps, so that what is written to stays in the first cache.
    constexpr size_t run = 256;
    for (size_t first = 0; first < taps; first += run)
        for (size_t row = 0; row < rows; row++) {
            const size_t last = std::min(first + run, taps);
            uint8_t* block = data_.data() + row / lanes * block_size_ + row % lanes;
            for (size_t k = first; k < last; k++) block[k * lanes] = bytes[row * taps + k];
        }
}

IndexWeights::IndexWeights(const uint8_t* bytes, size_t rows, size_t taps, const LutGemm& kernel)
    : data_(round_up(taps, kernel.step) * rows) {
    const uint8_t* tap[LutGemm::max_step];
    for (size_t k = 0; k < taps; k += kernel.step) {
        for (size_t j = 0; j < kernel.step; j++) tap[j] = k + j < taps ? bytes + k + j : nullptr;
        kernel.pack(tap, rows, taps, data_.data() + k * rows);
    }
}

TableGemm::TableGemm(const Context& context, const TableCandidate& candidate, const LutView& lut,
                     const ConvGeometry& geometry, const QuantizedWeights& weights)
    : candidate_(candidate),
      table_(lut, candidate.fit, candidate.kernel, candidate.lane),
      lane_weights_(weights_in_lanes() ? (size_t)geometry.groups : 0),
      index_weights_(weights_in_lanes() ? 0 : (size_t)geometry.groups),
      weight_parts_((size_t)geometry.out_channels) {
    const size_t rows = geometry.group_outputs(), taps = geometry.taps();
    const auto& part = candidate_.fit.weight_part;
    const bool uniform = std::all_of(part.begin(), part.end(), [&](int64_t p) { return p == part[0]; });
    context.run_without_workspace((size_t)geometry.out_channels, [&](size_t o) {
        if (uniform) weight_parts_[o] = (int64_t)taps * part[0];
        else
            for (size_t k = 0; k < taps; k++) weight_parts_[o] += part[weights.codes(o)[k]];
    });
    for (size_t g = 0; g < (size_t)geometry.groups; g++) {
        const uint8_t* bytes = weights.codes(g * rows);
        if (weights_in_lanes()) lane_weights_[g] = LaneWeights(bytes, rows, taps, kernel().lanes);
        else index_weights_[g] = IndexWeights(bytes, rows, taps, kernel());
    }
}

double table_gemm_cycles(const TableCandidate& candidate, const TableGemmSize& size) {
    // Packing: of indices or lanes, and of the parts of activations.
    constexpr double pack_cycles = 0.6, part_cycles = 1.3;
    const LutGemm& kernel = candidate.kernel;
    const bool weights_in_lanes = candidate.lane == LaneOperand::weights;
    const size_t tiles = ceil_div(size.columns, max_table_columns);
    const size_t count = weights_in_lanes ? ceil_div(size.columns, tiles) : size.channels;
    const size_t blocks = weights_in_lanes ? ceil_div(size.channels, kernel.lanes) * tiles
                                           : ceil_div(size.columns, kernel.lanes);
    const double busiest = (double)ceil_div(blocks * size.groups, size.threads);
    const double block = (double)kernel.lane_cycles * (double)size.index_end / 256 +
                         (double)kernel.index_cycles * (double)count;
    // Threads that share a tile pack it each.
    const double shares = (double)std::max<size_t>(size.groups * tiles / size.threads, 1);
    const double column = pack_cycles + (candidate.fit.has_activation_part ? part_cycles : 0);
    return (double)size.taps * (busiest * block + shares * column * (double)ceil_div(size.columns, tiles));
}

}  // namespace axnn
