#include "harness.hpp"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace axnn::bench {
namespace {

constexpr size_t min_rounds = 5;
constexpr size_t max_rounds = 25;
// Time on the wall needs more: both cores have to be idle for one of them.
constexpr size_t max_wall_rounds = 200;
constexpr double group_seconds = 1.5;
// Shorter runs are repeated, so that the clock's own time does not count.
constexpr double min_run_seconds = 2e-4;

double seconds_on(clockid_t clock) {
    timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double seconds_of(Clock clock, size_t repeats, const std::function<void()>& run) {
    const clockid_t id = clock == Clock::wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
    const double start = seconds_on(id);
    for (size_t i = 0; i < repeats; i++) run();
    return (seconds_on(id) - start) / (double)repeats;
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
    std::vector<size_t> repeats;
    for (const Contender& contender : contenders_) {
        const double seconds = seconds_of(clock_, 1, contender.run);
        repeats.push_back((size_t)std::max(1.0, min_run_seconds / std::max(seconds, 1e-9)));
        if (!contender.correct()) {
            const Label& label = contender.label;
            throw std::runtime_error(label.name + " " + label.shape + ", kernel " + label.kernel + ", tier " +
                                     label.tier + ": the results are wrong");
        }
    }
    std::vector<std::vector<double>> seconds(contenders_.size()), cpu_seconds(contenders_.size());
    const auto chain = [] { return seconds_of(Clock::thread_cpu, 1, run_addition_chain); };
    double chain_seconds = chain();
    const double start = seconds_on(CLOCK_MONOTONIC);
    for (size_t round = 0;
         round < max_rounds && (round < min_rounds || seconds_on(CLOCK_MONOTONIC) - start < group_seconds);
         round++) {
        for (size_t i = 0; i < contenders_.size(); i++) {
            const double cpu_start = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
            seconds[i].push_back(seconds_of(clock_, repeats[i], contenders_[i].run) / contenders_[i].share);
            cpu_seconds[i].push_back((seconds_on(CLOCK_PROCESS_CPUTIME_ID) - cpu_start) / (double)repeats[i]);
        }
        chain_seconds = std::min(chain_seconds, chain());
    }

    std::vector<Result> results;
    std::optional<double> baseline_seconds, baseline_cpu_seconds;
    for (size_t i = 0; i < contenders_.size(); i++) {
        const Contender& contender = contenders_[i];
        if (contender.label.kernel == baseline_) {
            baseline_seconds = least(seconds[i]);
            baseline_cpu_seconds = least(cpu_seconds[i]);
        }
        if (!contender.reported) continue;
        results.push_back({contender.label,
                           clock_,
                           contender.products,
                           least(seconds[i]),
                           median(seconds[i]),
                           contender.share,
                           chain_additions / chain_seconds,
                           contender.bytes,
                           {},
                           {},
                           {},
                           {}});
        if (clock_ == Clock::wall && baseline_cpu_seconds)
            results.back().cpu_ratio = *baseline_cpu_seconds / least(cpu_seconds[i]);
    }
    for (Result& result : results) {
        if (baseline_seconds) {
            result.baseline = baseline_;
            result.ratio_to_baseline = *baseline_seconds / result.min_seconds;
        }
        if (!result.whole_layer()) continue;
        for (const Result& other : results)
            if (!other.whole_layer() && other.label.kernel == result.label.kernel)
                result.over_gemm = result.min_seconds / other.min_seconds - 1;
    }
    return results;
}

}  // namespace axnn::bench
