// Binary convolution and linear layer: signs to bits, XNOR and popcount.
#pragma once

#include <stdint.h>

#include <memory>
#include <vector>

#include "layers/bit_layout.hpp"
#include "layers/plan.hpp"
#include "layers/sign_threshold.hpp"
#include "layers/tiling.hpp"
#include "runtime/aligned_buffer.hpp"

namespace axnn {

struct BinaryParameters {
    axnn_padding_value padding_value;
    float output_min;
    float output_max;
};

// What a binary layer reads and writes; see axnn_binary_execute.
struct BinaryInput {
    axnn_element_type type;  // AXNN_FLOAT32 or AXNN_BITS
    const void* data;
};
struct BinaryOutput {
    axnn_element_type type;
    void* data;
    const axnn_quantization* quantization;  // of AXNN_CODES
};

// sum[o] = K - 2 * popcount(w[o] ^ x), y = clamp((float)sum * scale[o] + bias[o]), where w and x are K
// sign bits in the words of BitLayout.
//
// True zero padding is the -1 result plus, at the border, the sum of the weights that met padding. Where the
// kernel is too large for a tile it is half the sum of the results with -1 and with +1.
class BinaryLayer : public Plan {
  public:
    // bits: [out_channels][ceil(K / 8)] bytes in the public format of axnn_binary_pack; scales and bias: one
    // an output channel.
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
    struct Border;

    const BinaryGemm& kernel() const { return context().kernels().binary_gemm; }
    bool zero_padding() const {
        return parameters_.padding_value == AXNN_PAD_TRUE_ZERO && geometry().padded();
    }
    Epilogue epilogue(size_t o) const {
        return {scales_[o], bias_[o], parameters_.output_min, parameters_.output_max};
    }
    // A group's blocks of channels; the last one may not be full.
    size_t blocks() const { return full_blocks_ + (rest_ > 0); }
    size_t present(size_t block) const { return block < full_blocks_ ? kernel().channels : rest_; }
    // Packed weights of a full block, from word `word` on.
    const uint8_t* full_block(size_t group, size_t block, size_t word) const {
        return full_weights_.data() +
               ((group * full_blocks_ + block) * layout_.words() + word) * kernel().weight_bytes;
    }
    // Weights of the block that is not full, [rest][words], from word `word` on.
    const uint64_t* rest_block(size_t group, size_t word) const {
        return rest_weights_.data() + group * rest_ * layout_.words() + word;
    }
    void unpack_weights(size_t group, size_t block, size_t word, size_t words, uint64_t* unpacked,
                        size_t stride) const;
    void pack_weights(const uint8_t* bits);

    Jobs jobs(int32_t n, ImageSize image) const;
    template <typename Finish>
    void run(const BinaryInput& x, int32_t n, ImageSize image, const Finish& finish) const;
    template <typename Finish>
    void run_job(const Jobs& jobs, size_t index, const BinaryInput& x, Workspace& workspace,
                 const Finish& finish) const;
    void fill_patch(const Tiling& tiling, const Tile& tile, const Window& window, const Patch& patch,
                    size_t group, const BinaryInput& x, bool padding, uint64_t* target) const;
    void pack_panels(const Tiling& tiling, const Tile& tile, const Window& window, const Patch& patch,
                     const uint64_t* patch_data, uint64_t* row, uint64_t* bits, uint8_t* panels) const;
    size_t border_bytes() const;
    void add_border(const Block& block, Workspace& workspace) const;
    void sum_positions(size_t group, size_t block, const Border& border) const;

    void store_floats(const Block& block, float* y) const;
    template <typename Sum>
    void store_sums(const Block& block, Sum* sums) const;
    void store_codes(const Block& block, const axnn_quantization& quantization, uint8_t* codes) const;
    void store_signs(const Block& block, uint8_t* bits) const;

    BinaryParameters parameters_;
    BitLayout layout_;
    size_t full_blocks_;  // of a group
    size_t rest_;         // channels of a group beyond them
    std::vector<float> scales_;
    std::vector<float> bias_;
    std::vector<int32_t> thresholds_;  // see sign_threshold
    // [groups][full blocks][words], packed by the kernel. What does not fill a block would waste most of one,
    // so it stays in words, [groups][rest][words], and a run packs it.
    AlignedBuffer<uint8_t> full_weights_;
    std::vector<uint64_t> rest_weights_;
};

}  // namespace axnn
