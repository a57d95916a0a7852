#include "report.hpp"

#include <stdio.h>

#include <ostream>

#include "bounds.hpp"

namespace axnn::bench {
namespace {

// Text of ours: letters, digits and punctuation that JSON does not escape.
std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string number(double value) {
    char text[32];
    snprintf(text, sizeof text, "%.6g", value);
    return text;
}

std::string number(const std::optional<double>& value) { return value ? number(*value) : "null"; }

const char* clock_name(Clock clock) { return clock == Clock::wall ? "wall" : "thread_cpu"; }

}  // namespace

std::optional<double> share_of_bound(const Result& result) {
    const std::optional<double> bound = result.whole_layer() ? std::nullopt : bound_of(result.label.kernel);
    if (!bound) return {};
    return result.products_per_cycle() / *bound;
}

void print_table_header(std::ostream& out) {
    char line[256];
    snprintf(line, sizeof line, "%-23s %-31s %-30s %-7s %3s %9s %9s %8s %8s %6s %6s %5s %7s  %s\n", "name",
             "shape", "kernel", "tier", "thr", "min ms", "med ms", "Gprod/s", "prod/cyc", "bound", "+gemm",
             "cpu", "ratio", "to baseline");
    out << line;
}

void print_table_row(std::ostream& out, const Result& result) {
    const Label& label = result.label;
    const std::string mark = label.chosen ? " *" : result.measured_share < 1 ? " ~" : "";
    const auto formatted = [](const char* format, const std::optional<double>& value) {
        char text[16] = "-";
        if (value) snprintf(text, sizeof text, format, *value);
        return std::string(text);
    };
    const auto percent = [&](std::optional<double> share) {
        if (share) *share *= 100;
        return formatted("%.0f%%", share);
    };
    char line[256];
    snprintf(line, sizeof line, "%-23s %-31s %-30s %-7s %3u %9.3f %9.3f %8.2f %8.2f %6s %6s %5s %7s  %s\n",
             label.name.c_str(), label.shape.c_str(), (label.kernel + mark).c_str(), label.tier.c_str(),
             label.threads, 1e3 * result.min_seconds, 1e3 * result.median_seconds,
             1e-9 * result.products_per_second(), result.products_per_cycle(),
             percent(share_of_bound(result)).c_str(), percent(result.over_gemm).c_str(),
             formatted("%.2f", result.cpu_ratio).c_str(), formatted("%.2f", result.ratio_to_baseline).c_str(),
             result.baseline.value_or("-").c_str());
    out << line << std::flush;
}

void write_json(std::ostream& out, const std::vector<Result>& results) {
    out << "[";
    for (size_t i = 0; i < results.size(); i++) {
        const Result& result = results[i];
        const Label& label = result.label;
        out << (i ? ",\n " : "\n ") << "{\"name\": " << quoted(label.name)
            << ", \"kernel\": " << quoted(label.kernel)
            << ", \"chosen\": " << (label.chosen ? "true" : "false") << ", \"tier\": " << quoted(label.tier)
            << ", \"threads\": " << label.threads << ", \"shape\": " << quoted(label.shape)
            << ", \"min_ms\": " << number(1e3 * result.min_seconds)
            << ", \"median_ms\": " << number(1e3 * result.median_seconds)
            << ", \"gproducts_per_s\": " << number(1e-9 * result.products_per_second())
            << ", \"products_per_cycle\": " << number(result.products_per_cycle())
            << ", \"share_of_bound\": " << number(share_of_bound(result))
            << ", \"baseline\": " << (result.baseline ? quoted(*result.baseline) : "null")
            << ", \"ratio_to_baseline\": " << number(result.ratio_to_baseline)
            << ", \"over_gemm\": " << number(result.over_gemm)
            << ", \"cpu_ratio\": " << number(result.cpu_ratio) << ", \"bytes\": " << number(result.bytes)
            << ", \"clock\": " << quoted(clock_name(result.clock))
            << ", \"measured_share\": " << number(result.measured_share) << "}";
    }
    out << "\n]\n";
}

}  // namespace axnn::bench
