// The bytes of an input, read as decisions. Where no bytes are left every decision is its lowest value, so
// the lowest value of each is the plain one.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "random.hpp"

namespace axnn::fuzz {

class Input {
  public:
    Input(const uint8_t* data, size_t size) : bytes_(data, size) {}

    // low..high, both included.
    int32_t integer(int32_t low, int32_t high) { return bytes_.ConsumeIntegralInRange(low, high); }
    bool chance(int32_t one_in) { return integer(1, one_in) == one_in; }
    template <typename T>
    T pick(std::initializer_list<T> choices) {
        return choices.begin()[integer(0, static_cast<int32_t>(choices.size()) - 1)];
    }
    Random random() { return Random(bytes_.ConsumeIntegral<uint32_t>()); }

    // ---- Mistakes: a case without any must succeed ----

    // Whether to make a mistake here.
    bool mistake() {
        const bool mistaken = chance(64);
        mistakes_ |= mistaken;
        return mistaken;
    }
    bool mistakes() const { return mistakes_; }

    // The length of an array of `count` elements: often right, now and then one too short, or none.
    size_t length(size_t count) {
        if (!mistake()) return count;
        return pick({count - std::min<size_t>(count, 1), size_t{0}});
    }

    // A value where `value` would be right.
    template <typename T>
    T value(T value) {
        static_assert(sizeof(T) == sizeof(uint32_t));
        if (!mistake()) return value;
        const uint32_t word = odd_word();
        std::memcpy(&value, &word, sizeof value);
        return value;
    }

    // A descriptor with one wrong field: the ABI's have fields of four bytes only.
    template <typename Desc>
    Desc descriptor(Desc desc) {
        static_assert(sizeof(Desc) % sizeof(uint32_t) == 0);
        if (!mistake()) return desc;
        constexpr auto fields = static_cast<int32_t>(sizeof(Desc) / sizeof(uint32_t));
        const auto field = static_cast<size_t>(integer(0, fields - 1));
        const uint32_t word = odd_word();
        std::memcpy(reinterpret_cast<char*>(&desc) + field * sizeof word, &word, sizeof word);
        return desc;
    }

  private:
    // What integers and floats are when they are not what is expected: near the ends of a range, or large.
    uint32_t odd_word() {
        constexpr uint32_t nan = 0x7FC00000, infinity = 0x7F800000, minus_one = 0xBF800000;
        if (chance(4)) return bytes_.ConsumeIntegral<uint32_t>();
        return pick<uint32_t>({0, 1, 2, 3, 5, 8, 127, 128, 255, 256, 1'000'003, 0x7FFFFFFF, 0x80000000,
                               0xFFFFFFFF, 0xFFFFFF7F, nan, infinity, minus_one});
    }

    FuzzedDataProvider bytes_;
    bool mistakes_ = false;
};

}  // namespace axnn::fuzz
