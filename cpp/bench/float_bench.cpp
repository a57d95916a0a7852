// Exact float32 convolution: what an approximate or binary layer replaces.
#include <math.h>

#include <algorithm>

#include "layer.hpp"
#include "suites.hpp"
#include "workload.hpp"

namespace axnn::bench {
namespace {

// One exact convolution and its results in double precision.
struct FloatWork {
    explicit FloatWork(const ConvShape& conv) : shape(conv.gemm()) {
        std::mt19937 random = random_source();
        std::uniform_real_distribution<float> value(-1, 1);
        image = random_values<float>(conv.in_channels * conv.edge * conv.edge, [&] { return value(random); });
        weights = random_values<float>(shape.m * shape.k, [&] { return value(random); });
        const std::vector<float> columns = im2col(conv, image, 0.0f);
        expected.resize(shape.m * shape.n);
        for (size_t m = 0; m < shape.m; m++)
            for (size_t k = 0; k < shape.k; k++)
                for (size_t n = 0; n < shape.n; n++)
                    expected[m * shape.n + n] += (double)weights[m * shape.k + k] * columns[k * shape.n + n];
    }

    GemmShape shape;
    std::vector<float> image;
    std::vector<float> weights;
    std::vector<double> expected;  // [M][N]
};

struct LayerRun {
    LayerRun(const FloatWork& float_work, Layer float_layer)
        : work(float_work), layer(std::move(float_layer)), y(work.expected.size()) {}
    void run() { layer.execute(work.image, y); }
    bool correct() const {
        double largest = 0, error = 0;
        for (size_t i = 0; i < y.size(); i++) {
            largest = std::max(largest, fabs(work.expected[i]));
            error = std::max(error, fabs(work.expected[i] - y[i]));
        }
        return error <= 1e-5 * largest;
    }

    const FloatWork& work;
    Layer layer;
    std::vector<float> y;
};

}  // namespace

std::vector<Result> bench_float(const ConvShape& conv, const std::vector<Tier>& tiers, const Wanted& wanted) {
    if (!wanted("float_conv2d", conv.text())) return {};
    const FloatWork work(conv);
    Group group("", work.shape.products(), wanted);
    for (const Tier& tier : tiers) {
        const bool chosen = tier.id == tiers.back().id;
        group.add<LayerRun>({"float_conv2d", tier.kernels.float_panel.name, tier.name, conv.text(), chosen},
                            work, Layer::floating(tier.id, conv, work.weights));
    }
    return group.measure();
}

}  // namespace axnn::bench
