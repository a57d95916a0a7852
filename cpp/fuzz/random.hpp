// Random numbers for the arrays of a case, which are longer than an input of the fuzzer. Their seed is a part
// of the input, so an input is the whole of its case.
#pragma once

#include <cstdint>

namespace axnn::fuzz {

// SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint32_t bits() {
        uint64_t z = state_ += 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        return static_cast<uint32_t>(z >> 32);
    }
    // low..high, both included.
    int64_t integer(int64_t low, int64_t high) {
        return low + static_cast<int64_t>(uint64_t{bits()} * static_cast<uint64_t>(high - low + 1) >> 32);
    }

  private:
    uint64_t state_;
};

}  // namespace axnn::fuzz
