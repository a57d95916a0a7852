// One context for each tier and thread count, and the shapes that layers are tested on.
#pragma once

#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/random_conv.hpp"
#include "support/reference.hpp"

namespace axnn::test {

inline std::string text_of(const Conv& c) {
    std::ostringstream text;
    text << "n " << c.n << ", channels " << c.in_channels << " -> " << c.out_channels << ", image " << c.h
         << "x" << c.w << ", kernel " << c.kernel_h << "x" << c.kernel_w << ", stride " << c.stride_h << "x"
         << c.stride_w << ", dilation " << c.dilation_h << "x" << c.dilation_w << ", pad " << c.pad_top << ","
         << c.pad_bottom << "," << c.pad_left << "," << c.pad_right << ", groups " << c.groups;
    return text.str();
}

// One context for each tier and thread count, shared by all tests of the suite.
class Layers : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        for (uint32_t tier : available_tiers())
            for (uint32_t threads : {1, 2, 3}) contexts.push_back(make_context(tier, threads));
    }
    static void TearDownTestSuite() { contexts.clear(); }

    template <typename Body>
    static void for_each_context(Body body) {
        for (const Context& context : contexts) {
            uint32_t tier = 0;
            uint32_t threads = 0;
            require(axnn_context_tier(context.get(), &tier));
            require(axnn_context_threads(context.get(), &threads));
            SCOPED_TRACE(std::string("tier ") + tier_name(tier) + ", threads " + std::to_string(threads));
            body(context.get());
        }
    }

    static inline std::vector<Context> contexts;
};

// Approximate and exact layers of codes, which are equal on every tier and thread count.
class IntegerLayers : public Layers {
  protected:
    static void expect_layer(const ApproxLayer& layer, const Conv& c, const std::vector<float>& x,
                             bool linear = false) {
        SCOPED_TRACE(text_of(c));
        const ApproxExpected expected = expected_of(layer, c, x);
        for_each_context([&](const axnn_context* context) {
            const Plan plan = layer.make(context, c, linear);
            EXPECT_TRUE(all_equal(execute_sums(plan.get(), c, x), expected.sums));
            EXPECT_TRUE(all_equal(execute(plan.get(), c, x), expected.y));
        });
    }
};

// Shapes of several tiles and several passes over the taps.
inline const std::vector<Conv> large_shapes = {
    {.in_channels = 3,
     .h = 300,
     .w = 300,
     .out_channels = 40,
     .kernel_h = 3,
     .kernel_w = 3,
     .pad_top = 1,
     .pad_bottom = 1,
     .pad_left = 1,
     .pad_right = 1},
    {.n = 2,
     .in_channels = 512,
     .h = 8,
     .w = 8,
     .out_channels = 20,
     .kernel_h = 3,
     .kernel_w = 3,
     .pad_top = 1,
     .pad_bottom = 1,
     .pad_left = 1,
     .pad_right = 1},
    {.in_channels = 2, .h = 1, .w = 100'003, .out_channels = 9, .kernel_w = 5, .stride_w = 2, .pad_left = 2},
    {.in_channels = 2,
     .h = 100'003,
     .w = 1,
     .out_channels = 3,
     .kernel_h = 4,
     .dilation_h = 3,
     .pad_bottom = 7},
    {.in_channels = 3,
     .h = 11,
     .w = 1201,
     .out_channels = 5,
     .kernel_h = 2,
     .kernel_w = 3,
     .dilation_w = 600,
     .pad_right = 5},
    {.in_channels = 2,
     .h = 5,
     .w = 6,
     .out_channels = 3,
     .kernel_h = 2,
     .kernel_w = 2,
     .dilation_h = 1'000'000,
     .dilation_w = 1'000'000,
     .pad_top = 1'000'003,
     .pad_left = 1'000'001},
    {.in_channels = 2,
     .h = 40,
     .w = 40,
     .out_channels = 4,
     .kernel_h = 37,
     .kernel_w = 39,
     .pad_top = 5,
     .pad_left = 9},
    {.n = 700,
     .in_channels = 5,
     .h = 4,
     .w = 5,
     .out_channels = 17,
     .kernel_h = 3,
     .kernel_w = 3,
     .pad_top = 1},
    {.n = 3, .in_channels = 9000, .h = 1, .w = 2, .out_channels = 18, .kernel_w = 2},
    {.in_channels = 64,
     .h = 60,
     .w = 61,
     .out_channels = 64,
     .kernel_h = 3,
     .kernel_w = 3,
     .stride_h = 3,
     .stride_w = 2,
     .groups = 64},
    {.in_channels = 4, .h = 70, .w = 70, .out_channels = 2000, .stride_h = 7, .stride_w = 7},
};

}  // namespace axnn::test
