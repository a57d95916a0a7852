// The weights of a binary layer, packed for the kernel of its context.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "layers/bit_layout.hpp"
#include "layers/padding_classes.hpp"
#include "runtime/aligned_buffer.hpp"
#include "runtime/context.hpp"

namespace axnn {

class BinaryWeights {
  public:
    // bits: [out_channels][ceil(K / 8)] bytes in the public format of axnn_binary_pack. Packs on the
    // context's threads. zero_padding: the layer has true zero padding.
    BinaryWeights(const Context& context, const ConvGeometry& geometry, bool zero_padding,
                  const uint8_t* bits);

    // A group's blocks of channels; the last one may not be full.
    size_t blocks() const { return full_blocks_ + (rest_ > 0); }
    // Words from `word` on of a block, as the kernel packs them. Those of a block that is not full are
    // `rest`.
    const uint8_t* block(size_t group, size_t block, size_t word, const uint8_t* rest) const {
        return block < full_blocks_ ? full_.data() + full_block(group, block) + word * kernel_->block_bytes
                                    : rest;
    }
    // Packs so many words of the block that is not full, where there is one.
    void pack_rest(size_t group, size_t word, size_t words, uint8_t* rest) const {
        if (rest_ > 0)
            kernel_->pack_block({rest_words(group) + word, words_, 1, (uint32_t)rest_}, words, rest);
    }
    size_t rest_bytes(size_t words) const { return rest_ > 0 ? words * kernel_->block_bytes : 0; }

    const BitLayout& layout() const { return layout_; }
    ZeroPadding zero_padding() const { return zero_padding_; }
    // The weights [first, first + count) of a depthwise layer's output channel, as bytes -1 and +1.
    void sign_bytes(size_t channel, size_t first, size_t count, uint8_t* bytes) const;
    // Sums of the weights of a kernel position, one an output channel; see ZeroPadding::position_sums.
    const int16_t* position_sums(size_t position) const {
        return position_sums_.data() + position * groups_ * group_channels_;
    }

    // The bits that this was made of.
    void to_bits(const Context& context, const ConvGeometry& geometry, uint8_t* bits) const;
    size_t memory() const {
        return full_.size() + rest_words_.size() * sizeof(uint64_t) + position_sums_.size() * sizeof(int16_t);
    }

  private:
    size_t first_channel(size_t group, size_t block) const {
        return group * group_channels_ + block * kernel_->rows;
    }
    size_t present(size_t block) const { return block < full_blocks_ ? kernel_->rows : rest_; }
    const uint64_t* rest_words(size_t group) const { return rest_words_.data() + group * rest_ * words_; }
    size_t full_block(size_t group, size_t block) const {
        return (group * full_blocks_ + block) * words_ * kernel_->block_bytes;
    }

    const BinaryGemm* kernel_;  // of the context
    BitLayout layout_;
    ZeroPadding zero_padding_;
    size_t groups_;
    size_t group_channels_;
    size_t words_;  // of a channel
    size_t full_blocks_;
    size_t rest_;  // channels of a group beyond them: all of a depthwise layer
    // [groups][full blocks][words], packed by the kernel. What does not fill a block would waste most of one,
    // so it stays in words, [groups][rest][words].
    AlignedBuffer<uint8_t> full_;
    std::vector<uint64_t> rest_words_;
    std::vector<int16_t> position_sums_;  // [positions][out_channels]
};

}  // namespace axnn
