// Depthwise sums, one table load or multiplication per product; kernels.hpp has the formula.
//
// Operand layout: codes or floats in place in the patch. Overflow rule: int32 sums wrap modulo 2^32.
#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {
namespace {

int32_t add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
float add(float a, float b) { return a + b; }

// products_of(weight) gives product(value).
template <typename Element, typename Sum, typename ProductsOf>
void run(const DepthwisePass<Element, Sum>& pass, const ProductsOf& products_of) {
    Sum* sums = pass.sums;
    for (size_t b = 0; b < pass.images; b++)
        for (size_t i = 0; i < pass.rows; i++, sums += pass.cols)
            for (size_t r = 0; r < pass.rs; r++)
                for (size_t s = 0; s < pass.ss; s++) {
                    const auto product = products_of(pass.weights[r * pass.weight_stride + s]);
                    const size_t h = i * pass.stride_h + r * pass.dilation_h;
                    const Element* values =
                        pass.values + b * pass.image_step + h * pass.row_step + s * pass.dilation_w;
                    for (size_t j = 0; j < pass.cols; j++)
                        sums[j] = add(sums[j], product(values[j * pass.stride_w]));
                }
}

template <typename Entry>
void run_lut(const DepthwisePass<uint8_t, int32_t>& pass) {
    const auto* table = static_cast<const Entry*>(pass.table);
    run(pass, [table](uint8_t weight) {
        return [row = table + size_t{256} * weight](uint8_t value) -> int32_t { return row[value]; };
    });
}

// Weight and Value: what a byte means.
template <typename Weight, typename Value>
void run_codes(const DepthwisePass<uint8_t, int32_t>& pass) {
    run(pass, [](uint8_t weight) {
        return [w = (int32_t)(Weight)weight](uint8_t value) { return w * (Value)value; };
    });
}

void run_int8(const DepthwisePass<uint8_t, int32_t>& pass) {
    if (pass.signed_weights)
        pass.signed_values ? run_codes<int8_t, int8_t>(pass) : run_codes<int8_t, uint8_t>(pass);
    else pass.signed_values ? run_codes<uint8_t, int8_t>(pass) : run_codes<uint8_t, uint8_t>(pass);
}

void run_float(const DepthwisePass<float, float>& pass) {
    run(pass, [](float weight) { return [weight](float value) { return weight * value; }; });
}

}  // namespace

const IntegerDepthwise lut_depthwise_int16 = {"scalar_depthwise", 0, run_lut<int16_t>};
const IntegerDepthwise lut_depthwise_int32 = {"scalar_depthwise", 0, run_lut<int32_t>};
const IntegerDepthwise int8_depthwise = {"scalar_int8_depthwise", 0, run_int8};
const IntegerDepthwise sign_depthwise = {"scalar_sign_depthwise", 0, run_codes<int8_t, int8_t>};
const FloatDepthwise float_depthwise = {"scalar_float_depthwise", 0, run_float};

}  // namespace axnn::scalar
