// The sums of a quantised layer through the structure of its products: integer GEMMs of features.
#pragma once

#include <stdint.h>

#include <deque>
#include <map>
#include <memory>
#include <type_traits>
#include <vector>

#include "layers/feature_products.hpp"
#include "layers/panel_output.hpp"
#include "layers/panel_run.hpp"
#include "layers/quantized_layer.hpp"
#include "multiplier/product_structure.hpp"
#include "runtime/aligned_buffer.hpp"
#include "runtime/context.hpp"
#include "runtime/lazy.hpp"

namespace axnn {

// For output channel o with weight codes w, K taps, and the structure of the product P(w, x), which is what
// FeatureProducts makes of it:
//   acc = sum_k P(w_k, x_k) = sum_k f(w_k) + sum_k g(x_k) + sum over t of c_t * sum_k u_t(w_k) v_t(x_k)
// The last sum is a GEMM of u with the planes of v, in which the terms of one c lie side by side in K. The
// first is a constant of the channel, the second a sum over the window of each column. So are the
// zero-point corrections of ApproxOperands: A and C, and B.
//
// Code is the type of the input's codes: uint8_t with the int8 kernels, or uint16_t with those of words.
template <typename Code>
class StructuredSums {
  public:
    // wide: sums need 64 bits. All but the last outlive this. Weights are packed when they are first needed.
    StructuredSums(const Context& context, const ConvGeometry& geometry, const ApproxDefinition& definition,
                   const LayerStructure& structure, bool wide);

    void execute(const float* x, int32_t n, ImageSize image, const std::vector<float>& scales,
                 const Epilogue& epilogue, float* y) const;
    void execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const;

    const char* kernel_name() const { return kernel_.name; }
    // Integer products for each product of the layer.
    size_t passes() const { return products_.terms.size(); }
    JobGrid grid(int32_t n, ImageSize image) const;
    // What a run takes on the busiest thread, packing included.
    double cycles(int32_t n, ImageSize image) const;

  private:
    static constexpr bool words = std::is_same_v<Code, uint16_t>;
    using Element = std::conditional_t<words, int16_t, uint8_t>;
    using Weights = PanelWeights<Element, int32_t>;
    using Kernel = PanelGemm<Element, int32_t>;
    using Operands = PanelOperands<Element, int32_t>;
    template <typename Total>
    using Run = PanelRun<Element, int32_t, Total, Code>;

    // Terms of one coefficient.
    using Terms = std::vector<const FeatureProducts::Term*>;

    // What a run reads.
    struct Form {
        std::deque<AlignedBuffer<Element>> planes;  // v by code
        std::deque<AlignedBuffer<Element>> rows;    // u of all weights, of a pass
        std::deque<Weights> packed;
        SumParts raw;        // of the sums before correction
        SumParts corrected;  // of those to be dequantised
        Operands raw_operands;
        Operands corrected_operands;
    };

    static FeatureLimits limits();
    const Form& form() const;
    void make_passes(Form& form) const;
    PanelPass<Element, int32_t> pass(Form& form, int64_t coefficient, const Terms& terms) const;
    void make_constants(Form& form) const;
    void make_columns(Form& form) const;
    // P of the corrections.
    int64_t correction(int32_t w, int32_t x) const;
    const Element* plane_of(Form& form, const std::vector<int32_t>& v) const;
    template <typename Total, typename Finish>
    void run(const Operands& operands, const float* x, int32_t n, ImageSize image,
             const Finish& finish) const;

    const Context& context_;
    const ConvGeometry& geometry_;
    const ApproxDefinition& definition_;
    const LayerStructure structure_;
    const FeatureProducts products_;
    const bool wide_;
    std::map<int64_t, Terms> passes_;  // by coefficient; at least one, which may have no terms
    Kernel kernel_;
    size_t max_taps_;  // of a window whose sums fit int32
    Lazy<Form> form_;
};

}  // namespace axnn
