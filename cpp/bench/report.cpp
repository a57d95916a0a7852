#include "report.hpp"

#include <stdio.h>

#include <ostream>

#include "bounds.hpp"

namespace axnn::bench {
namespace {

constexpr unsigned threads = 1;

std::optional<double> share_of_bound(const Result& result) {
    // A layer does more than its kernel, so the kernel's bound is not its own.
    const bool whole_layer = result.label.name.find("conv2d") != std::string::npos;
    const std::optional<double> bound = whole_layer ? std::nullopt : bound_of(result.label.kernel);
    if (!bound) return {};
    return result.products_per_cycle() / *bound;
}

// Text of ours: letters, digits and punctuation that JSON does not escape.
std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string number(double value) {
    char text[32];
    snprintf(text, sizeof text, "%.6g", value);
    return text;
}

std::string number(const std::optional<double>& value) { return value ? number(*value) : "null"; }

}  // namespace

void print_table_header(std::ostream& out) {
    char line[256];
    snprintf(line, sizeof line, "%-20s %-26s %-30s %-7s %9s %9s %8s %8s %6s %7s  %s\n", "name", "shape",
             "kernel", "tier", "min ms", "med ms", "Gprod/s", "prod/cyc", "bound", "ratio", "to baseline");
    out << line;
}

void print_table_row(std::ostream& out, const Result& result) {
    const Label& label = result.label;
    char bound[16] = "-", ratio[16] = "-";
    if (const auto share = share_of_bound(result)) snprintf(bound, sizeof bound, "%.0f%%", 100 * *share);
    if (result.ratio_to_baseline) snprintf(ratio, sizeof ratio, "%.2f", *result.ratio_to_baseline);
    char line[256];
    snprintf(line, sizeof line, "%-20s %-26s %-30s %-7s %9.3f %9.3f %8.2f %8.2f %6s %7s  %s\n",
             label.name.c_str(), label.shape.c_str(), (label.kernel + (label.chosen ? " *" : "")).c_str(),
             label.tier.c_str(), 1e3 * result.min_seconds, 1e3 * result.median_seconds,
             1e-9 * result.products_per_second(), result.products_per_cycle(), bound, ratio,
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
            << ", \"threads\": " << threads << ", \"shape\": " << quoted(label.shape)
            << ", \"min_ms\": " << number(1e3 * result.min_seconds)
            << ", \"median_ms\": " << number(1e3 * result.median_seconds)
            << ", \"gproducts_per_s\": " << number(1e-9 * result.products_per_second())
            << ", \"products_per_cycle\": " << number(result.products_per_cycle())
            << ", \"share_of_bound\": " << number(share_of_bound(result))
            << ", \"baseline\": " << (result.baseline ? quoted(*result.baseline) : "null")
            << ", \"ratio_to_baseline\": " << number(result.ratio_to_baseline) << "}";
    }
    out << "\n]\n";
}

}  // namespace axnn::bench
