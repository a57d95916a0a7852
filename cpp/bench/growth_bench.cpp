// How the cost of an approximate layer (int16 entries) grows with each measure of its shape and with threads:
// one of them varies, the others stay, and all points of a row of them take turns.
#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "suites.hpp"
#include "table_work.hpp"

namespace axnn::bench {
namespace {

struct Point {
    ConvShape conv;
    uint32_t threads = 1;
};

struct Growth {
    std::string name;
    std::vector<Point> points;
};

std::vector<Growth> growths() {
    constexpr ConvShape middle = {.in_channels = 64, .edge = 28, .out_channels = 64};
    Growth k = {"k", {}}, n = {"n", {}}, m = {"m", {}}, batch = {"batch", {}}, threads = {"threads", {}};
    for (const size_t factor : {1, 2, 4, 8, 16}) {
        ConvShape conv = middle;
        conv.in_channels = 16 * factor;
        k.points.push_back({conv});
        conv = middle;
        conv.edge = 7 * factor;
        n.points.push_back({conv});
        conv = middle;
        conv.out_channels = 16 * factor;
        m.points.push_back({conv});
        conv = middle;
        conv.edge = 7;
        conv.batch = factor;
        batch.points.push_back({conv});
    }
    for (uint32_t t = 1; t <= std::max(2u, std::thread::hardware_concurrency()); t++)
        threads.points.push_back({middle, t});
    return {k, n, m, batch, threads};
}

// A layer that owns its work.
struct PointRun {
    PointRun(const std::shared_ptr<const TableWork>& table_work, Layer layer)
        : work(table_work), layer_run(*work, std::move(layer)) {}
    void run() { layer_run.run(); }
    bool correct() const { return layer_run.correct(); }
    double products() const { return work->shape.products(); }

    std::shared_ptr<const TableWork> work;
    TableLayerRun layer_run;
};

}  // namespace

std::vector<Result> bench_growth(const Tier& tier, const Wanted& wanted) {
    std::vector<Result> results;
    for (const Growth& growth : growths()) {
        const std::string name = "growth/" + growth.name;
        Group group("", 0, wanted, growth.name == "threads" ? Clock::wall : Clock::thread_cpu);
        for (const auto& [conv, threads] : growth.points) {
            if (!wanted(name, conv.text())) continue;
            const auto work = std::make_shared<const TableWork>(TableClass::int16, conv);
            const Layer layer =
                Layer::approximate(tier.id, conv, work->weights, work->products, work->code_min, threads);
            group.add<PointRun>({name, layer.kernel(), tier.name, conv.text(), true, threads}, work, layer);
        }
        const std::vector<Result> measured = group.measure();
        results.insert(results.end(), measured.begin(), measured.end());
    }
    return results;
}

}  // namespace axnn::bench
