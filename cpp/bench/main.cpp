// Native benchmarks: kernels and whole layers, beside the published CPU techniques.
#include <fstream>
#include <iostream>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "markdown.hpp"
#include "pictures.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace axnn::bench {
namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

constexpr const char* usage =
    "usage: bench [--json FILE] [--report FOLDER] [--filter REGEX]\n"
    "  --json FILE     also writes the results to FILE\n"
    "  --report FOLDER also writes tables (native.md) and pictures (roofline.svg, growth.svg, binary.svg)\n"
    "  --filter REGEX  only rows where the ECMAScript expression is found in \"name shape\",\n"
    "                  for example 'lut_gemm/int16 64/' or 'conv2d'\n";

struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Options {
    std::optional<std::string> json;
    std::optional<std::string> report;
    std::optional<std::regex> filter;
};

Options parse(const std::vector<std::string>& arguments) {
    Options options;
    for (size_t i = 0; i < arguments.size(); i += 2) {
        const std::string& name = arguments[i];
        if (name != "--json" && name != "--report" && name != "--filter")
            throw UsageError("unknown option " + name);
        if (i + 1 == arguments.size()) throw UsageError(name + " needs a value");
        const std::string& value = arguments[i + 1];
        if (name == "--json") {
            options.json = value;
        } else if (name == "--report") {
            options.report = value;
        } else {
            try {
                options.filter = std::regex(value, std::regex::ECMAScript);
            } catch (const std::regex_error& e) {
                throw UsageError("--filter \"" + value + "\" is not a regular expression: " + e.what());
            }
        }
    }
    return options;
}

std::vector<Result> run(const Wanted& wanted) {
    const std::vector<Tier> tiers = available_tiers();
    std::vector<Result> all;
    const auto report = [&all](const std::vector<Result>& results) {
        if (all.empty() && !results.empty()) print_table_header(std::cout);
        for (const Result& result : results) print_table_row(std::cout, result);
        all.insert(all.end(), results.begin(), results.end());
    };
    // The scalar tier is slow, and the same for every class of tables: it has its rows on ResNet's shapes,
    // with one class.
    const std::vector<Tier> fast(tiers.begin() + (tiers.size() > 1), tiers.end());
    const Tier& best = tiers.back();
    const auto on_all_shapes = [&](const auto& bench, const std::vector<Tier>& resnet_tiers) {
        for (const ConvShape& shape : resnet_shapes) report(bench(shape, resnet_tiers, wanted));
        for (const ConvShape& shape : other_shapes) report(bench(shape, fast, wanted));
    };
    for (const TableClass table_class : table_classes)
        on_all_shapes([&](const auto&... arguments) { return bench_table(table_class, arguments...); },
                      table_class == TableClass::int16 ? tiers : fast);
    for (const TableClass table_class : structured_classes)
        on_all_shapes([&](const auto&... arguments) { return bench_structure(table_class, arguments...); },
                      fast);
    for (const ConvShape& shape : resnet_shapes) report(bench_wide(shape, fast, wanted));
    on_all_shapes(bench_quant, tiers);
    on_all_shapes(bench_binary, tiers);
    for (const ConvShape& shape : bitorch_shapes) report(bench_binary(shape, fast, wanted));
    on_all_shapes(bench_float, tiers);
    for (const ConvShape& shape : depthwise_shapes) report(bench_depthwise(shape, tiers, wanted));
    for (const ConvShape& shape : resnet_shapes) report(bench_gradients(shape, tiers, wanted));
    for (const ConvShape& shape : resnet_shapes) report(bench_threads(shape, best, wanted));
    for (const ConvShape& shape : {other_shapes[0], other_shapes[1]})
        report(bench_threads(shape, best, wanted));
    for (const ConvShape& shape : bitorch_shapes) report(bench_binary_threads(shape, best, wanted));
    report(bench_network(best, wanted));
    report(bench_growth(best, wanted));
    return all;
}

// A file that is opened before the run, which takes minutes, and written after it.
class ResultFile {
  public:
    explicit ResultFile(const std::string& path) : path_(path), file_(path) {
        if (!file_) throw UsageError("cannot write " + path);
    }
    template <typename Write>
    void write(const Write& write) {
        write(file_);
        file_.close();
        if (!file_) throw std::runtime_error("cannot write " + path_);
    }

  private:
    std::string path_;
    std::ofstream file_;
};

void bench(const Options& options) {
    std::optional<ResultFile> json, tables, roofline_picture, growth_picture, binary_picture;
    if (options.json) json.emplace(*options.json);
    if (options.report) {
        tables.emplace(*options.report + "/native.md");
        roofline_picture.emplace(*options.report + "/roofline.svg");
        growth_picture.emplace(*options.report + "/growth.svg");
        binary_picture.emplace(*options.report + "/binary.svg");
    }
    const std::vector<Result> results = run([&](const std::string& name, const std::string& shape) {
        return !options.filter || std::regex_search(name + " " + shape, *options.filter);
    });
    if (results.empty()) throw UsageError("--filter: no benchmark has such a name and shape");
    std::cout
        << "* the kernel that a plan picks; ~ measured on some of the output channels and scaled to all\n"
           "ratio: time of the baseline / time, in the same rounds; +gemm: a layer over its GEMM\n"
           "CPU time of the thread; with 2 threads, and growth/threads, time on the wall; cpu: CPU time of "
           "one\n"
           "thread / of both\n";
    if (json) json->write([&](std::ostream& out) { write_json(out, results); });
    if (tables) {
        tables->write([&](std::ostream& out) { write_markdown(out, results); });
        roofline_picture->write([&](std::ostream& out) { write_svg(out, roofline(results)); });
        growth_picture->write([&](std::ostream& out) { write_svg(out, growth(results)); });
        binary_picture->write([&](std::ostream& out) { write_svg(out, binary(results)); });
    }
}

}  // namespace
}  // namespace axnn::bench

int main(int count, char** arguments) {
    using namespace axnn::bench;
    const std::vector<std::string> words(arguments + 1, arguments + count);
    if (words == std::vector<std::string>{"--help"}) {
        std::cout << usage;
        return 0;
    }
    try {
        bench(parse(words));
        return 0;
    } catch (const UsageError& e) {
        std::cerr << "bench: " << e.what() << '\n' << usage;
        return exit_usage;
    } catch (const std::exception& e) {
        std::cerr << "bench: " << e.what() << '\n';
        return exit_failure;
    }
}
