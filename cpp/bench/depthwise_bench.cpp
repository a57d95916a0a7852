// Depthwise convolutions of tables, exact codes and floats, beside the scalar tier's.
#include <random>
#include <string>

#include "layer.hpp"
#include "suites.hpp"
#include "table_work.hpp"
#include "workload.hpp"

namespace axnn::bench {
namespace {

// One convolution of codes, a plane and a kernel for each channel, as whole numbers whose sums are exact.
struct DepthwiseWork {
    DepthwiseWork(TableClass table_class, const ConvShape& conv) : shape(conv.gemm()) {
        std::mt19937 random = random_source();
        products = random_table(table_class, random);
        std::uniform_int_distribution<int> code(-128, 127);
        image = random_values<float>(conv.input_size(), [&] { return code(random); });
        weights = random_values<float>(shape.m * shape.k, [&] { return code(random); });
        const std::vector<uint8_t> codes = TableWork::codes(weights);
        const std::vector<uint8_t> columns = im2col(conv, TableWork::codes(image), uint8_t{0});
        std::vector<int32_t> sums(shape.n);
        for (size_t m = 0; m < shape.m; m++) {
            b0_triple_loop(products.data(), codes.data() + m * shape.k,
                           columns.data() + m * shape.k * shape.n, shape.n, {1, shape.k, shape.n},
                           sums.data());
            expected.insert(expected.end(), sums.begin(), sums.end());
        }
    }

    GemmShape shape;
    std::vector<int32_t> products;
    std::vector<float> image;
    std::vector<float> weights;
    std::vector<float> expected;  // [channels][pixels]
};

struct LayerRun {
    LayerRun(const DepthwiseWork& depthwise_work, Layer depthwise_layer)
        : work(depthwise_work), layer(std::move(depthwise_layer)), y(work.expected.size()) {}
    void run() { layer.execute(work.image, y); }
    bool correct() const { return y == work.expected; }

    const DepthwiseWork& work;
    Layer layer;
    std::vector<float> y;
};

// kernel_of(Kernels), make_layer(tier, work).
template <typename KernelOf, typename MakeLayer>
void add_rows(const std::string& class_name, TableClass table_class, const ConvShape& conv,
              const std::vector<Tier>& tiers, const Wanted& wanted, const KernelOf& kernel_of,
              const MakeLayer& make_layer, std::vector<Result>& results) {
    const std::string name = "depthwise_conv2d/" + class_name;
    if (!wanted(name, conv.text())) return;
    const DepthwiseWork work(table_class, conv);
    Group group(kernel_of(tiers.front().kernels).name, work.shape.products(), wanted);
    for (const Tier& tier : tiers) {
        const bool chosen = tier.id == tiers.back().id;
        group.add<LayerRun>({name, kernel_of(tier.kernels).name, tier.name, conv.text(), chosen}, work,
                            make_layer(tier.id, work));
    }
    const std::vector<Result> measured = group.measure();
    results.insert(results.end(), measured.begin(), measured.end());
}

}  // namespace

std::vector<Result> bench_depthwise(const ConvShape& conv, const std::vector<Tier>& tiers,
                                    const Wanted& wanted) {
    std::vector<Result> results;
    const auto add = [&](const char* class_name, TableClass table_class, const auto& kernel_of,
                         const auto& make_layer) {
        add_rows(class_name, table_class, conv, tiers, wanted, kernel_of, make_layer, results);
    };
    const auto approximate = [&](axnn_tier tier, const DepthwiseWork& work) {
        return Layer::approximate(tier, conv, work.weights, work.products);
    };
    const auto quantized = [&](axnn_tier tier, const DepthwiseWork& work) {
        return Layer::quantized(tier, conv, work.weights);
    };
    const auto floating = [&](axnn_tier tier, const DepthwiseWork& work) {
        return Layer::floating(tier, conv, work.weights);
    };
    add("int16", TableClass::int16, [](const Kernels& k) { return k.lut_depthwise_int16; }, approximate);
    add("int32", TableClass::int32, [](const Kernels& k) { return k.lut_depthwise_int32; }, approximate);
    add("exact", TableClass::exact, [](const Kernels& k) { return k.int8_depthwise; }, quantized);
    add("float", TableClass::exact, [](const Kernels& k) { return k.float_depthwise; }, floating);
    return results;
}

}  // namespace axnn::bench
