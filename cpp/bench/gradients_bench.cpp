// Gradients of an exact float32 convolution, of input and weights: twice the products of the forward pass.
#include <math.h>

#include <algorithm>

#include "layer.hpp"
#include "suites.hpp"
#include "workload.hpp"

namespace axnn::bench {
namespace {

struct GradientWork {
    explicit GradientWork(const ConvShape& conv) : shape(conv.gemm()) {
        std::mt19937 random = random_source();
        std::uniform_real_distribution<float> value(-1, 1);
        const auto draw = [&] { return value(random); };
        image = random_values<float>(conv.input_size(), draw);
        weights = random_values<float>(shape.m * shape.k, draw);
        grad_y = random_values<float>(shape.m * shape.n, draw);
    }

    GemmShape shape;
    std::vector<float> image;
    std::vector<float> weights;
    std::vector<float> grad_y;
};

struct GradientRun {
    GradientRun(const GradientWork& gradient_work, Layer float_layer)
        : work(gradient_work),
          layer(std::move(float_layer)),
          grad_x(work.image.size()),
          grad_weights(work.weights.size()) {}
    void run() { layer.backward(work.image, work.grad_y, grad_x, grad_weights); }
    // The layer is linear in x and in its weights, so both gradients give the sum of grad_y * y.
    bool correct() const {
        double from_x = 0, from_weights = 0, magnitude = 0;
        for (size_t i = 0; i < grad_x.size(); i++) from_x += (double)grad_x[i] * work.image[i];
        for (size_t i = 0; i < grad_weights.size(); i++) {
            from_weights += (double)grad_weights[i] * work.weights[i];
            magnitude += fabs((double)grad_weights[i] * work.weights[i]);
        }
        return magnitude > 0 && fabs(from_x - from_weights) <= 1e-5 * magnitude;
    }

    const GradientWork& work;
    Layer layer;
    std::vector<float> grad_x;
    std::vector<float> grad_weights;
};

}  // namespace

std::vector<Result> bench_gradients(const ConvShape& conv, const std::vector<Tier>& tiers,
                                    const Wanted& wanted) {
    if (!wanted("float_conv2d_backward", conv.text())) return {};
    const GradientWork work(conv);
    Group group("", 2 * work.shape.products(), wanted);
    for (const Tier& tier : tiers) {
        const bool chosen = tier.id == tiers.back().id;
        group.add<GradientRun>(
            {"float_conv2d_backward", "eigen_" + tier.name, tier.name, conv.text(), chosen}, work,
            Layer::floating(tier.id, conv, work.weights));
    }
    return group.measure();
}

}  // namespace axnn::bench
