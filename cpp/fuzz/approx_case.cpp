// Layers of integer codes, whose products come from a multiplier's table or are exact.
#include <cmath>
#include <sstream>

#include "case.hpp"
#include "product_table.hpp"
#include "values.hpp"

namespace axnn::fuzz {
namespace {

// An interval of codes that the operand has: two at least.
Range decode_codes(Input& input, Operand operand) {
    const Range all = operand.codes();
    switch (operand.bits == 1 ? 0 : input.integer(0, 3)) {
        case 0:
            return all;
        case 1:  // symmetric
            return {operand.is_signed ? -all.max : 0, all.max};
        case 2:  // as after a ReLU
            return {0, all.max};
        default: {
            const int32_t min = input.integer(all.min, all.max - 1);
            return {min, input.integer(min + 1, all.max)};
        }
    }
}

int32_t decode_zero_point(Input& input, Range codes) {
    const int32_t any = input.integer(codes.min, codes.max);
    return input.pick({std::clamp(0, codes.min, codes.max), codes.min, codes.max, any});
}

float decode_scale(Input& input) { return std::ldexp(input.pick({1.0f, 1.1f, 1.7f}), -input.integer(0, 12)); }

// Adds to a code what quantisation rounds away, ties among it.
float unrounded(int32_t code, Random& random) {
    return static_cast<float>(code) + static_cast<float>(random.integer(-4, 4)) / 8;
}

class ApproxCase : public Case {
  public:
    ApproxCase(Input& input, const Shape& shape) : Case(shape), table_(ProductTable::decode(input)) {
        const bool weight_first = !input.chance(2);
        const bool exact = input.chance(4);
        // Exact products may be of more bits than a table's.
        const bool wide = exact && input.chance(2);
        const auto operand = [&](const Operand& of_table) {
            return wide ? Operand{input.integer(7, 16), !input.chance(3)} : of_table;
        };
        const Range w = decode_codes(input, operand(weight_first ? table_.row : table_.column));
        const Range x = decode_codes(input, operand(weight_first ? table_.column : table_.row));
        desc_ = {};
        desc_.struct_size = sizeof desc_;
        desc_.input_scale = decode_scale(input);
        desc_.input_zero_point = decode_zero_point(input, x);
        desc_.input_code_min = x.min;
        desc_.input_code_max = x.max;
        desc_.weight_code_min = w.min;
        desc_.weight_code_max = w.max;
        desc_.operand_order = weight_first ? AXNN_WEIGHT_FIRST : AXNN_ACTIVATION_FIRST;
        desc_.padding_code = input.pick({AXNN_PAD_ZERO_POINT, AXNN_PAD_ZERO});
        desc_.zero_point_correction = input.pick({AXNN_CORRECTION_EXACT, AXNN_CORRECTION_TABLE});
        desc_.products = exact ? AXNN_PRODUCTS_EXACT : AXNN_PRODUCTS_TABLE;
        desc_.structure_use = input.pick({AXNN_STRUCTURE_AUTO, AXNN_STRUCTURE_NEVER, AXNN_STRUCTURE_ALWAYS});
        const Limits limits = Limits::decode(input);
        desc_.output_min = limits.min;
        desc_.output_max = limits.max;
        decode_weights(input, w);
        decode_input(input, x);
        bias_ = optional_channels(input, shape.channels());
        add_special_values(input, bias_);
        noise_ = input.descriptor(
            axnn_noise_desc{sizeof noise_, 0.25f, 0.5f, static_cast<uint32_t>(input.integer(0, 255)), 7});
        desc_ = input.descriptor(desc_);
        has_multiplier_ = desc_.products == AXNN_PRODUCTS_TABLE || input.chance(2);
    }

    axnn_status create(const axnn_context* context, axnn_plan** plan) const override {
        axnn_multiplier* multiplier = nullptr;
        if (has_multiplier_) {
            // Where that fails, the multiplier is NULL below.
            axnn_multiplier_create(&table_.desc, table_.products.data(), bytes_of(table_.products),
                                   &multiplier);
        }
        // Whether there is a structure is the search's business; none is refused where it must be used.
        axnn_approx_desc desc = desc_;
        int32_t terms = 0;
        if (multiplier && axnn_multiplier_terms(multiplier, &terms) == AXNN_OK && terms < 0 &&
            desc.structure_use == AXNN_STRUCTURE_ALWAYS)
            desc.structure_use = AXNN_STRUCTURE_AUTO;
        const auto create = [&](auto create_layer, const auto* shape) {
            return create_layer(context, shape, &desc, multiplier, weights_.data(), bytes_of(weights_),
                                scales_.data(), bytes_of(scales_), zero_points_.data(),
                                bytes_of(zero_points_), pointer_to(bias_), bytes_of(bias_), plan);
        };
        const axnn_status status = shape().linear ? create(axnn_approx_linear_create, &shape().features)
                                                  : create(axnn_approx_conv2d_create, &shape().conv);
        axnn_multiplier_destroy(multiplier);
        return status;
    }

