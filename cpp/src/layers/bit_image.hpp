// A bit image: signs [n, channels, h, w] in the order [n, h, w, channels], each pixel on its own bytes.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "layers/conv_geometry.hpp"
#include "layers/tiling.hpp"
#include "runtime/context.hpp"

namespace axnn {

struct BitImage {
    static size_t pixel_bytes(int32_t channels) { return ceil_div((size_t)channels, 8); }
    // Bytes of an image, checked.
    static size_t bytes(int32_t n, int32_t channels, ImageSize image);
};

// See axnn_binary_pack_image and axnn_binary_pack. In parallel.
void pack_image(const Context& context, const float* x, int32_t n, int32_t channels, ImageSize image,
                uint8_t* bits);
void pack_signs(const Context& context, const float* x, size_t rows, size_t row_elements, uint8_t* bits);

}  // namespace axnn
