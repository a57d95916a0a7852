// Times several ways to do the same work in one run: they take turns, round by round, so that a change of
// clock or load on a shared machine meets all of them, and ratios can be trusted more than times. Time is
// CPU time of this thread.
#pragma once

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
};

struct Result {
    Label label;
    double products;  // of one run
    double min_seconds;
    double median_seconds;
    double clock_hz;                          // measured between the rounds
    std::optional<std::string> baseline;      // kernel that the ratio is taken against
    std::optional<double> ratio_to_baseline;  // its time / this time, minima of the same rounds

    double products_per_second() const { return products / min_seconds; }
    double products_per_cycle() const { return products_per_second() / clock_hz; }
};

// The ways to do one piece of work.
class Group {
  public:
    // Ratios are taken against the contender whose kernel is `baseline`; without one there are none.
    Group(std::string baseline, double products, Wanted wanted)
        : baseline_(std::move(baseline)), products_(products), wanted_(std::move(wanted)) {}

    // Adds Run(arguments...) if it is wanted or the baseline. Run has run() and correct(), which looks at
    // the results of the last run.
    template <typename Run, typename... Arguments>
    void add(const Label& label, Arguments&&... arguments) {
        const bool reported = wanted_(label.name, label.shape);
        if (!reported && label.kernel != baseline_) return;
        const auto contender = std::make_shared<Run>(std::forward<Arguments>(arguments)...);
        contenders_.push_back({label, reported, [contender] { contender->run(); },
                               [contender] { return contender->correct(); }});
    }

    // Checks and times all contenders. Throws std::runtime_error where one computes something wrong.
    std::vector<Result> measure() const;

  private:
    struct Contender {
        Label label;
        bool reported;
        std::function<void()> run;
        std::function<bool()> correct;
    };

    std::string baseline_;
    double products_;
    Wanted wanted_;
    std::vector<Contender> contenders_;
};

}  // namespace axnn::bench
