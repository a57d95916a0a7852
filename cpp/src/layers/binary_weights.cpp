#include "layers/binary_weights.hpp"

#include <algorithm>

namespace axnn {
namespace {

// Position sums take 16 bits for the bits of a group's channels: from so many on they are little beside the
// bits, and a layer's images small, so that columns would cost more.
constexpr size_t min_channels = 256;
constexpr size_t max_channels = INT16_MAX;
constexpr size_t min_taps = 2048;

ZeroPadding zero_padding_of(const ConvGeometry& geometry, const BitLayout& layout, bool zero_padding) {
    if (!zero_padding || geometry.depthwise()) return ZeroPadding::none;
    const size_t channels = geometry.group_inputs();
    return layout.compact() && channels >= min_channels && channels <= max_channels &&
                   geometry.taps() >= min_taps
               ? ZeroPadding::position_sums
               : ZeroPadding::columns;
}

}  // namespace

BinaryWeights::BinaryWeights(const Context& context, const ConvGeometry& geometry, bool zero_padding,
                             const uint8_t* bits)
    : kernel_(&context.kernels().binary_gemm),
      layout_(geometry),
      zero_padding_(zero_padding_of(geometry, layout_, zero_padding)),
      groups_((size_t)geometry.groups),
      group_channels_(geometry.group_outputs()),
      words_(layout_.words()),
      full_blocks_(geometry.depthwise() ? 0 : group_channels_ / kernel_->rows),
      rest_(group_channels_ - full_blocks_ * kernel_->rows),
      full_(groups_ * full_blocks_ * words_ * kernel_->block_bytes),
      rest_words_(groups_ * rest_ * words_),
      position_sums_(
          zero_padding_ == ZeroPadding::position_sums ? layout_.positions() * groups_ * group_channels_ : 0) {
    const size_t row_bytes = ceil_div(geometry.taps(), 8);
    std::vector<uint64_t> full(groups_ * full_blocks_ * kernel_->rows * words_);
    context.run_without_workspace(groups_ * blocks(), [&](size_t index) {
        const size_t group = index / blocks(), block = index % blocks();
        uint64_t* channels = block < full_blocks_
                                 ? full.data() + (group * full_blocks_ + block) * kernel_->rows * words_
                                 : rest_words_.data() + group * rest_ * words_;
        for (size_t c = 0; c < present(block); c++) {
            const size_t channel = first_channel(group, block) + c;
            layout_.to_words(bits + channel * row_bytes, channels + c * words_);
            if (zero_padding_ != ZeroPadding::position_sums) continue;
            for (size_t i = 0; i < layout_.positions(); i++)
                position_sums_[i * groups_ * group_channels_ + channel] =
                    (int16_t)(2 * (int32_t)layout_.ones(channels + c * words_, i) -
                              (int32_t)geometry.group_inputs());
        }
        if (block < full_blocks_)
            kernel_->pack_block({channels, words_, 1, kernel_->rows}, words_,
                                full_.data() + full_block(group, block));
    });
}

void BinaryWeights::sign_bytes(size_t channel, size_t first, size_t count, uint8_t* bytes) const {
    const uint64_t* words = rest_words_.data() + channel * words_;
    for (size_t i = 0; i < count; i++) {
        const size_t position = first + i;
        const uint64_t bit = layout_.compact() ? words[position / 64] >> position % 64 : words[position];
        bytes[i] = bit & 1 ? 1 : (uint8_t)-1;
    }
}

void BinaryWeights::to_bits(const Context& context, const ConvGeometry& geometry, uint8_t* bits) const {
    const size_t row_bytes = ceil_div(geometry.taps(), 8);
    std::vector<uint64_t> unpacked(groups_ * full_blocks_ * kernel_->rows * words_);
    context.run_without_workspace(groups_ * blocks(), [&](size_t index) {
        const size_t group = index / blocks(), block = index % blocks();
        const uint64_t* channels = rest_words(group);
        if (block < full_blocks_) {
            uint64_t* words = unpacked.data() + (group * full_blocks_ + block) * kernel_->rows * words_;
            kernel_->unpack_block(full_.data() + full_block(group, block), words_, words, words_);
            channels = words;
        }
        for (size_t c = 0; c < present(block); c++) {
            uint8_t* row = bits + (first_channel(group, block) + c) * row_bytes;
            std::fill_n(row, row_bytes, 0);
            layout_.to_bits(channels + c * words_, row);
        }
    });
}

}  // namespace axnn
