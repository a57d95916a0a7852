#include "markdown.hpp"

#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include "report.hpp"
#include "shape.hpp"

namespace axnn::bench {
namespace {

bool starts_with(const std::string& text, const std::string& prefix) { return text.rfind(prefix, 0) == 0; }

std::string formatted(const char* format, const std::optional<double>& value) {
    char text[32] = "";
    if (value) snprintf(text, sizeof text, format, *value);
    return text;
}

std::string percent(const std::optional<double>& share) {
    return share ? formatted("%.0f %%", 100 * *share) : "";
}

std::string cpu_model() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (starts_with(line, "model name")) return line.substr(line.find(':') + 2);
    return "unknown CPU";
}

void write_machine(std::ostream& out, const std::vector<Result>& results) {
    double loads[3] = {};
    getloadavg(loads, 3);
    out << "Machine: " << cpu_model() << ", " << std::thread::hardware_concurrency() << " CPUs, best tier "
        << results.back().label.tier << ", clock " << formatted("%.2f", 1e-9 * results.back().clock_hz)
        << " GHz, compiler g++ " << __VERSION__
        << ". Load of the machine in the last five minutes of the run: " << formatted("%.1f", loads[1])
        << " (1: this run was alone).\n";
}

// A row for each result that `belongs`, with what a plan picks.
void write_table(std::ostream& out, const std::string& title, const std::vector<Result>& results,
                 const std::function<bool(const Result&)>& belongs) {
    bool header = false;
    for (const Result& result : results) {
        const Label& label = result.label;
        if (!label.chosen || !belongs(result)) continue;
        if (!header)
            out << "\n### " << title
                << "\n\n| row | shape | kernel | threads | min ms | median ms | G products/s | "
                   "products/cycle | "
                   "of bound | x baseline | over its GEMM | CPU time "
                   "|\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";
        header = true;
        out << "| `" << label.name << "` | " << label.shape << " | `" << label.kernel << "` | "
            << label.threads << " | " << formatted("%.3f", 1e3 * result.min_seconds) << " | "
            << formatted("%.3f", 1e3 * result.median_seconds) << " | "
            << formatted("%.1f", 1e-9 * result.products_per_second()) << " | "
            << formatted("%.2f", result.products_per_cycle()) << " | " << percent(share_of_bound(result))
            << " | " << formatted("%.2f", result.ratio_to_baseline) << " | " << percent(result.over_gemm)
            << " | " << formatted("%.2f", result.cpu_ratio) << " |\n";
    }
}

// A line for each name, kernel and tier that `belongs`, a column for each shape.
void write_matrix(std::ostream& out, const std::string& title, const std::vector<std::string>& shapes,
                  const std::vector<Result>& results, const std::function<bool(const Result&)>& belongs,
                  const std::function<std::string(const Result&)>& cell) {
    using Line = std::tuple<std::string, std::string, std::string>;
    std::vector<Line> lines;
    std::map<std::pair<Line, std::string>, std::string> cells;
    for (const Result& result : results) {
        const Label& label = result.label;
        if (!belongs(result) || std::find(shapes.begin(), shapes.end(), label.shape) == shapes.end())
            continue;
        const Line line = {label.name, label.kernel, label.tier};
        if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
        cells[{line, label.shape}] = cell(result);
    }
    out << "\n### " << title << "\n\n| row | kernel | tier |";
    for (const std::string& shape : shapes) out << ' ' << shape << " |";
    out << "\n|---|---|---|";
    for (size_t i = 0; i < shapes.size(); i++) out << "---|";
    out << '\n';
    for (const Line& line : lines) {
        const auto& [name, kernel, tier] = line;
        out << "| `" << name << "` | `" << kernel << "` | " << tier << " |";
        for (const std::string& shape : shapes) out << ' ' << cells[{line, shape}] << " |";
        out << '\n';
    }
}

template <typename Shapes, typename Text>
std::vector<std::string> texts(const Shapes& shapes, const Text& text) {
    std::vector<std::string> texts;
    for (const ConvShape& shape : shapes) texts.push_back(text(shape));
    return texts;
}

constexpr const char* network = "binary_network";

void write_networks(std::ostream& out, const std::vector<Result>& results) {
    out << "\n### Bits: a whole network, every hidden layer in bits (VGG-small, CIFAR-10's size)\n\n"
           "| images at once | threads | images a second, best | median | G products/s "
           "|\n|---|---|---|---|---|\n";
    for (const Result& result : results) {
        if (result.label.name != network) continue;
        const double batch = strtod(result.label.shape.c_str(), nullptr);
        out << "| " << batch << " | " << result.label.threads << " | "
            << formatted("%.0f", batch / result.min_seconds) << " | "
            << formatted("%.0f", batch / result.median_seconds) << " | "
            << formatted("%.1f", 1e-9 * result.products_per_second()) << " |\n";
    }
}

}  // namespace

