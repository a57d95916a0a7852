#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {

void popcounts(const uint64_t* words, size_t count, uint8_t* counts) {
    for (size_t i = 0; i < count; i++) counts[i] = (uint8_t)__builtin_popcountll(words[i]);
}

}  // namespace axnn::scalar
