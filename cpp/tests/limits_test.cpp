// What the library does where the system refuses it memory: AXNN_ERROR_OUT_OF_MEMORY, nothing written and
// nothing lost, never a crash. Every test runs in a child process under a limit of its address space.
#include <axnn/axnn.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/compare.hpp"
#include "support/handles.hpp"
#include "support/layers.hpp"
#include "support/random.hpp"
#include "support/reference.hpp"

namespace axnn::test {
namespace {

constexpr size_t kib = 1024;
constexpr size_t mib = 1024 * kib;

// ---- A child process and its limit ------------------------------------------------------------------

// Grows the stack of the main thread, which grows on demand: a page of it refused later is a crash of
// the process, not a failure that anybody can report.
[[gnu::noinline]] void grow_stack() {
    volatile char stack[512 * kib];
    for (size_t i = 0; i < sizeof stack; i += kib) stack[i] = 0;
}

// Runs the body in a child process, which prints its own failures, and fails if it fails or crashes. After a
// failure it does nothing: the next child would take it for its own.
void in_child(const std::function<void()>& body) {
    if (::testing::Test::HasFailure()) return;
    std::fflush(nullptr);
    const pid_t child = fork();
    ASSERT_NE(child, -1);
    if (child == 0) {
        // Large blocks come from the system and go back to it, and no thread has a reserve of addresses
        // for small ones (an arena is 64 MiB), so that a limit is felt at once.
        mallopt(M_MMAP_THRESHOLD, static_cast<int>(64 * kib));
        mallopt(M_ARENA_MAX, 1);
        grow_stack();
        try {
            body();
        } catch (const std::exception& e) {
            ADD_FAILURE() << e.what();
        }
        EXPECT_EQ(axnn_live_handles(), 0u);
        std::fflush(nullptr);
        _exit(::testing::Test::HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) ADD_FAILURE() << "the child was ended by signal " << WTERMSIG(status);
    else if (WEXITSTATUS(status) != EXIT_SUCCESS) ADD_FAILURE() << "the child failed";
}

// Until the end of the block the process gets no more than `spare` bytes of addresses than it has.
class AddressSpaceLimit {
  public:
    explicit AddressSpaceLimit(size_t spare) {
        malloc_trim(0);
        size_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        if (pages == 0 || getrlimit(RLIMIT_AS, &before_) != 0)
            throw std::runtime_error("the address space cannot be measured");
        rlimit limited = before_;
        limited.rlim_cur = pages * static_cast<size_t>(sysconf(_SC_PAGESIZE)) + spare;
        if (setrlimit(RLIMIT_AS, &limited) != 0)
            throw std::runtime_error("the address space cannot be limited");
    }
    ~AddressSpaceLimit() { setrlimit(RLIMIT_AS, &before_); }
    AddressSpaceLimit(const AddressSpaceLimit&) = delete;
    AddressSpaceLimit& operator=(const AddressSpaceLimit&) = delete;

  private:
    rlimit before_;
};

// Makes a call with nothing to spare and with ever more until it succeeds, so that one after the other of
// its requests for memory is refused, and calls after_refusal after each failure. The first must fail.
template <typename Call, typename AfterRefusal>
void expect_refusals(const Call& call, const AfterRefusal& after_refusal) {
    constexpr size_t enough = 64 * mib;
    for (size_t spare = 0; spare <= enough; spare += 64 * kib) {
        SCOPED_TRACE(std::to_string(spare) + " bytes to spare");
        axnn_status status = AXNN_OK;
        {
            const AddressSpaceLimit limit(spare);
            status = call();
        }
        if (status == AXNN_OK) {
            EXPECT_GT(spare, 0u) << "nothing was refused";
            return;
        }
        ASSERT_EQ(status, AXNN_ERROR_OUT_OF_MEMORY) << last_error();
        EXPECT_NE(last_error(), "");
        after_refusal();
        if (::testing::Test::HasFailure()) return;
    }
    ADD_FAILURE() << enough << " bytes were not enough: " << last_error();
}

// ---- Execution, on every tier -----------------------------------------------------------------------

class Limits : public ::testing::TestWithParam<uint32_t> {
  protected:
    uint32_t tier() const { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Tiers, Limits, ::testing::ValuesIn(available_tiers()),
                         [](const auto& tested) { return std::string(tier_name(tested.param)); });

axnn_status execute_into(const axnn_plan* plan, const Conv& c, const std::vector<float>& x,
                         std::vector<float>& y) {
    return axnn_plan_execute(plan, x.data(), x.size() * sizeof(float), c.n, c.h, c.w, y.data(),
                             y.size() * sizeof(float));
}

axnn_status execute_noise_into(const axnn_plan* plan, const Conv& c, const std::vector<float>& x,
                               std::vector<float>& y) {
    const axnn_noise_desc noise = {sizeof noise, 0.5f, 0.25f, 1, 2};
    return axnn_plan_execute_noise(plan, &noise, x.data(), x.size() * sizeof(float), c.n, c.h, c.w, y.data(),
                                   y.size() * sizeof(float));
}

using MakePlan = std::function<Plan(const axnn_context*)>;
using Execute = axnn_status (*)(const axnn_plan*, const Conv&, const std::vector<float>&,
                                std::vector<float>&);

// The first run of a plan fails without a trace until all its scratch can be had. After it no run needs
// memory worth mentioning.
void test_execution(uint32_t tier, uint32_t threads, const Conv& c, const std::vector<float>& x,
                    const MakePlan& make, Execute run = execute_into) {
    constexpr float untouched = -12345.0f;
    std::vector<float> expected(c.outputs());
    require(run(make(make_context(tier, threads).get()).get(), c, x, expected));
    const Context context = make_context(tier, threads);
    const Plan plan = make(context.get());
    const std::vector<float> before(c.outputs(), untouched);
    std::vector<float> y = before;
    expect_refusals([&] { return run(plan.get(), c, x, y); }, [&] { EXPECT_TRUE(all_equal(y, before)); });
    if (::testing::Test::HasFailure()) return;
    EXPECT_TRUE(all_equal(y, expected));

    // A small block may still be refused here.
    y = before;
    std::optional<AddressSpaceLimit> limit(size_t{0});
    const axnn_status status = run(plan.get(), c, x, y);
    limit.reset();
    EXPECT_TRUE(status == AXNN_OK || status == AXNN_ERROR_OUT_OF_MEMORY) << status << ": " << last_error();
    EXPECT_TRUE(all_equal(y, status == AXNN_OK ? expected : before));

    y = before;
    limit.emplace(mib);
    EXPECT_EQ(run(plan.get(), c, x, y), AXNN_OK) << last_error();
    limit.reset();
    EXPECT_TRUE(all_equal(y, expected));
}

const Conv layer3x3 = {.in_channels = 64,
                       .h = 56,
                       .w = 56,
                       .out_channels = 64,
                       .kernel_h = 3,
                       .kernel_w = 3,
                       .pad_top = 1,
                       .pad_bottom = 1,
                       .pad_left = 1,
                       .pad_right = 1};

TEST_P(Limits, FloatConvExecute) {
    for (uint32_t threads : {1, 2})
        in_child([&] {
            SCOPED_TRACE("threads " + std::to_string(threads));
            Random random(70);
            const std::vector<float> w = random.reals(layer3x3.weights(), -1, 1);
            test_execution(
                tier(), threads, layer3x3, random.reals(layer3x3.inputs(), -1, 1),
                [&](const axnn_context* context) { return make_float_plan(context, layer3x3, w, {}); });
        });
}

TEST_P(Limits, ApproxConvExecute) {
    in_child([&] {
        Random random(71);
        ApproxLayer layer;
        layer.table = random_table(random, -30'000, 30'000);
        layer.w = random.reals(layer3x3.weights(), -2, 2);
        test_execution(tier(), 2, layer3x3, random.reals(layer3x3.inputs(), -2, 2),
                       [&](const axnn_context* context) { return layer.make(context, layer3x3); });
    });
}

// The passes after the output is written ask for no memory of their own. (That they take no workspace, which
// another caller might have by then, is not seen here: with one caller there is always one left.)
TEST_P(Limits, NoiseExecute) {
    in_child([&] {
        Random random(75);
        ApproxLayer layer;
        layer.table = random_table(random, -30'000, 30'000);
        layer.w = random.reals(layer3x3.weights(), -2, 2);
        test_execution(
            tier(), 2, layer3x3, random.reals(layer3x3.inputs(), -2, 2),
            [&](const axnn_context* context) { return layer.make(context, layer3x3); }, execute_noise_into);
    });
}

TEST_P(Limits, BinaryConvExecute) {
    in_child([&] {
        Random random(72);
        BinaryLayer layer;
        layer.w = random_signs(random, layer3x3.weights());
        test_execution(tier(), 2, layer3x3, random_signs(random, layer3x3.inputs()),
                       [&](const axnn_context* context) { return layer.make(context, layer3x3); });
    });
}

// Whatever is asked for, nothing is written until all memory is there: of the signs of weights, of the sums
// behind the gradients of scales, of the run.
TEST_P(Limits, BinaryBackward) {
    for (bool only_scales : {false, true})
        in_child([&] {
            SCOPED_TRACE(only_scales ? "scales" : "all");
            Random random(76);
            const axnn_sign_desc signs = {sizeof signs, AXNN_SIGN_STE, 1, AXNN_SIGN_APPROX, 0};
            BinaryLayer layer;
            layer.w = random_signs(random, layer3x3.weights());
            const std::vector<float> x = random_signs(random, layer3x3.inputs());
            const std::vector<float> grad_out = random.reals(layer3x3.outputs(), -1, 1);
            const auto make = [&](float value) {
                BinaryGradients gradients = BinaryGradients::all(layer3x3, value);
                if (only_scales) gradients.x = gradients.weights = gradients.bias = {};
                return gradients;
            };
            const BinaryGradients before = make(-12345);
            const auto expect_equal = [](const BinaryGradients& actual, const BinaryGradients& expected) {
                EXPECT_TRUE(all_equal(actual.x, expected.x));
                EXPECT_TRUE(all_equal(actual.weights, expected.weights));
                EXPECT_TRUE(all_equal(actual.scales, expected.scales));
                EXPECT_TRUE(all_equal(actual.bias, expected.bias));
            };
            const auto run = [&](const axnn_plan* plan, BinaryGradients& gradients) {
                return binary_backward(plan, signs, layer3x3, layer.w, x, grad_out, gradients);
            };
            BinaryGradients expected = make(0);
            require(run(layer.make(make_context(tier(), 2).get(), layer3x3).get(), expected));

            const Context context = make_context(tier(), 2);
            const Plan plan = layer.make(context.get(), layer3x3);
            BinaryGradients gradients = before;
            expect_refusals([&] { return run(plan.get(), gradients); },
                            [&] { expect_equal(gradients, before); });
            expect_equal(gradients, expected);
        });
}

// A window of 4,000,001 rows is taken tap by tap, with the sums of very many blocks of channels kept
// meanwhile: arrays of few bytes, each rounded up, still fit a workspace.
TEST_P(Limits, VeryManyChannelsOfAVeryTallWindow) {
    const Conv c = {.h = 4'000'001, .out_channels = 70'000, .kernel_h = 2, .dilation_h = 4'000'000};
    for (bool wide : {false, true})
        in_child([&] {
            SCOPED_TRACE(wide ? "64-bit sums" : "32-bit sums");
            Random random(73);
            ApproxLayer layer;
            layer.table =
                wide ? random_table(random, INT32_MIN, INT32_MAX) : random_table(random, -30'000, 30'000);
            layer.w = random.reals(c.weights(), -2, 2);
            const std::vector<float> x = random.reals(c.inputs(), -2, 2);
            const Context context = make_context(tier(), 1);
            const Plan plan = layer.make(context.get(), c);
            const ApproxExpected expected = expected_of(layer, c, x);
            EXPECT_TRUE(all_equal(execute_sums(plan.get(), c, x), expected.sums));
            EXPECT_TRUE(all_equal(execute(plan.get(), c, x), expected.y));
        });
}

// ---- Creation -----------------------------------------------------------------------------------------

// Creates a handle by create(out), which fails with *out NULL until all its memory can be had.
template <typename Handle, typename Create>
void test_creation(const Create& create, void (*destroy)(Handle*)) {
    const uint64_t handles = axnn_live_handles();
    Handle* handle = nullptr;
    const auto call = [&] {
        handle = reinterpret_cast<Handle*>(uintptr_t{16});
        return create(&handle);
    };
    expect_refusals(call, [&] {
        EXPECT_EQ(handle, nullptr);
        EXPECT_EQ(axnn_live_handles(), handles);
    });
    if (::testing::Test::HasFailure()) return;
    EXPECT_EQ(axnn_live_handles(), handles + 1);
    destroy(handle);
}

TEST(LimitsOfCreation, Context) {
    in_child([] {
        const axnn_context_desc desc = {sizeof desc, AXNN_TIER_BEST, 3};
        test_creation<axnn_context>([&](axnn_context** out) { return axnn_context_create(&desc, out); },
                                    axnn_context_destroy);
    });
}

TEST(LimitsOfCreation, ContextOfVeryManyThreads) {
    for (size_t spare : {mib, 32 * mib})
        in_child([&] {
            SCOPED_TRACE(std::to_string(spare) + " bytes to spare");
            const axnn_context_desc desc = {sizeof desc, AXNN_TIER_BEST, 1000};
            auto* context = reinterpret_cast<axnn_context*>(uintptr_t{16});
            {
                const AddressSpaceLimit limit(spare);
                EXPECT_EQ(axnn_context_create(&desc, &context), AXNN_ERROR_OUT_OF_MEMORY);
            }
            EXPECT_EQ(context, nullptr);
            EXPECT_EQ(axnn_live_handles(), 0u);
            EXPECT_NE(last_error().find("1000"), std::string::npos) << last_error();
            EXPECT_NO_THROW(make_context(AXNN_TIER_BEST, 4));
        });
}

TEST(LimitsOfCreation, Multiplier) {
    in_child([] {
        const std::vector<int32_t> products = exact_table();
        const axnn_multiplier_desc desc = {sizeof desc, 8, 1, 8, 1};
        test_creation<axnn_multiplier>(
            [&](axnn_multiplier** out) {
                return axnn_multiplier_create(&desc, products.data(), products.size() * sizeof(int32_t), out);
            },
            axnn_multiplier_destroy);
    });
}

TEST(LimitsOfCreation, FloatPlan) {
    in_child([] {
        const Context context = make_context(AXNN_TIER_BEST, 1);
        const axnn_conv2d_desc conv = layer3x3.desc();
        const std::vector<float> w(layer3x3.weights(), 0.5f);
        test_creation<axnn_plan>(
            [&](axnn_plan** out) {
                return axnn_float_conv2d_create(context.get(), &conv, w.data(), w.size() * sizeof(float),
                                                nullptr, 0, out);
            },
            axnn_plan_destroy);
    });
}

TEST(LimitsOfCreation, ApproxPlan) {
    in_child([] {
        const Context context = make_context(AXNN_TIER_BEST, 1);
        const Multiplier multiplier = make_multiplier(exact_table());
        const ApproxLayer layer;
        const axnn_conv2d_desc conv = layer3x3.desc();
        const std::vector<float> w(layer3x3.weights(), 0.5f);
        test_creation<axnn_plan>(
            [&](axnn_plan** out) {
                return axnn_approx_conv2d_create(context.get(), &conv, &layer.desc, multiplier.get(),
                                                 w.data(), w.size() * sizeof(float), layer.w_scale.data(),
                                                 sizeof(float), layer.w_zero_point.data(), sizeof(int32_t),
                                                 nullptr, 0, out);
            },
            axnn_plan_destroy);
    });
}

TEST(LimitsOfCreation, BinaryPlan) {
    in_child([] {
        const Conv c = {.in_channels = 512, .out_channels = 512, .kernel_h = 3, .kernel_w = 3};
        const Context context = make_context(AXNN_TIER_BEST, 1);
        const BinaryLayer layer;
        const axnn_conv2d_desc conv = c.desc();
        const std::vector<uint8_t> bits(c.weights() / 8, 0x5A);
        test_creation<axnn_plan>(
            [&](axnn_plan** out) {
                return axnn_binary_conv2d_create(context.get(), &conv, &layer.desc, bits.data(), bits.size(),
                                                 nullptr, 0, nullptr, 0, out);
            },
            axnn_plan_destroy);
    });
}

}  // namespace
}  // namespace axnn::test
