#include "harness.hpp"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace axnn::bench {
namespace {

constexpr size_t min_rounds = 5;
constexpr size_t max_rounds = 25;
constexpr double group_seconds = 4;

double thread_seconds() {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double seconds_of(const std::function<void()>& run) {
    const double start = thread_seconds();
    run();
    return thread_seconds() - start;
}

// Additions that wait for each other: one a cycle.
constexpr size_t chain_additions = 1'000'000;

void run_addition_chain() {
    uint64_t value = 0;
#pragma GCC unroll 10
    for (size_t i = 0; i < chain_additions; i++) {
        value += 3;
        __asm__ volatile("" : "+r"(value));  // keeps the additions apart
    }
}

double least(const std::vector<double>& values) { return *std::min_element(values.begin(), values.end()); }

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

std::vector<Result> Group::measure() const {
    for (const Contender& contender : contenders_) {
        contender.run();
        if (!contender.correct()) {
            const Label& label = contender.label;
            throw std::runtime_error(label.name + " " + label.shape + ", kernel " + label.kernel + ", tier " +
                                     label.tier + ": the results are wrong");
        }
    }
    std::vector<std::vector<double>> seconds(contenders_.size());
    double chain_seconds = seconds_of(run_addition_chain);
    const double start = thread_seconds();
    for (size_t round = 0;
         round < max_rounds && (round < min_rounds || thread_seconds() - start < group_seconds); round++) {
        for (size_t i = 0; i < contenders_.size(); i++) seconds[i].push_back(seconds_of(contenders_[i].run));
        chain_seconds = std::min(chain_seconds, seconds_of(run_addition_chain));
    }

    std::optional<double> baseline_seconds;
    for (size_t i = 0; i < contenders_.size(); i++)
        if (contenders_[i].label.kernel == baseline_) baseline_seconds = least(seconds[i]);
    std::vector<Result> results;
    for (size_t i = 0; i < contenders_.size(); i++) {
        if (!contenders_[i].reported) continue;
        Result result = {contenders_[i].label,
                         products_,
                         least(seconds[i]),
                         median(seconds[i]),
                         chain_additions / chain_seconds,
                         {},
                         {}};
        if (baseline_seconds) {
            result.baseline = baseline_;
            result.ratio_to_baseline = *baseline_seconds / result.min_seconds;
        }
        results.push_back(std::move(result));
    }
    return results;
}

}  // namespace axnn::bench
