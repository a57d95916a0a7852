#include "layers/bit_pool.hpp"

#include "runtime/error.hpp"

namespace axnn {

void max_pool_bits(const Context&, const ConvGeometry&, const uint8_t*, int32_t, ImageSize, const uint8_t*,
                   uint8_t*) {
    throw Error(AXNN_ERROR_INTERNAL, "to be written");
}

}  // namespace axnn
