// Max-pooling of bit images.
#pragma once

#include "layers/bit_image.hpp"

namespace axnn {

// See axnn_binary_max_pool; minimum may be null. In parallel.
void max_pool_bits(const Context& context, const ConvGeometry& window, const uint8_t* x, int32_t n,
                   ImageSize image, const uint8_t* minimum, uint8_t* y);

}  // namespace axnn
