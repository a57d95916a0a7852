#include "layers/structured_sums.hpp"

#include <stdlib.h>

#include <algorithm>
#include <utility>

namespace axnn {
namespace {

constexpr size_t code_count(uint8_t) { return size_t{1} << 8; }
constexpr size_t code_count(uint16_t) { return size_t{1} << 16; }

const Int8PanelGemm& kernel_for(const Kernels& kernels, uint8_t, int32_t largest_value) {
    return largest_value <= INT8_MAX ? kernels.int8_panel_7bit : kernels.int8_panel;
}
const Int16PanelGemm& kernel_for(const Kernels& kernels, int16_t, int32_t) { return kernels.int16_panel; }

int64_t magnitude(const std::vector<int32_t>& values) {
    int64_t largest = 0;
    for (const int32_t value : values) largest = std::max(largest, std::abs((int64_t)value));
    return largest;
}

bool any(const std::vector<int64_t>& values) {
    return std::any_of(values.begin(), values.end(), [](int64_t v) { return v != 0; });
}

}  // namespace

template <typename Code>
FeatureLimits StructuredSums<Code>::limits() {
    // Words: windows of hundreds of taps, 2^31 / 2^22, before sums must move to 64 bits.
    if constexpr (words) return {INT16_MIN, INT16_MAX, INT16_MIN, INT16_MAX, int64_t{1} << 22, 8, false};
    else return {INT8_MIN, INT8_MAX, 0, UINT8_MAX, INT64_MAX, 7, true};
}

template <typename Code>
StructuredSums<Code>::StructuredSums(const Context& context, const ConvGeometry& geometry,
                                     const ApproxDefinition& definition, const LayerStructure& structure,
                                     bool wide)
    : context_(context),
      geometry_(geometry),
      definition_(definition),
      structure_(structure),
      products_(structure, limits()),
      wide_(wide) {
    int32_t largest_value = 0;
    for (const FeatureProducts::Term& term : products_.terms) {
        passes_[term.coefficient].push_back(&term);
        largest_value = std::max(largest_value, *std::max_element(term.v.begin(), term.v.end()));
    }
    if (products_.terms.empty()) passes_[1];
    kernel_ = kernel_for(context_.kernels(), Element{}, largest_value);
    int64_t largest_bound = 1;
    for (const auto& [coefficient, terms] : passes_) {
        int64_t bound = 0;
        for (const FeatureProducts::Term* term : terms) bound += magnitude(term->u) * magnitude(term->v);
        largest_bound = std::max(largest_bound, bound);
    }
    max_taps_ = (size_t)std::max<int64_t>(INT32_MAX / largest_bound, 1);
}

template <typename Code>
auto StructuredSums<Code>::form() const -> const Form& {
    return form_.get([&](Form& form) {
        make_passes(form);
        make_constants(form);
        make_columns(form);
        form.raw_operands.column_functions = form.raw.functions();
        form.corrected_operands.column_functions = form.corrected.functions();
    });
}

template <typename Code>
void StructuredSums<Code>::make_passes(Form& form) const {
    Operands operands;
    for (const auto& [coefficient, terms] : passes_)
        operands.passes.push_back(pass(form, coefficient, terms));
    operands.max_taps = max_taps_;
    form.raw_operands = form.corrected_operands = operands;
}

// Without terms a pass of zeros is left, since a run needs one.
template <typename Code>
auto StructuredSums<Code>::pass(Form& form, int64_t coefficient, const Terms& terms) const
    -> PanelPass<Element, int32_t> {
    const size_t taps = geometry_.taps(), channels = (size_t)geometry_.out_channels;
    const size_t features = std::max<size_t>(terms.size(), 1);
    AlignedBuffer<Element> rows(channels * taps * features);
    context_.run_without_workspace(channels, [&](size_t o) {
        Element* to = rows.data() + o * taps * features;
        if (terms.empty()) std::fill_n(to, taps, Element{0});
        for (size_t k = 0; k < taps; k++) {
            const auto code = (size_t)(definition_.weights->code(o, k) - structure_.weight.min);
            for (const FeatureProducts::Term* term : terms) *to++ = (Element)term->u[code];
        }
    });
    form.rows.push_back(std::move(rows));
    form.packed.emplace_back(context_, kernel_, form.rows.back().data(), (size_t)geometry_.groups,
                             geometry_.group_outputs(), taps * features);
    PanelPass<Element, int32_t> pass = {&form.packed.back(), {}, coefficient};
    for (const FeatureProducts::Term* term : terms) pass.features.push_back(plane_of(form, term->v));
    if (terms.empty()) pass.features.push_back(plane_of(form, {}));
    return pass;
}

// Values by code; equal planes are kept once.
template <typename Code>
auto StructuredSums<Code>::plane_of(Form& form, const std::vector<int32_t>& v) const -> const Element* {
    AlignedBuffer<Element> plane(code_count(Code{}));
    std::fill_n(plane.data(), plane.size(), Element{0});
    for (size_t i = 0; i < v.size(); i++)
        plane[(Code)(structure_.activation.min + (int32_t)i)] = (Element)v[i];
    for (const AlignedBuffer<Element>& known : form.planes)
        if (std::equal(known.data(), known.data() + known.size(), plane.data())) return known.data();
    form.planes.push_back(std::move(plane));
    return form.planes.back().data();
}

template <typename Code>
int64_t StructuredSums<Code>::correction(int32_t w, int32_t x) const {
    return definition_.parameters.correction == AXNN_CORRECTION_EXACT ? (int64_t)w * x
                                                                      : structure_.product(w, x);
}

template <typename Code>
void StructuredSums<Code>::make_constants(Form& form) const {
    const QuantizedWeights& weights = *definition_.weights;
    const int32_t zx = definition_.parameters.input.zero_point;
    const auto channels = (size_t)geometry_.out_channels;
    std::vector<int64_t> a(structure_.weight.count());
    for (size_t i = 0; i < a.size(); i++) a[i] = correction(structure_.weight.min + (int32_t)i, zx);
    std::vector<int64_t> raw(channels), corrected(channels);
    context_.run_without_workspace(channels, [&](size_t o) {
        raw[o] = 0;
        corrected[o] = (int64_t)geometry_.taps() * correction(weights.zero_point(o), zx);
        for (size_t k = 0; k < geometry_.taps(); k++) {
            const auto code = (size_t)(weights.code(o, k) - structure_.weight.min);
            raw[o] += products_.weight_part[code];
            corrected[o] -= a[code];
        }
    });
    for (size_t o = 0; o < channels; o++) {
        form.raw.add_constant(raw[o]);
        form.corrected.add_constant(raw[o] + corrected[o]);
    }
}

// The sums of g, and less them of B.
template <typename Code>
void StructuredSums<Code>::make_columns(Form& form) const {
    const QuantizedWeights& weights = *definition_.weights;
    const auto channels = (size_t)geometry_.out_channels;
    const auto add = [&](SumParts& parts, const auto& f, const std::vector<int64_t>& factors) {
        std::vector<int64_t> function(code_count(Code{}));
        for (int32_t code = structure_.activation.min; code <= structure_.activation.max; code++)
            function[(Code)code] = f(code);
        if (any(function) && any(factors)) parts.columns.push_back({std::move(function), factors});
    };
    const auto g = [&](int32_t code) {
        return products_.activation_part[(size_t)(code - structure_.activation.min)];
    };
    const std::vector<int64_t> all(channels, 1);
    add(form.raw, g, all);
    if (definition_.parameters.correction == AXNN_CORRECTION_EXACT) {
        std::vector<int64_t> zero_points(channels);
        for (size_t o = 0; o < channels; o++) zero_points[o] = -(int64_t)weights.zero_point(o);
        add(form.corrected, g, all);
        add(form.corrected, [](int32_t code) { return (int64_t)code; }, zero_points);
        return;
    }
    std::map<int32_t, std::vector<int64_t>> with_zero_point;
    for (size_t o = 0; o < channels; o++) {
        std::vector<int64_t>& factors = with_zero_point[weights.zero_point(o)];
        factors.resize(channels);
        factors[o] = 1;
    }
    for (const auto& [zero_point, factors] : with_zero_point)
        add(
            form.corrected,
            [&, z = zero_point](int32_t code) { return g(code) - structure_.product(z, code); }, factors);
}

template <typename Code>
template <typename Total, typename Finish>
void StructuredSums<Code>::run(const Operands& operands, const float* x, int32_t n, ImageSize image,
                               const Finish& finish) const {
    const Run<Total> run(context_, geometry_, operands, n, image);
    const QuantizeParameters q = quantize_parameters(definition_.parameters.input);
    const auto convert = [&](const float* source, size_t count, Code* target) {
        quantize(context_.kernels(), q, source, count, target);
    };
    run.run(x, (Code)definition_.padding_code(), convert, 0,
            [&](const PanelSums<Total>& sums) { finish(sums, run.grid().tiling()); });
}

template <typename Code>
void StructuredSums<Code>::execute(const float* x, int32_t n, ImageSize image,
                                   const std::vector<float>& scales, const Epilogue& epilogue,
                                   float* y) const {
    const Form& form = this->form();
    const auto finish = [&](const auto& sums, const Tiling& tiling) {
        PanelOutput{context_, tiling, form.corrected, scales, epilogue}.dequantize(sums, y);
    };
    wide_ ? run<int64_t>(form.corrected_operands, x, n, image, finish)
          : run<int32_t>(form.corrected_operands, x, n, image, finish);
}

template <typename Code>
void StructuredSums<Code>::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    const Form& form = this->form();
    run<int64_t>(form.raw_operands, x, n, image, [&](const PanelSums<int64_t>& totals, const Tiling& tiling) {
        store_sums(totals, tiling, form.raw, sums);
    });
}

