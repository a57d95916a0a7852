// The C ABI's handles with C++ ownership, and the tiers that tests run on.
//
// Every program that includes this file fails if a handle is alive after its last test.
#pragma once

#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace axnn::test {

struct Destroy {
    void operator()(axnn_context* handle) const { axnn_context_destroy(handle); }
    void operator()(axnn_multiplier* handle) const { axnn_multiplier_destroy(handle); }
    void operator()(axnn_plan* handle) const { axnn_plan_destroy(handle); }
};
using Context = std::unique_ptr<axnn_context, Destroy>;
using Multiplier = std::unique_ptr<axnn_multiplier, Destroy>;
using Plan = std::unique_ptr<axnn_plan, Destroy>;

inline std::string last_error() {
    std::string message(axnn_last_error(nullptr, 0), '\0');
    axnn_last_error(message.data(), message.size() + 1);
    return message;
}

// For calls that a test needs and does not examine.
inline void require(axnn_status status) {
    if (status != AXNN_OK)
        throw std::runtime_error("axnn status " + std::to_string(status) + ": " + last_error());
}

inline Context make_context(uint32_t tier, uint32_t threads) {
    const axnn_context_desc desc = {sizeof desc, tier, threads};
    axnn_context* context = nullptr;
    require(axnn_context_create(&desc, &context));
    return Context(context);
}

// 256 x 256 products of operands of 8 bits; row and column are signed or not alike.
inline Multiplier make_multiplier(const std::vector<int32_t>& products, bool is_signed = true) {
    const axnn_multiplier_desc desc = {sizeof desc, 8, is_signed, 8, is_signed};
    axnn_multiplier* multiplier = nullptr;
    require(axnn_multiplier_create(&desc, products.data(), products.size() * sizeof(int32_t), &multiplier));
    return Multiplier(multiplier);
}

inline const char* tier_name(uint32_t tier) {
    switch (tier) {
        case AXNN_TIER_SCALAR:
            return "scalar";
        case AXNN_TIER_AVX2:
            return "avx2";
        case AXNN_TIER_AVX512:
            return "avx512";
        default:
            return "unknown";
    }
}

// Every tier from scalar to the best; each of them must work.
inline std::vector<uint32_t> available_tiers() {
    uint32_t best = 0;
    require(axnn_context_tier(make_context(AXNN_TIER_BEST, 1).get(), &best));
    std::vector<uint32_t> tiers;
    for (uint32_t tier = AXNN_TIER_SCALAR; tier <= best; tier++) tiers.push_back(tier);
    return tiers;
}

// Sets a variable of this process, or unsets it (null), until the end of the block.
class ScopedEnvironment {
  public:
    ScopedEnvironment(const char* name, const char* value) : name_(name) {
        if (const char* old = std::getenv(name)) old_ = std::make_unique<std::string>(old);
        set(value);
    }
    ~ScopedEnvironment() { set(old_ ? old_->c_str() : nullptr); }
    ScopedEnvironment(const ScopedEnvironment&) = delete;
    ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

  private:
    void set(const char* value) {
        if (value) setenv(name_, value, 1);
        else unsetenv(name_);
    }

    const char* name_;
    std::unique_ptr<std::string> old_;
};

class NoHandleLeft : public ::testing::Environment {
  public:
    void TearDown() override { EXPECT_EQ(axnn_live_handles(), 0u) << "handles alive after the last test"; }
};
inline ::testing::Environment* const no_handle_left = ::testing::AddGlobalTestEnvironment(new NoHandleLeft);

}  // namespace axnn::test
