// Bits of words, one 64-bit popcnt each: a load, a popcnt and a store, bound 1 word a cycle.
#include <immintrin.h>

#include "kernels/avx2/avx2.hpp"

namespace axnn::avx2 {

void popcounts(const uint64_t* words, size_t count, uint8_t* counts) {
    for (size_t i = 0; i < count; i++) counts[i] = (uint8_t)_mm_popcnt_u64(words[i]);
}

}  // namespace axnn::avx2
