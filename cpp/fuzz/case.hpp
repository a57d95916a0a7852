// A case: a layer with all its numbers, and the calls that tiers are compared by.
#pragma once

#include <axnn/axnn.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "input.hpp"
#include "shape.hpp"

namespace axnn::fuzz {

// A call on a plan, with one output of so many elements.
struct Call {
    // What the elements are.
    using Output =
        std::variant<std::vector<float>, std::vector<int64_t>, std::vector<int32_t>, std::vector<uint8_t>>;

    const char* name;
    Output output;
    std::function<axnn_status(const axnn_plan* plan, Output& output)> run;
};

// run(plan, output, output_bytes).
template <typename T, typename Run>
Call call(const char* name, size_t count, Run run) {
    return {name, std::vector<T>(count), [run](const axnn_plan* plan, Call::Output& output) {
                auto& elements = std::get<std::vector<T>>(output);
                return run(plan, elements.data(), elements.size() * sizeof(T));
            }};
}

// Bytes of an array that goes to the ABI, and its pointer, NULL where it is empty.
template <typename T>
size_t bytes_of(const std::vector<T>& values) {
    return values.size() * sizeof(T);
}
template <typename T>
const T* pointer_to(const std::vector<T>& values) {
    return values.empty() ? nullptr : values.data();
}

class Case {
  public:
    explicit Case(const Shape& shape) : shape_(shape) {}
    virtual ~Case() = default;

    virtual axnn_status create(const axnn_context* context, axnn_plan** plan) const = 0;
    virtual std::vector<Call> calls() const = 0;
    virtual std::string text() const = 0;
    // Tiers give the same bits; else floats that are equal by ==, or all NaN.
    virtual bool same_bits() const { return true; }

    const Shape& shape() const { return shape_; }

  protected:
    Call execute(const std::vector<float>& x) const {
        return call<float>("execute", shape_.outputs(), [&](const axnn_plan* plan, float* y, size_t bytes) {
            return axnn_plan_execute(plan, x.data(), bytes_of(x), shape_.n, shape_.h, shape_.w, y, bytes);
        });
    }
    Call execute_sums(const std::vector<float>& x) const {
        return call<int64_t>("execute_sums", shape_.outputs(),
                             [&](const axnn_plan* plan, int64_t* sums, size_t bytes) {
                                 return axnn_plan_execute_sums(plan, x.data(), bytes_of(x), shape_.n,
                                                               shape_.h, shape_.w, sums, bytes);
                             });
    }

  private:
    Shape shape_;
};

std::unique_ptr<const Case> decode_float_case(Input& input);
std::unique_ptr<const Case> decode_approx_case(Input& input);
std::unique_ptr<const Case> decode_binary_case(Input& input);

}  // namespace axnn::fuzz