template <typename Code>
JobGrid StructuredSums<Code>::grid(int32_t n, ImageSize image) const {
    const Operands& operands = form().corrected_operands;
    return wide_ ? Run<int64_t>(context_, geometry_, operands, n, image).grid()
                 : Run<int32_t>(context_, geometry_, operands, n, image).grid();
}

template <typename Code>
double StructuredSums<Code>::cycles(int32_t n, ImageSize image) const {
    // Packing one value, and a line of them, which is short on small images; adding a pass's sums to the
    // totals; quantising and looking up are in the first.
    constexpr double pack_cycles = 0.4, line_cycles = 2.6, total_cycles = 0.5;
    const ImageSize output = geometry_.output(image);
    const size_t columns = (size_t)n * output.pixels();
    const auto rows = (double)round_up(geometry_.group_outputs(), kernel_.channels);
    const auto padded = (double)round_up(columns, kernel_.columns);
    const double values = (double)(geometry_.taps() * std::max<size_t>(passes(), 1));
    const double gemm = values * rows * padded / kernel_.products_per_cycle;
    const double totals =
        passes_.size() > 1 || wide_ ? (double)passes_.size() * rows * padded * total_cycles : 0;
    const double packing = values * (double)columns * (pack_cycles + line_cycles / (double)output.w);
    const double all = (gemm + totals + packing) * geometry_.groups;
    return all / (double)context_.threads();
}

template class StructuredSums<uint8_t>;
template class StructuredSums<uint16_t>;

}  // namespace axnn
