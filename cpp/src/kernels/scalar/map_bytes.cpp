#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {

void map_bytes(const uint8_t* codes, size_t count, const uint8_t* table, uint8_t* values) {
    for (size_t i = 0; i < count; i++) values[i] = table[codes[i]];
}

}  // namespace axnn::scalar
