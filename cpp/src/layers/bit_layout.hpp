// How the K signs of one output channel, or of one column of its input, lie in 64-bit words.
//
// Channels are taken 64 at a time: a plane. The words of a whole plane are its kernel positions, one word
// each. What is left of the channels, the tail, is one more plane: its positions follow each other bit by bit
// (compact), so that a channel's words have less than 64 bits more than K. A kernel that is too large for
// a tile to hold it whole keeps one word a position there, too.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "layers/conv_geometry.hpp"
#include "layers/tiling.hpp"

namespace axnn {

class BitLayout {
  public:
    static constexpr uint32_t word_bits = 64;
    // Kernel positions of a compact layout, at most.
    static constexpr size_t max_positions = 1024;

    explicit BitLayout(const ConvGeometry& geometry);

    // Kernel positions.
    size_t positions() const { return positions_; }
    size_t planes() const { return whole_planes_ + (tail_ > 0); }
    size_t whole_planes() const { return whole_planes_; }
    // Channels of a plane, and of the one that is not whole (0: there is none).
    uint32_t channels(size_t plane) const { return plane < whole_planes_ ? word_bits : tail_; }
    uint32_t tail() const { return tail_; }
    // A bit for each channel of a plane.
    uint64_t mask(size_t plane) const { return ~uint64_t{0} >> (word_bits - channels(plane)); }
    bool compact() const { return compact_; }
    // Words of a channel, and those of the planes or taps before a window's and of the window's own.
    size_t words() const { return whole_planes_ * positions_ + tail_words_; }
    size_t first_word(const Window& window) const { return window.first_tap; }
    size_t words(const Window& window) const {
        return compact_tail(window) ? window.taps() - positions_ + tail_words_ : window.taps();
    }
    // The window ends with the tail, packed bit by bit.
    bool compact_tail(const Window& window) const {
        return compact_ && tail_ > 0 && window.first_plane + window.planes > whole_planes_;
    }
    // Words of a plane.
    size_t words(size_t plane) const { return plane < whole_planes_ ? positions_ : tail_words_; }

    // A channel's weights from the public format (bit k is (channel, r, s)) to words, which are 0 before,
    // and back to bytes, which are 0 before.
    void to_words(const uint8_t* bits, uint64_t* words) const;
    void to_bits(const uint64_t* words, uint8_t* bits) const;

    // The bits of a channel's words at one kernel position that are 1, where the layout is compact.
    uint32_t ones(const uint64_t* words, size_t position) const;

  private:
    struct Place {
        size_t word;
        uint32_t bit;
    };
    Place place(size_t channel, size_t position) const;

    size_t positions_;
    size_t whole_planes_;
    uint32_t tail_;
    bool compact_;
    size_t tail_words_;
};

}  // namespace axnn
