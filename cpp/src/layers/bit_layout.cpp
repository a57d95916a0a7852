#include "layers/bit_layout.hpp"

#include <bit>

namespace axnn {
namespace {

// Elements that a compact kernel spans in the image with its dilation, at most: they are the patch of a tile
// of one column.
constexpr int64_t max_span = 131072;

bool fits_a_tile(const ConvGeometry& g) {
    const auto span = [](int64_t kernel, int64_t dilation) { return (kernel - 1) * dilation + 1; };
    const int64_t h = span(g.kernel_h, g.dilation_h), w = span(g.kernel_w, g.dilation_w);
    return g.kernel_size() <= BitLayout::max_positions && h <= max_span && w <= max_span && h * w <= max_span;
}

}  // namespace

BitLayout::BitLayout(const ConvGeometry& geometry)
    : positions_(geometry.kernel_size()),
      whole_planes_(geometry.group_inputs() / word_bits),
      tail_(geometry.group_inputs() % word_bits),
      compact_(fits_a_tile(geometry)),
      tail_words_(tail_ == 0 ? 0
                  : compact_ ? ceil_div(positions_ * tail_, word_bits)
                             : positions_) {}

BitLayout::Place BitLayout::place(size_t channel, size_t position) const {
    const size_t plane = channel / word_bits;
    const auto bit = (uint32_t)(channel % word_bits);
    if (plane < whole_planes_ || !compact_) return {plane * positions_ + position, bit};
    const size_t i = position * tail_ + bit;
    return {whole_planes_ * positions_ + i / word_bits, (uint32_t)(i % word_bits)};
}

void BitLayout::to_words(const uint8_t* bits, uint64_t* words) const {
    size_t k = 0;
    for (size_t channel = 0; channel < whole_planes_ * word_bits + tail_; channel++)
        for (size_t position = 0; position < positions_; position++, k++) {
            const Place p = place(channel, position);
            words[p.word] |= uint64_t{(bits[k / 8] >> (k % 8) & 1u)} << p.bit;
        }
}

void BitLayout::to_bits(const uint64_t* words, uint8_t* bits) const {
    size_t k = 0;
    for (size_t channel = 0; channel < whole_planes_ * word_bits + tail_; channel++)
        for (size_t position = 0; position < positions_; position++, k++) {
            const Place p = place(channel, position);
            bits[k / 8] |= (uint8_t)((words[p.word] >> p.bit & 1) << (k % 8));
        }
}

uint32_t BitLayout::ones(const uint64_t* words, size_t position) const {
    uint32_t count = 0;
    for (size_t plane = 0; plane < whole_planes_; plane++)
        count += (uint32_t)std::popcount(words[plane * positions_ + position]);
    if (tail_ == 0) return count;
    const size_t first = position * tail_;
    const uint32_t shift = first % word_bits;
    const uint64_t* word = words + whole_planes_ * positions_ + first / word_bits;
    uint64_t bits = *word >> shift;
    if (shift + tail_ > word_bits) bits |= word[1] << (word_bits - shift);
    return count + (uint32_t)std::popcount(bits & mask(whole_planes_));
}

}  // namespace axnn
