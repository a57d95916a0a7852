// What an approximate layer multiplies: its weights, tables and corrections in the form that a kernel
// wants, worked out once from floats and a multiplier.
#pragma once

#include <stdint.h>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "axnn/axnn.h"
#include "kernels/kernels.hpp"
#include "layers/conv_geometry.hpp"
#include "layers/quantized_layer.hpp"
#include "layers/table_entries.hpp"
#include "layers/table_gemm.hpp"
#include "runtime/context.hpp"

namespace axnn {

// For output channel o with weight codes w, zero point zw, K taps, and the input's zero point zx:
//   acc = sum_k T[w_k][x_k]
//   y   = clamp((float)(acc - A[o] - B[zw] + C[o]) * (sx * sw[o]) + bias[o])
// A and C are constants of the channel, B depends on the column: a row of sums over its codes, one for
// each different zero point of the weights. With P[z][x] = z * x (AXNN_CORRECTION_EXACT) or T[z][x]
// (AXNN_CORRECTION_TABLE): A[o] = sum_k P[w_k][zx], C[o] = K * P[zw][zx], and the rows
// B[z] = sum_k P[z][x_k] are themselves a table GEMM, whose weights are the zero points.
class ApproxOperands {
  public:
    // The rows B as a table GEMM with weights in lanes; it reads the packed activations of the layer's own
    // GEMM where that has its weights in lanes and its step too.
    struct Corrections {
        TableCandidate candidate;
        KernelTable table;
        LaneWeights rows;
    };

    // The sums of a layer in a kernel's entries, and what makes them those of the formula.
    struct Form {
        TableGemm gemm;
        std::optional<Corrections> corrections;  // none where B is always 0
        // What turns a sum of entries for channel o, minus that of B, into the sum to dequantise, but for the
        // parts of activations; one a channel, and the same modulo 2^32.
        std::vector<int64_t> offsets;
        std::vector<int32_t> offsets_int32;
    };

    // A depthwise layer's tables; both with entries of the same type.
    struct Depthwise {
        bool int16_entries;
        size_t pass_taps;
        AlignedBuffer<uint8_t> table;
        AlignedBuffer<uint8_t> correction_table;
        std::vector<int64_t> weight_parts;  // as of a TableGemm
        std::vector<int64_t> offsets;
        std::vector<int32_t> offsets_int32;
    };

    // The definition has a multiplier with a table, and both outlive this. Throws where codes and operands do
    // not fit.
    ApproxOperands(const Context& context, const ConvGeometry& geometry, const ApproxDefinition& definition);

    // Sums need 64 bits; then no more than a candidate's pass_taps of them may be added in a kernel's 32.
    bool wide() const { return wide_; }
    // Some B is not 0.
    bool corrected() const { return corrected_; }

    // The ways to make the sums of a layer that is not depthwise; the last works for every layer.
    static constexpr size_t max_candidates = 16;
    size_t candidates() const { return candidates_.size(); }
    const TableCandidate& candidate(size_t index) const { return candidates_[index]->candidate; }
    // Of a candidate.
    TableGemmSize size(size_t index, size_t columns) const;
    // Made when it is first asked for, and kept.
    const Form& form(size_t index) const;

    // Of a depthwise layer.
    const Depthwise& depthwise() const { return *depthwise_; }

    // Lanes of all blocks of corrections beside a candidate's own: sums of a column.
    size_t correction_lanes(size_t index) const;
    // Where channel o finds its B: a row of the corrections.
    size_t correction_row(size_t o) const { return correction_row_[o]; }

  private:
    struct LazyForm {
        TableCandidate candidate;
        std::optional<TableCandidate> corrections;
        std::unique_ptr<const Form> form;
    };

    void make_views();
    double make_constants();
    void make_candidates();
    void make_depthwise();

    // Parts of weights and of B, with the constants.
    std::vector<int64_t> offsets(const std::vector<int64_t>& weight_parts,
                                 const EntryFit& correction_fit) const;
    static std::vector<int32_t> modulo_int32(const std::vector<int64_t>& offsets);
    // With a kernel that reads what `gemm_kernel` packs.
    TableCandidate correction_candidate(const LutGemm& gemm_kernel) const;
    Corrections corrections(const TableCandidate& candidate) const;
    size_t pass_taps(int64_t largest_entry) const;
    uint8_t zero_point_byte(size_t channel) const;

    const Context& context_;
    const ConvGeometry& geometry_;
    const ApproxDefinition& definition_;
    LutView products_;            // T
    std::vector<int32_t> exact_;  // P of AXNN_CORRECTION_EXACT, where some zero point is not 0
    LutView corrections_;         // P, of whose rows those of zero points are reachable
    LutView::Range product_range_;
    LutView::Range correction_range_;
    size_t weight_end_ = 0;  // of the reachable bytes of products
    size_t activation_end_ = 0;
    bool corrected_ = false;
    bool wide_ = false;
    std::vector<uint8_t> zero_points_;     // the different ones, as bytes
    std::vector<uint8_t> correction_row_;  // of each channel, in zero_points_
    std::vector<int64_t> constants_;       // C - A
    std::vector<std::unique_ptr<LazyForm>> candidates_;
    mutable std::mutex making_;  // of forms
    std::unique_ptr<const Depthwise> depthwise_;
};

}  // namespace axnn
