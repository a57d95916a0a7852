// The arrays of a case.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "input.hpp"
#include "random.hpp"

namespace axnn::fuzz {

// Integers of one kind: sums are largest where all are at an end of their range, and paths for zeros and for
// few different codes are taken where most are alike.
class Integers {
  public:
    static Integers decode(Input& input) {
        const int32_t kind = input.integer(0, 4);
        return Integers(static_cast<Kind>(kind), input.random());
    }

    // One of low..high.
    int32_t operator()(int32_t low, int32_t high) {
        switch (kind_) {
            case Kind::any:
                break;
            case Kind::ends:
                return random_.bits() & 1 ? high : low;
            case Kind::lowest:
                return low;
            case Kind::highest:
                return high;
            case Kind::mostly_lowest:
                if (random_.bits() & 7) return low;
                break;
        }
        return static_cast<int32_t>(random_.integer(low, high));
    }
    Random& random() { return random_; }

  private:
    enum class Kind { any, ends, lowest, highest, mostly_lowest };

    Integers(Kind kind, Random random) : kind_(kind), random_(random) {}

    Kind kind_;
    Random random_;
};

// Whole numbers in floats, whose sums and products are exact in every order while they stay below 2^24.
inline std::vector<float> whole_numbers(Input& input, size_t count, int32_t low, int32_t high) {
    Integers integers = Integers::decode(input);
    std::vector<float> values(count);
    for (float& v : values) v = static_cast<float>(integers(low, high));
    return values;
}

// Floats that are unlike others. Those of float layers are exact in every order too.
constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr std::array special_values = {infinity,
                                       -infinity,
                                       std::numeric_limits<float>::quiet_NaN(),
                                       -0.0f,
                                       std::numeric_limits<float>::denorm_min(),
                                       1e30f,
                                       -std::numeric_limits<float>::max()};
constexpr std::span exact_special_values = std::span(special_values).first<4>();

// Now and then puts some of them into an array.
inline void add_special_values(Input& input, std::vector<float>& values,
                               std::span<const float> special = special_values) {
    if (!input.chance(6)) return;
    Random random = input.random();
    const auto last = static_cast<int64_t>(special.size()) - 1;
    for (float& v : values)
        if (random.integer(0, 15) == 0) v = special[static_cast<size_t>(random.integer(0, last))];
}

inline std::vector<uint8_t> random_bytes(Input& input, size_t count) {
    Integers integers = Integers::decode(input);
    std::vector<uint8_t> bytes(count);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(integers(0, 255));
    return bytes;
}

// One value a channel for an output's bias or scale; often none.
inline std::vector<float> optional_channels(Input& input, size_t channels) {
    if (!input.chance(2)) return {};
    return whole_numbers(input, input.length(channels), -20, 20);
}

// Limits of an output.
struct Limits {
    float min;
    float max;

    static Limits decode(Input& input) {
        return input.pick<Limits>({{-infinity, infinity}, {0, infinity}, {0, 6}, {-3, 3}});
    }
};

}  // namespace axnn::fuzz
