// Many threads on one plan, on one context and on the library: equal results and no data race, which
// the tsan preset looks for.
#include <axnn/axnn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "support/compare.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/random.hpp"
#include "support/reference.hpp"

namespace axnn::test {
namespace {

constexpr size_t callers = 4;

// Runs body(caller) in several threads at once and fails on what any of them throws.
void in_threads(const std::function<void(size_t)>& body) {
    std::vector<std::string> failures(callers);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < callers; i++)
        threads.emplace_back([&, i] {
            try {
                body(i);
            } catch (const std::exception& e) {
                failures[i] = e.what();
            }
        });
    for (std::thread& thread : threads) thread.join();
    for (const std::string& failure : failures) EXPECT_EQ(failure, "");
}

const Conv shape = {.n = 2,
                    .in_channels = 6,
                    .h = 15,
                    .w = 14,
                    .out_channels = 21,
                    .kernel_h = 3,
                    .kernel_w = 3,
                    .pad_top = 1,
                    .pad_bottom = 1,
                    .pad_left = 1,
                    .pad_right = 1};

std::vector<Plan> plans_of(const axnn_context* context, Random& random) {
    std::vector<Plan> plans;
    ApproxLayer approx;
    approx.table = random_table(random, -30'000, 30'000);
    approx.w = random.reals(shape.weights(), -2, 2);
    plans.push_back(approx.make(context, shape));
    approx.table = random_table(random, INT32_MIN, INT32_MAX);
    approx.desc.input_zero_point = 5;
    approx.w_zero_point = {-7};
    plans.push_back(approx.make(context, shape));
    // Through the structure, which the first plan of a multiplier searches, and of more than 8 bits.
    approx.table = exact_table();
    approx.desc.structure_use = AXNN_STRUCTURE_ALWAYS;
    plans.push_back(approx.make(context, shape));
    approx.desc.products = AXNN_PRODUCTS_EXACT;
    approx.desc.input_code_max = approx.desc.weight_code_max = 2000;
    plans.push_back(approx.make(context, shape));
    BinaryLayer binary;
    binary.desc.padding_value = AXNN_PAD_TRUE_ZERO;
    binary.w = random.reals(shape.weights(), -1, 1);
    plans.push_back(binary.make(context, shape));
    plans.push_back(make_float_plan(context, shape, random.reals(shape.weights(), -1, 1), {}));
    return plans;
}

TEST(Concurrency, OnePlanFromManyThreads) {
    Random random(50);
    for (uint32_t tier : available_tiers())
        for (uint32_t threads : {1, 3}) {
            SCOPED_TRACE(std::string(tier_name(tier)) + ", threads " + std::to_string(threads));
            const Context context = make_context(tier, threads);
            for (const Plan& plan : plans_of(context.get(), random)) {
                std::vector<std::vector<float>> inputs;
                std::vector<std::vector<float>> expected;
                for (size_t i = 0; i < callers; i++) {
                    inputs.push_back(random.reals(shape.inputs(), -2, 2));
                    expected.push_back(execute(plan.get(), shape, inputs[i]));
                }
                in_threads([&](size_t caller) {
                    for (int repeat = 0; repeat < 10; repeat++) {
                        const size_t i = (caller + static_cast<size_t>(repeat)) % callers;
                        if (execute(plan.get(), shape, inputs[i]) != expected[i])
                            throw std::runtime_error("a concurrent execute gave other bits");
                    }
                });
            }
        }
}

TEST(Concurrency, FirstUseOfAPlanFromManyThreads) {
    Random random(51);
    for (uint32_t tier : available_tiers()) {
        const Context context = make_context(tier, 2);
        const std::vector<float> x = random.reals(shape.inputs(), -2, 2);
        for (const Plan& plan : plans_of(context.get(), random)) {
            std::vector<std::vector<float>> results(callers);
            in_threads([&](size_t caller) { results[caller] = execute(plan.get(), shape, x); });
            for (const auto& result : results) EXPECT_TRUE(all_equal(result, results[0]));
        }
    }
}

// Both plans want the structure of one multiplier, which is searched once.
TEST(Concurrency, PlansOfOneMultiplierFromManyThreads) {
    Random random(53);
    ApproxLayer approx;
    approx.table = exact_table();
    approx.w = random.reals(shape.weights(), -2, 2);
    axnn_multiplier* handle = nullptr;
    require(axnn_multiplier_create(&approx.operands, approx.table.data(),
                                   approx.table.size() * sizeof(int32_t), &handle));
    const Multiplier multiplier(handle);
    const Context context = make_context(AXNN_TIER_BEST, 1);
    in_threads([&](size_t) {
        int32_t terms = 0;
        require(axnn_multiplier_terms(handle, &terms));
        if (terms != 1) throw std::runtime_error("an exact product has other than one term");
        const axnn_conv2d_desc conv = shape.desc();
        axnn_plan* plan = nullptr;
        require(axnn_approx_conv2d_create(context.get(), &conv, &approx.desc, handle, approx.w.data(),
                                          approx.w.size() * sizeof(float), approx.w_scale.data(),
                                          sizeof(float), approx.w_zero_point.data(), sizeof(int32_t), nullptr,
                                          0, &plan));
        axnn_plan_destroy(plan);
    });
}

// Groups whose channels share bytes of the output, each written by another thread.
TEST(Concurrency, BitsOfOneByteFromManyThreads) {
    Random random(52);
    Conv c = shape;
    c.groups = 3;
    c.in_channels = 6;
    c.out_channels = 21;
    BinaryLayer layer;
    layer.w = random.reals(c.weights(), -1, 1);
    const std::vector<float> x = random.reals(c.inputs(), -1, 1);
    const size_t bytes = size_t{1} * c.n * c.out_h() * c.out_w() * 3;
    std::vector<uint8_t> expected;
    for (uint32_t tier : available_tiers())
        for (uint32_t threads : {1, 2, 5}) {
            const Context context = make_context(tier, threads);
            const Plan plan = layer.make(context.get(), c);
            for (int repeat = 0; repeat < 20; repeat++) {
                std::vector<uint8_t> bits(bytes, 0xa5);
                require(axnn_binary_execute(plan.get(), AXNN_FLOAT32, x.data(), x.size() * sizeof(float), c.n,
                                            c.h, c.w, AXNN_BITS, nullptr, bits.data(), bits.size()));
                if (expected.empty()) expected = bits;
                EXPECT_TRUE(all_equal(bits, expected));
            }
        }
}

TEST(Concurrency, CreateRunAndDestroyOnOneContext) {
    const Context context = make_context(AXNN_TIER_BEST, 2);
    in_threads([&](size_t caller) {
        Random random(60 + caller);
        for (int repeat = 0; repeat < 5; repeat++) {
            const std::vector<float> x = random.reals(shape.inputs(), -2, 2);
            for (const Plan& plan : plans_of(context.get(), random)) {
                const std::vector<float> first = execute(plan.get(), shape, x);
                if (execute(plan.get(), shape, x) != first)
                    throw std::runtime_error("the second run gave other bits");
            }
        }
    });
}

TEST(Concurrency, ContextsComeAndGo) {
    in_threads([](size_t) {
        for (int repeat = 0; repeat < 20; repeat++) {
            uint32_t threads = 0;
            require(axnn_context_threads(make_context(AXNN_TIER_BEST, 3).get(), &threads));
            if (threads != 3)
                throw std::runtime_error("a context of 3 threads has " + std::to_string(threads));
        }
    });
}

// Each thread sees the message of its own failure.
TEST(Concurrency, LastErrorBelongsToTheThread) {
    in_threads([](size_t caller) {
        if (axnn_last_error(nullptr, 0) != 0)
            throw std::runtime_error("a new thread has the message: " + last_error());
        const auto wanted = static_cast<uint32_t>(2000 + caller);
        for (int repeat = 0; repeat < 200; repeat++) {
            const axnn_context_desc desc = {sizeof desc, AXNN_TIER_SCALAR, wanted};
            axnn_context* context = nullptr;
            if (axnn_context_create(&desc, &context) != AXNN_ERROR_INVALID_ARGUMENT)
                throw std::runtime_error("2000 threads were accepted");
            if (last_error().find(std::to_string(wanted)) == std::string::npos)
                throw std::runtime_error("the message of another thread: " + last_error());
        }
    });
}

}  // namespace
}  // namespace axnn::test
