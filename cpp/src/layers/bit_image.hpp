// A bit image: signs [n, channels, h, w] in the order [n, h, w, channels], each pixel on its own bytes.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "layers/conv_geometry.hpp"
#include "layers/tiling.hpp"
#include "runtime/context.hpp"

namespace axnn {

// Bytes of a pixel.
inline size_t pixel_bytes(int32_t channels) { return ceil_div((size_t)channels, 8); }

// Bytes of an image, checked.
size_t bit_image_size(int32_t n, int32_t channels, ImageSize image);

// Some neighbouring channels of a pixel: at most 64.
struct ChannelBits {
    size_t first;
    uint32_t count;
};

// words[i]: those channels of pixel i, from bit 0 on, for i < count.
void load_bits(const uint8_t* pixels, size_t pixel_bytes, ChannelBits channels, size_t count,
               uint64_t* words);

// The inverse. Bits of other channels in the same bytes may be stored by other threads at the same time.
// The bits after the last of all_channels become 0.
void store_bits(const uint64_t* words, size_t count, ChannelBits channels, size_t all_channels,
                uint8_t* pixels, size_t pixel_bytes);

// See axnn_binary_pack_image and axnn_binary_pack. In parallel.
void pack_image(const Context& context, const float* x, int32_t n, int32_t channels, ImageSize image,
                uint8_t* bits);
void pack_signs(const Context& context, const float* x, size_t rows, size_t row_elements, uint8_t* bits);

}  // namespace axnn