void write_markdown(std::ostream& out, const std::vector<Result>& results) {
    const auto gemm = [](const ConvShape& shape) { return shape.gemm().text(); };
    const auto layer = [](const ConvShape& shape) { return shape.text(); };
    std::vector<std::string> resnet = texts(resnet_shapes, gemm);
    for (const std::string& shape : texts(resnet_shapes, layer)) resnet.push_back(shape);
    const auto on_resnet = [&](const std::string& prefix) {
        return [&, prefix](const Result& result) {
            return result.label.threads == 1 && starts_with(result.label.name, prefix) &&
                   std::find(resnet.begin(), resnet.end(), result.label.shape) != resnet.end();
        };
    };
    const auto growing = [](const Result& result) { return starts_with(result.label.name, "growth/"); };

    write_machine(out, results);
    write_table(out, "Tables of products: kernels", results, on_resnet("lut_gemm/"));
    write_table(out, "Tables of products: layers", results, on_resnet("approx_conv2d/"));
    const auto milliseconds = [](const Result& result) {
        const std::string time = formatted("%.2f", 1e3 * result.min_seconds);
        return result.label.chosen ? "**" + time + "**" : time;
    };
    write_matrix(
        out,
        "Tables with structure: milliseconds of a layer by table and by passes, bold where a plan picks it",
        texts(resnet_shapes, layer), results,
        [](const Result& result) { return starts_with(result.label.name, "approx_conv2d/structured_"); },
        milliseconds);
    write_matrix(
        out, "Wide multipliers: milliseconds of a layer (speed as a multiple of exact 16 bits)",
        texts(resnet_shapes, layer), results,
        [](const Result& result) { return starts_with(result.label.name, "wide_conv2d/"); },
        [](const Result& result) {
            return formatted("%.2f", 1e3 * result.min_seconds) +
                   formatted(" (%.2f)", result.ratio_to_baseline);
        });
    write_table(out, "Exact integers", results, on_resnet("quant_"));
    write_table(out, "Bits", results, on_resnet("binary_"));
    write_matrix(
        out, "Bits: the convolutions of bitorch-engine's tests, products per cycle (times 64-bit popcnt)",
        texts(bitorch_shapes, layer), results,
        [](const Result& result) {
            return result.label.chosen && result.label.threads == 1 &&
                   starts_with(result.label.name, "binary_");
        },
        [](const Result& result) {
            return formatted("%.1f", result.products_per_cycle()) +
                   formatted(" (%.2f)", result.ratio_to_baseline);
        });
    write_networks(out, results);
    write_table(out, "Exact floats and their gradients", results, on_resnet("float_"));
    write_table(out, "Depthwise", results,
                [](const Result& result) { return starts_with(result.label.name, "depthwise_"); });
    write_table(out, "Two threads beside one", results, [&](const Result& result) {
        return result.label.threads > 1 && !growing(result) && !starts_with(result.label.name, network);
    });
    write_matrix(
        out, "Every kernel: products per cycle (times the baseline), bold where a plan picks it",
        texts(resnet_shapes, gemm), results, [](const Result&) { return true; },
        [](const Result& result) {
            const std::string rate = formatted("%.2f", result.products_per_cycle());
            return (result.label.chosen ? "**" + rate + "**" : rate) +
                   formatted(" (%.1f)", result.ratio_to_baseline);
        });
    write_matrix(
        out, "Layers of other shapes: milliseconds (products per cycle)", texts(other_shapes, layer), results,
        [&](const Result& result) {
            return result.label.chosen && result.label.threads == 1 && !growing(result);
        },
        [](const Result& result) {
            return formatted("%.3f", 1e3 * result.min_seconds) +
                   formatted(" (%.1f)", result.products_per_cycle());
        });
    write_table(out, "Growth", results, growing);
}

}  // namespace axnn::bench
