// Times several ways to do the same work in one run: they take turns, round by round, so that a change of
// clock or load on a shared machine meets all of them, and ratios can be trusted more than times.
#pragma once

#include <stdint.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace axnn::bench {

// Whether a row (name, shape) is asked for.
using Wanted = std::function<bool(const std::string& name, const std::string& shape)>;

// What a row is about.
struct Label {
    std::string name;    // operation/class
    std::string kernel;  // technique
    std::string tier;
    std::string shape;
    bool chosen;  // the best tier's plan uses this kernel
    uint32_t threads = 1;
};

// CPU time of this thread, which other processes disturb least, or time on the wall, which is what several
// threads have in common.
enum class Clock { thread_cpu, wall };

struct Result {
    Label label;
    Clock clock;
    double products;  // of one run
    double min_seconds;
    double median_seconds;
    double measured_share;  // of the work; times are divided by it
    double clock_hz;        // measured between the rounds
    std::optional<double> bytes;
    std::optional<std::string> baseline;      // kernel that the ratio is taken against
    std::optional<double> ratio_to_baseline;  // its time / this time, minima of the same rounds
    // Of a whole layer: its time / that of the GEMM of the same kernel - 1, minima of the same rounds.
    std::optional<double> over_gemm;
    // With time on the wall: CPU time of the baseline's threads / that of all threads. 1 where threads do no
    // work twice; times their number it limits the speed-up, and a busy machine does not change it.
    std::optional<double> cpu_ratio;

    // A layer does more than its kernel.
    bool whole_layer() const {
        return label.name.find("gemm") == std::string::npos &&
               label.name.find("baseline") == std::string::npos;
    }

    double products_per_second() const { return products / min_seconds; }
    double products_per_cycle() const { return products_per_second() / clock_hz; }
};

// The ways to do one piece of work.
class Group {
  public:
    // Ratios are taken against the contender whose kernel is `baseline`; without one there are none.
    Group(std::string baseline, double products, Wanted wanted, Clock clock = Clock::thread_cpu)
        : baseline_(std::move(baseline)), products_(products), wanted_(std::move(wanted)), clock_(clock) {}

    // Adds Run(arguments...) if it is wanted or the baseline. Run has run() and correct(), which looks at
    // the results of the last run; and where it differs from the rest of the group
    //   share()     the part of the work that run() does, for what is too slow to be run as a whole
    //   products()  of one run
    //   bytes()     that the kernel has to move, for the roofline
    template <typename Run, typename... Arguments>
    void add(const Label& label, Arguments&&... arguments) {
        const bool reported = wanted_(label.name, label.shape);
        if (!reported && label.kernel != baseline_) return;
        add_contender(label, reported, std::make_shared<Run>(std::forward<Arguments>(arguments)...));
    }

    // Adds Run(arguments...) as the baseline, without a row of its own.
    template <typename Run, typename... Arguments>
    void add_baseline(Arguments&&... arguments) {
        add_contender({baseline_, baseline_, "", "", false}, false,
                      std::make_shared<Run>(std::forward<Arguments>(arguments)...));
    }

    // Checks and times all contenders. Throws std::runtime_error where one computes something wrong.
    std::vector<Result> measure() const;

  private:
    struct Contender {
        Label label;
        bool reported;
        std::function<void()> run;
        std::function<bool()> correct;
        double share;
        double products;
        std::optional<double> bytes;
    };

    template <typename Run>
    void add_contender(const Label& label, bool reported, const std::shared_ptr<Run>& run) {
        Contender contender = {
            label, reported, [run] { run->run(); }, [run] { return run->correct(); }, 1, products_, {}};
        if constexpr (requires { run->share(); }) contender.share = run->share();
        if constexpr (requires { run->products(); }) contender.products = run->products();
        if constexpr (requires { run->bytes(); }) contender.bytes = run->bytes();
        contenders_.push_back(std::move(contender));
    }

    std::string baseline_;
    double products_;
    Wanted wanted_;
    Clock clock_;
    std::vector<Contender> contenders_;
};

}  // namespace axnn::bench
