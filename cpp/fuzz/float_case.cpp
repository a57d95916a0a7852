// Float layers. Their tiers differ by a fused rounding, so the numbers are whole and small: all sums are
// exact, and the tiers equal.
#include <sstream>

#include "case.hpp"
#include "values.hpp"

namespace axnn::fuzz {
namespace {

class FloatCase : public Case {
  public:
    FloatCase(Input& input, const Shape& shape)
        : Case(shape),
          weights_(whole_numbers(input, input.length(shape.weights()), -9, 9)),
          bias_(optional_channels(input, shape.channels())),
          x_(whole_numbers(input, input.length(shape.inputs()), -9, 9)),
          grad_out_(whole_numbers(input, input.length(shape.outputs()), -9, 9)) {
        add_special_values(input, x_, exact_special_values);
        add_special_values(input, grad_out_, exact_special_values);
    }

    axnn_status create(const axnn_context* context, axnn_plan** plan) const override {
        if (shape().linear)
            return axnn_float_linear_create(context, &shape().features, weights_.data(), bytes_of(weights_),
                                            pointer_to(bias_), bytes_of(bias_), plan);
        return axnn_float_conv2d_create(context, &shape().conv, weights_.data(), bytes_of(weights_),
                                        pointer_to(bias_), bytes_of(bias_), plan);
    }

    std::vector<Call> calls() const override {
        const auto gradient = [&](const char* name, size_t count, auto backward) {
            return call<float>(name, count, [this, backward](const axnn_plan* plan, float* g, size_t bytes) {
                const Shape& s = shape();
                const auto run = [&](float* x, size_t x_bytes, float* weights, size_t weights_bytes,
                                     float* bias, size_t bias_bytes) {
                    return axnn_plan_backward(plan, 0, x_.data(), bytes_of(x_), s.n, s.h, s.w,
                                              grad_out_.data(), bytes_of(grad_out_), x, x_bytes, weights,
                                              weights_bytes, bias, bias_bytes);
                };
                return backward(run, g, bytes);
            });
        };
        return {execute(x_),
                gradient("backward, grad_x", shape().inputs(),
                         [](auto run, float* g, size_t bytes) { return run(g, bytes, 0, 0, 0, 0); }),
                gradient("backward, grad_weights", shape().weights(),
                         [](auto run, float* g, size_t bytes) { return run(0, 0, g, bytes, 0, 0); }),
                gradient("backward, grad_bias", shape().channels(),
                         [](auto run, float* g, size_t bytes) { return run(0, 0, 0, 0, g, bytes); })};
    }

    std::string text() const override {
        std::ostringstream text;
        text << "float " << shape() << "; " << weights_.size() << " weights, " << bias_.size() << " bias, "
             << x_.size() << " x";
        return text.str();
    }

    bool same_bits() const override { return false; }

  private:
    std::vector<float> weights_;
    std::vector<float> bias_;
    std::vector<float> x_;
    std::vector<float> grad_out_;
};

}  // namespace

std::unique_ptr<const Case> decode_float_case(Input& input) {
    const Shape shape = Shape::decode(input);
    return std::make_unique<FloatCase>(input, shape);
}

}  // namespace axnn::fuzz
