#include "pictures.hpp"

#include <string.h>
#include <time.h>

#include <algorithm>
#include <map>

#include "bounds.hpp"
#include "shape.hpp"

namespace axnn::bench {
namespace {

// Bytes a second that one core writes to its first cache: the C library's fastest way.
double stored_bytes_per_second() {
    constexpr size_t repeats = 2000;
    std::vector<char> buffer(16 << 10);
    double best = 0;
    for (int round = 0; round < 20; round++) {
        timespec start, end;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
        for (size_t i = 0; i < repeats; i++) {
            memset(buffer.data(), (int)i, buffer.size());
            __asm__ volatile("" : : "r"(buffer.data()) : "memory");
        }
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        const double seconds =
            (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
        best = std::max(best, (double)(repeats * buffer.size()) / seconds);
    }
    return best;
}

}  // namespace

Chart roofline(const std::vector<Result>& results) {
    std::map<std::string, ChartSeries> kernels;
    double least = 1, most = 1, clock_hz = 0;
    for (const Result& result : results) {
        if (!result.bytes || !bound_of(result.label.kernel)) continue;
        const double products_per_byte = result.products / *result.bytes;
        kernels[result.label.kernel].points.push_back(
            {products_per_byte, result.products_per_cycle(), result.label.name + " " + result.label.shape});
        least = std::min(least, products_per_byte);
        most = std::max(most, products_per_byte);
        clock_hz = std::max(clock_hz, result.clock_hz);
    }
    const double bytes_per_cycle = clock_hz > 0 ? stored_bytes_per_second() / clock_hz : 0;
    Chart chart = {"Products per cycle under the bounds of stores and of instructions",
                   "products for each byte that has to be stored",
                   "products per cycle, one thread",
                   {}};
    for (auto& [name, series] : kernels) {
        const double bound = *bound_of(name), ridge = bound / bytes_per_cycle;
        series.name = name;
        if (least < ridge) series.line.push_back({least, least * bytes_per_cycle, ""});
        series.line.push_back({std::max(least, ridge), bound, ""});
        series.line.push_back({std::max(most, ridge), bound, ""});
        chart.series.push_back(std::move(series));
    }
    return chart;
}

Chart growth(const std::vector<Result>& results) {
    Chart chart = {"Time of an approximate layer (int16 entries) as its shape grows",
                   "times the smallest K, N, M, batch or number of threads",
                   "times the time of the smallest",
                   {}};
    const std::string prefix = "growth/";
    const Result* first = nullptr;
    double most = 1;
    for (const Result& result : results) {
        if (result.label.name.rfind(prefix, 0) != 0) continue;
        if (!first || first->label.name != result.label.name) {
            first = &result;
            chart.series.push_back({result.label.name.substr(prefix.size()), {}, {}});
        }
        const double factor = result.products / first->products * result.label.threads / first->label.threads;
        const ChartPoint point = {factor, result.min_seconds / first->min_seconds, result.label.shape};
        chart.series.back().points.push_back(point);
        chart.series.back().line.push_back(point);
        most = std::max(most, factor);
    }
    if (first) chart.series.push_back({"in proportion", {}, {{1, 1, ""}, {most, most, ""}}});
    return chart;
}

Chart binary(const std::vector<Result>& results) {
    Chart chart = {"Binary convolution on ResNet's shapes, one thread",
                   "output pixels",
                   "times the speed of 64-bit popcnt alone",
                   {}};
    for (const std::string name :
         {"binary_gemm", "binary_conv2d", "binary_conv2d/true_zero", "binary_conv2d/bits"}) {
        ChartSeries series = {name, {}, {}};
        for (const ConvShape& conv : resnet_shapes)
            for (const Result& result : results) {
                const Label& label = result.label;
                const bool on_shape = label.shape == conv.text() || label.shape == conv.gemm().text();
                if (!label.chosen || label.threads > 1 || label.name != name || !on_shape ||
                    !result.ratio_to_baseline)
                    continue;
                series.points.push_back({(double)conv.gemm().n, *result.ratio_to_baseline, label.shape});
            }
        series.line = series.points;
        chart.series.push_back(std::move(series));
    }
    return chart;
}

}  // namespace axnn::bench
