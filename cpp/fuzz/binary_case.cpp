// Binary layers, from and to every kind of element.
#include <sstream>

#include "case.hpp"
#include "values.hpp"

namespace axnn::fuzz {
namespace {

class BinaryCase : public Case {
  public:
    BinaryCase(Input& input, const Shape& shape)
        : Case(shape),
          weights_(random_bytes(input, input.length(shape.weight_bytes()))),
          scales_(optional_channels(input, shape.channels())),
          bias_(optional_channels(input, shape.channels())),
          x_(whole_numbers(input, input.length(shape.inputs()), -1, 0)),
          x_bits_(random_bytes(input, input.length(shape.input_bytes()))) {
        add_special_values(input, bias_);
        add_special_values(input, x_);
        const Limits limits = Limits::decode(input);
        const auto padding = input.pick({AXNN_PAD_MINUS_ONE, AXNN_PAD_TRUE_ZERO, AXNN_PAD_PLUS_ONE});
        desc_ = input.descriptor(axnn_binary_desc{sizeof desc_, padding, limits.min, limits.max});
        codes_ = input.descriptor(axnn_quantization{sizeof codes_, 0.5f, 3, -128, 127});
    }

    axnn_status create(const axnn_context* context, axnn_plan** plan) const override {
        const auto create = [&](auto create_layer, const auto* shape) {
            return create_layer(context, shape, &desc_, weights_.data(), bytes_of(weights_),
                                pointer_to(scales_), bytes_of(scales_), pointer_to(bias_), bytes_of(bias_),
                                plan);
        };
        return shape().linear ? create(axnn_binary_linear_create, &shape().features)
                              : create(axnn_binary_conv2d_create, &shape().conv);
    }

    std::vector<Call> calls() const override {
        return {execute(x_),
                execute_sums(x_),
                from_bits<float>("bits to float32", AXNN_FLOAT32, shape().outputs()),
                from_bits<int32_t>("bits to int32", AXNN_INT32, shape().outputs()),
                from_bits<uint8_t>("bits to codes", AXNN_CODES, shape().outputs()),
                from_bits<uint8_t>("bits to bits", AXNN_BITS, shape().output_bytes()),
                call<uint8_t>("float32 to bits", shape().output_bytes(),
                              [&](const axnn_plan* plan, uint8_t* y, size_t bytes) {
                                  return axnn_binary_execute(plan, AXNN_FLOAT32, x_.data(), bytes_of(x_),
                                                             shape().n, shape().h, shape().w, AXNN_BITS,
                                                             nullptr, y, bytes);
                              }),
                call<uint8_t>("weights", shape().weight_bytes(),
                              [&](const axnn_plan* plan, uint8_t* weights, size_t bytes) {
                                  return axnn_binary_parameters(plan, weights, bytes, nullptr, 0, nullptr, 0);
                              })};
    }

    std::string text() const override {
        std::ostringstream text;
        text << "binary " << shape() << ";\n  padding " << desc_.padding_value << ", output "
             << desc_.output_min << ".." << desc_.output_max << ", struct size " << desc_.struct_size
             << "; codes: scale " << codes_.scale << ", zero point " << codes_.zero_point << ", "
             << codes_.code_min << ".." << codes_.code_max << ", struct size " << codes_.struct_size
             << ";\n  " << weights_.size() << " bytes of weights, " << scales_.size() << " scales, "
             << bias_.size() << " bias, " << x_.size() << " x, " << x_bits_.size() << " bytes of bits";
        return text.str();
    }

  private:
    template <typename T>
    Call from_bits(const char* name, axnn_element_type type, size_t count) const {
        return call<T>(name, count, [this, type](const axnn_plan* plan, T* y, size_t bytes) {
            return axnn_binary_execute(plan, AXNN_BITS, x_bits_.data(), bytes_of(x_bits_), shape().n,
                                       shape().h, shape().w, type, type == AXNN_CODES ? &codes_ : nullptr, y,
                                       bytes);
        });
    }

    std::vector<uint8_t> weights_;
    std::vector<float> scales_;
    std::vector<float> bias_;
    std::vector<float> x_;
    std::vector<uint8_t> x_bits_;
    axnn_binary_desc desc_;
    axnn_quantization codes_;
};

}  // namespace

std::unique_ptr<const Case> decode_binary_case(Input& input) {
    const Shape shape = Shape::decode(input);
    return std::make_unique<BinaryCase>(input, shape);
}

}  // namespace axnn::fuzz
