// Random numbers of a test: one seed for the whole program, printed by main.cpp and settable by the
// environment variable AXNN_TEST_SEED, so that every failure can be repeated.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <random>
#include <vector>

namespace axnn::test {

inline uint64_t seed() {
    const char* text = std::getenv("AXNN_TEST_SEED");
    return text ? std::strtoull(text, nullptr, 0) : 20;
}

// Each test takes its own stream, so that it draws the same numbers whichever tests run before it.
class Random {
  public:
    explicit Random(uint64_t stream) : engine_(seed() * 0x9E3779B97F4A7C15u + stream) {}

    int64_t integer(int64_t low, int64_t high) {
        return std::uniform_int_distribution<int64_t>(low, high)(engine_);
    }
    float real(float low, float high) { return std::uniform_real_distribution<float>(low, high)(engine_); }
    uint64_t bits() { return engine_(); }
    bool chance(double probability) { return std::bernoulli_distribution(probability)(engine_); }

    template <typename T>
    T pick(std::initializer_list<T> choices) {
        return choices.begin()[integer(0, static_cast<int64_t>(choices.size()) - 1)];
    }

    std::vector<float> reals(size_t count, float low, float high) {
        std::vector<float> values(count);
        for (float& v : values) v = real(low, high);
        return values;
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace axnn::test
