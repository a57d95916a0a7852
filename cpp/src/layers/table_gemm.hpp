// One way to make the sums of a table layer: a kernel, the operand that lies in its lanes, and weights and
// table in its layouts.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <string>
#include <vector>

#include "kernels/kernels.hpp"
#include "layers/conv_geometry.hpp"
#include "layers/quantized_weights.hpp"
#include "layers/table_entries.hpp"
#include "runtime/aligned_buffer.hpp"
#include "runtime/context.hpp"

namespace axnn {

enum class LaneOperand : uint8_t { weights, activations };

// What can be chosen.
struct TableCandidate {
    LutGemm kernel;
    LaneOperand lane;
    EntryFit fit;
    size_t pass_taps;  // taps whose sum fits the kernel's int32

    // The kernel's, and which operand is in the lanes: weights (w) or activations (x).
    std::string name() const {
        return std::string(kernel.name) + (lane == LaneOperand::weights ? ":w" : ":x");
    }
};

// A layer's table in a kernel's layout.
struct KernelTable {
    KernelTable(const LutView& lut, const EntryFit& fit, const LutGemm& kernel, LaneOperand lane);

    AlignedBuffer<uint8_t> data;
    size_t lane_end;
    size_t index_end;
    bool odd;  // see LutGemmPass
};

// Rows of weights, [rows][taps] bytes, as lanes: [blocks][taps][lanes], filled up with zeros.
class LaneWeights {
  public:
    LaneWeights() = default;
    LaneWeights(const uint8_t* bytes, size_t rows, size_t taps, size_t lanes);

    size_t blocks() const { return blocks_; }
    const uint8_t* block(size_t index) const { return data_.data() + index * block_size_; }

  private:
    size_t blocks_ = 0;
    size_t block_size_ = 0;
    std::vector<uint8_t> data_;
};

// The same rows as indices, [ceil(taps / step)][rows][step].
class IndexWeights {
  public:
    IndexWeights() = default;
    IndexWeights(const uint8_t* bytes, size_t rows, size_t taps, const LutGemm& kernel);

    const uint16_t* data() const { return data_.data(); }

  private:
    std::vector<uint16_t> data_;
};

// A candidate with its operands.
class TableGemm {
  public:
    // Packs on the context's threads.
    TableGemm(const Context& context, const TableCandidate& candidate, const LutView& lut,
              const ConvGeometry& geometry, const QuantizedWeights& weights);

    const TableCandidate& candidate() const { return candidate_; }
    const LutGemm& kernel() const { return candidate_.kernel; }
    bool weights_in_lanes() const { return candidate_.lane == LaneOperand::weights; }
    const KernelTable& table() const { return table_; }
    // Of a group; the second where weights are indices.
    const LaneWeights& lane_weights(size_t group) const { return lane_weights_[group]; }
    const IndexWeights& index_weights(size_t group) const { return index_weights_[group]; }
    // One an output channel: what its entries' sum, but for the parts of activations, lacks of that of
    // products.
    const std::vector<int64_t>& weight_parts() const { return weight_parts_; }

  private:
    TableCandidate candidate_;
    KernelTable table_;
    std::vector<LaneWeights> lane_weights_;
    std::vector<IndexWeights> index_weights_;
    std::vector<int64_t> weight_parts_;
};

// The size of a table GEMM, of each of `groups`.
struct TableGemmSize {
    size_t channels;
    size_t taps;
    size_t columns;
    size_t groups;
    size_t threads;
    size_t index_end;  // of this candidate
};

// Cycles that a candidate takes for all of it on the busiest thread, packing included.
double table_gemm_cycles(const TableCandidate& candidate, const TableGemmSize& size);

// More columns than these in a tile bring nothing.
inline constexpr size_t max_table_columns = 4096;

}  // namespace axnn