    std::vector<Call> calls() const override {
        const Shape& s = shape();
        std::vector<Call> calls = {
            execute(x_), execute_sums(x_),
            call<float>("execute_noise", s.outputs(),
                        [&](const axnn_plan* plan, float* y, size_t bytes) {
                            return axnn_plan_execute_noise(plan, &noise_, x_.data(), bytes_of(x_), s.n, s.h,
                                                           s.w, y, bytes);
                        }),
            codes("weight_codes", desc_.weight_code_min, desc_.weight_code_max, s.weights(),
                  [&](const axnn_plan* plan, void* codes, size_t bytes) {
                      return axnn_plan_weight_codes(plan, codes, bytes);
                  }),
            codes("unfold", desc_.input_code_min, desc_.input_code_max, s.unfolded(),
                  [&](const axnn_plan* plan, void* codes, size_t bytes) {
                      return axnn_plan_unfold(plan, x_.data(), bytes_of(x_), s.n, s.h, s.w, codes, bytes);
                  })};
        if (is_bytes(desc_.input_code_min, desc_.input_code_max))
            calls.push_back(call<int64_t>("unfold_histogram", s.runnable() ? 256 : 0,
                                          [&](const axnn_plan* plan, int64_t* counts, size_t bytes) {
                                              return axnn_plan_unfold_histogram(plan, x_.data(), bytes_of(x_),
                                                                                s.n, s.h, s.w, counts, bytes);
                                          }));
        return calls;
    }

    std::string text() const override {
        std::ostringstream text;
        text << "approximate " << shape() << ";\n  " << table_ << (has_multiplier_ ? "" : ", left out")
             << ";\n  input scale " << desc_.input_scale << ", zero point " << desc_.input_zero_point
             << ", codes " << desc_.input_code_min << ".." << desc_.input_code_max << ", weight codes "
             << desc_.weight_code_min << ".." << desc_.weight_code_max << ", order " << desc_.operand_order
             << ", padding " << desc_.padding_code << ", correction " << desc_.zero_point_correction
             << ", products " << desc_.products << ", structure " << desc_.structure_use << ", output "
             << desc_.output_min << ".." << desc_.output_max << ", struct size " << desc_.struct_size
             << ";\n  " << weights_.size() << " weights, " << scales_.size() << " scales, "
             << zero_points_.size() << " zero points (first " << (zero_points_.empty() ? 0 : zero_points_[0])
             << "), " << bias_.size() << " bias, " << x_.size() << " x";
        return text.str();
    }

  private:
    static bool is_bytes(int32_t min, int32_t max) { return min >= -128 && max <= (min < 0 ? 127 : 255); }

    // Bytes or int32, as their range asks for.
    template <typename Body>
    static Call codes(const char* name, int32_t min, int32_t max, size_t count, const Body& body) {
        if (is_bytes(min, max)) return call<uint8_t>(name, count, body);
        return call<int32_t>(name, count, body);
    }

    void decode_weights(Input& input, Range codes) {
        const size_t channels = shape().channels();
        const float scale = decode_scale(input);
        scales_.assign(input.chance(2) ? input.length(channels) : 1, scale);
        for (size_t o = 0; o < scales_.size(); o += 3) scales_[o] *= 1.5f;
        zero_points_.assign(1, decode_zero_point(input, codes));
        if (input.chance(3)) {
            Integers any = Integers::decode(input);
            zero_points_.resize(input.length(channels));
            for (int32_t& z : zero_points_) z = any(codes.min, codes.max);
        }
        Integers code = Integers::decode(input);
        weights_.resize(input.length(shape().weights()));
        const auto of = [](const auto& values, size_t o) {
            return values.empty() ? 0 : values[values.size() == 1 ? 0 : std::min(o, values.size() - 1)];
        };
        const size_t taps = shape().taps();
        for (size_t i = 0; i < weights_.size(); i++) {
            const size_t o = i / taps;
            weights_[i] = unrounded(code(codes.min - 1, codes.max + 1) - of(zero_points_, o), code.random()) *
                          of(scales_, o);
        }
        add_special_values(input, weights_);
    }

    void decode_input(Input& input, Range codes) {
        Integers code = Integers::decode(input);
        x_.resize(input.length(shape().inputs()));
        for (float& x : x_)
            x = unrounded(code(codes.min - 1, codes.max + 1) - desc_.input_zero_point, code.random()) *
                desc_.input_scale;
        add_special_values(input, x_);
    }

    ProductTable table_;
    bool has_multiplier_;
    axnn_approx_desc desc_;
    axnn_noise_desc noise_;
    std::vector<float> weights_;
    std::vector<float> scales_;
    std::vector<int32_t> zero_points_;
    std::vector<float> bias_;
    std::vector<float> x_;
};

}  // namespace

std::unique_ptr<const Case> decode_approx_case(Input& input) {
    const Shape shape = Shape::decode(input);
    return std::make_unique<ApproxCase>(input, shape);
}

}  // namespace axnn::fuzz
