#include "compare.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sstream>
#include <utility>

namespace axnn::fuzz {
namespace {

struct Context {
    axnn_context* handle;
    uint32_t tier;
    uint32_t threads;
};

// A context of each tier that this machine has, with one thread and with two; the first is scalar with one.
// Made once.
class Contexts {
  public:
    Contexts() {
        for (uint32_t tier : {AXNN_TIER_SCALAR, AXNN_TIER_AVX2, AXNN_TIER_AVX512})
            for (uint32_t threads : {1u, 2u}) {
                const axnn_context_desc desc = {sizeof desc, tier, threads};
                axnn_context* handle = nullptr;
                const axnn_status status = axnn_context_create(&desc, &handle);
                if (status == AXNN_OK) all_.push_back({handle, tier, threads});
                else if (status != AXNN_ERROR_TIER || tier == AXNN_TIER_SCALAR) std::abort();
            }
    }
    ~Contexts() {
        for (const Context& context : all_) axnn_context_destroy(context.handle);
    }
    const std::vector<Context>& all() const { return all_; }

  private:
    std::vector<Context> all_;
};

std::string last_error() {
    std::string message(axnn_last_error(nullptr, 0), '\0');
    axnn_last_error(message.data(), message.size() + 1);
    return message;
}

// What a context made of a case.
struct Result {
    struct Outcome {
        const char* name;
        axnn_status status;
        Call::Output output;
    };
    axnn_status created;
    std::string explanation;
    std::vector<Outcome> outcomes;
};

class Comparison {
  public:
    Comparison(const Case& c, bool must_succeed) : case_(c), must_succeed_(must_succeed) {}

    // fill: the byte that outputs are made of before a call. Where it differs between two runs, so do
    // elements that neither wrote.
    Result run(const Context& context, uint8_t fill) const {
        Result result;
        axnn_plan* plan = nullptr;
        result.created = case_.create(context.handle, &plan);
        check_status(result.created, "create", context);
        if ((result.created == AXNN_OK) != (plan != nullptr))
            fail("create gives status and plan that disagree", context);
        if (result.created != AXNN_OK) return result;
        if (!case_.shape().valid()) fail("an invalid descriptor was accepted", context);
        result.explanation = explain(plan);
        for (Call& call : case_.calls()) {
            const auto bytes = [&](auto& elements) {
                return std::pair(reinterpret_cast<uint8_t*>(elements.data()), bytes_of(elements));
            };
            const auto [data, size] = std::visit(bytes, call.output);
            std::fill_n(data, size, fill);
            const axnn_status status = call.run(plan, call.output);
            check_status(status, call.name, context);
            if (status != AXNN_OK && std::any_of(data, data + size, [&](uint8_t b) { return b != fill; }))
                fail(std::string(call.name) + " failed and wrote output", context);
            result.outcomes.push_back({call.name, status, std::move(call.output)});
        }
        axnn_plan_destroy(plan);
        return result;
    }

    void compare(const Result& actual, const Result& expected, const Context& context) const {
        if (actual.created != expected.created)
            fail(different("status of create", actual.created, expected.created), context);
        for (size_t i = 0; i < expected.outcomes.size(); i++) {
            const Result::Outcome& a = actual.outcomes[i];
            const Result::Outcome& e = expected.outcomes[i];
            if (a.status != e.status)
                fail(different(std::string("status of ") + a.name, a.status, e.status), context);
            if (e.status != AXNN_OK) continue;
            std::visit(
                [&](const auto& values) {
                    const auto& wanted = std::get<std::decay_t<decltype(values)>>(e.output);
                    for (size_t j = 0; j < values.size(); j++)
                        if (!equal(values[j], wanted[j]))
                            fail(different(std::string(a.name) + ": element " + std::to_string(j) + " of " +
                                               std::to_string(values.size()),
                                           +values[j], +wanted[j]) +
                                     "\n  it ran " + actual.explanation,
                                 context);
                },
                a.output);
        }
    }

  private:
    template <typename T>
    bool equal(T a, T b) const {
        if constexpr (std::is_floating_point_v<T>)
            if (!case_.same_bits()) return a == b || (a != a && b != b);
        return std::memcmp(&a, &b, sizeof a) == 0;
    }

    void check_status(axnn_status status, const char* call, const Context& context) const {
        if (status == AXNN_ERROR_INTERNAL || (must_succeed_ && status != AXNN_OK))
            fail(std::string(call) + " fails: " + last_error(), context);
    }

    std::string explain(const axnn_plan* plan) const {
        const Shape& s = case_.shape();
        char text[256] = "";
        size_t length = 0;
        axnn_plan_explain(plan, s.n, s.h, s.w, text, sizeof text, &length);
        return text;
    }

    template <typename T>
    static std::string different(const std::string& what, T actual, T scalar) {
        std::ostringstream text;
        text.precision(9);
        text << what << " is " << actual << ", of the scalar tier " << scalar;
        return text.str();
    }

    [[noreturn]] void fail(const std::string& what, const Context& context) const {
        constexpr const char* tiers[] = {"best", "scalar", "avx2", "avx512"};
        std::cerr << "\nTier " << tiers[context.tier] << ", " << context.threads << " threads: " << what
                  << "\n  " << case_.text() << std::endl;
        std::abort();
    }

    const Case& case_;
    bool must_succeed_;
};

}  // namespace

void compare_tiers(const Case& c, uint32_t threads, bool must_succeed) {
    static const Contexts contexts;
    const Comparison comparison(c, must_succeed);
    const Context& scalar = contexts.all().front();
    const Result expected = comparison.run(scalar, 0xA5);
    for (const Context& context : contexts.all())
        if (&context != &scalar && context.threads == threads)
            comparison.compare(comparison.run(context, 0x5A), expected, context);
    if (axnn_live_handles() != contexts.all().size()) {
        std::cerr << "\n"
                  << axnn_live_handles() - contexts.all().size() << " handles are left of\n  " << c.text()
                  << std::endl;
        std::abort();
    }
}

}  // namespace axnn::fuzz
