// Approximate-multiplier convolution and linear layer: quantise, im2col, table GEMM, dequantise.
#pragma once

#include <stdint.h>

#include <memory>
#include <vector>

#include "layers/lut_operands.hpp"
#include "layers/plan.hpp"
#include "layers/tiling.hpp"
#include "multiplier/product_table.hpp"

namespace axnn {

struct ApproxParameters {
    axnn_quantization input;
    int32_t weight_code_min;
    int32_t weight_code_max;
    std::vector<float> weight_scales;         // one, or one an output channel
    std::vector<int32_t> weight_zero_points;  // likewise
    axnn_operand_order operand_order;
    axnn_padding_code padding_code;
    axnn_zero_point_correction correction;
    float output_min;
    float output_max;
};

// Throws AXNN_ERROR_QUANTIZATION where a quantisation is unusable; `what` names it in the sentence.
void check_quantization(const axnn_quantization& q, const char* what);

// The parameters as the quantise kernel takes them.
QuantizeParameters quantize_parameters(const axnn_quantization& q);

// For output channel o with weight codes w, zero point zw, K taps, and the input's zero point zx:
//   acc = sum_k T[w_k][x_k]
//   y   = clamp((float)(acc - A[o] - B[zw] + C[o]) * (sx * sw[o]) + bias[o])
// A and C are constants of the channel, B depends on the column: a row of sums over its codes, one for
// each different zero point of the weights. With P[z][x] = z * x (AXNN_CORRECTION_EXACT) or T[z][x]
// (AXNN_CORRECTION_TABLE) the rows B[z] = sum_k P[z][x_k] are themselves a table GEMM, whose weights are
// the zero points.
class ApproxLayer : public Plan {
  public:
    // weights: OIHW; bias: one value an output channel.
    ApproxLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                const ApproxParameters& parameters, const ProductTable& table, const float* weights,
                std::vector<float> bias);

    void execute(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const override;
    std::string explain(int32_t n, ImageSize image) const override;

  private:
    struct Jobs;
    struct Block;

    std::vector<uint8_t> quantize_weights(const float* weights) const;
    int64_t input_zero_point_sum(size_t channel, const LutView& lut) const;  // A
    // Bounds of |acc|, |A|, |B| and |C| of any channel, added up.
    double largest_sum(const LutView& lut, const LutView& corrections) const;
    void find_offsets(const LutView& lut, const LutView& corrections);

    int32_t weight_value(uint8_t byte) const;
    uint8_t padding_byte() const;
    uint8_t zero_point_byte(size_t channel) const;
    const uint8_t* channel_codes(size_t channel) const { return codes_.data() + channel * geometry().taps(); }

    Jobs jobs(int32_t n, ImageSize image) const;
    template <typename Finish>
    void run(const float* x, int32_t n, ImageSize image, const Finish& finish) const;
    template <typename Finish>
    void run_job(const Jobs& jobs, size_t index, const float* x, Workspace& workspace,
                 const Finish& finish) const;
    void pack(const Tiling& tiling, const Tile& tile, const Window& window, size_t group, const float* x,
              uint8_t* patch_data, uint16_t* packed) const;
    void dequantize(const Block& block, float* y) const;
    void dequantize_wide(const Block& block, float* y) const;
    template <typename Visit>
    void for_each_element(const Block& block, const Visit& visit) const;

    ApproxParameters parameters_;
    std::vector<uint8_t> codes_;  // weight bytes [out_channels][taps]
    std::vector<float> scales_;   // sx * sw[o]
    std::vector<float> bias_;

    bool wide_;           // some sum may not fit int32
    bool int16_entries_;  // of both tables
    LutGemm kernel_;
    size_t pass_taps_;  // taps of one kernel pass; fewer than a window where sums are wide
    KernelTable table_;
    std::vector<WeightBlocks> blocks_;    // one a group
    std::vector<int64_t> offsets_;        // added to a kernel's sum: K * table offset - A + C
    std::vector<int32_t> offsets_int32_;  // the same modulo 2^32

    // B; no blocks where it is always 0.
    KernelTable correction_table_;
    WeightBlocks correction_blocks_;
    std::vector<uint8_t> correction_row_;  // of each output channel, among the different zero points
};

}  // namespace axnn
