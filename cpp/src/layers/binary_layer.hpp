// Binary convolution and linear layer: signs to bits, XNOR and popcount.
#pragma once

#include <stdint.h>

#include <memory>
#include <vector>

#include "layers/plan.hpp"
#include "layers/tiling.hpp"
#include "runtime/aligned_buffer.hpp"

namespace axnn {

// What a binary layer reads and writes; see axnn_binary_execute.
struct BinaryInput {
    axnn_element_type type;
    const void* data;
};
struct BinaryOutput {
    axnn_element_type type;
    void* data;
    const axnn_quantization* quantization;  // of codes
};

struct BinaryParameters {
    axnn_padding_value padding_value;
    float output_min;
    float output_max;
};

// sum[o] = K - 2 * popcount(w[o] ^ x), y = clamp((float)sum * scale[o] + bias[o]), where w and x are K
// sign bits. Channels are packed 64 to a word, for each kernel position; unused bits are 0 on both sides.
// True zero padding is the -1 result plus, at the border, the sum of the weights that met padding.
class BinaryLayer : public Plan {
  public:
    // bits: [out_channels][ceil(K / 8)] bytes in the public format of axnn_binary_pack.
    BinaryLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                const BinaryParameters& parameters, const uint8_t* bits, std::vector<float> scales,
                std::vector<float> bias);

    void execute(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const override;
    void execute(const BinaryInput& x, int32_t n, ImageSize image, const BinaryOutput& y) const;
    std::string explain(int32_t n, ImageSize image) const override;

    const BinaryParameters& parameters() const { return parameters_; }
    // The weights as axnn_binary_pack gives them.
    void weight_bits(uint8_t* bits) const;
    // Of output channel o.
    float scale(size_t o) const { return scales_[o]; }
    float bias(size_t o) const { return bias_[o]; }
    // Bytes that the layer keeps.
    size_t memory() const;

  private:
    struct Jobs;
    struct Block;

    size_t planes() const { return ceil_div(geometry().group_inputs(), 64); }
    size_t words() const { return planes() * geometry().kernel_size(); }  // of one output channel
    uint64_t padding_word(size_t plane) const;
    void pack_weights(const uint8_t* bits);
    void sum_weights(const uint8_t* bits);

    Jobs jobs(int32_t n, ImageSize image) const;
    template <typename Finish>
    void run(const float* x, int32_t n, ImageSize image, const Finish& finish) const;
    template <typename Finish>
    void run_job(const Jobs& jobs, size_t index, const float* x, Workspace& workspace,
                 const Finish& finish) const;
    void pack(const Tiling& tiling, const Tile& tile, const Window& window, size_t group, const float* x,
              uint64_t* patch_data, uint64_t* row, uint8_t* panels) const;
    void add_border(const Block& block) const;

    BinaryParameters parameters_;
    std::vector<uint8_t> bits_;
    BinaryGemm kernel_;
    std::vector<float> scales_;
    std::vector<float> bias_;
    std::vector<int32_t> no_offset_;
    AlignedBuffer<uint8_t> weights_;  // [groups][blocks][words], packed by the kernel
    size_t blocks_;                   // of a group
    // For true zero padding: [out_channels][kernel_h + 1][kernel_w + 1], the sums of the weights (-1, +1)
    // above and left of each kernel position.
    std::vector<int64_t> weight_sums_;
};

}  // namespace axnn
