#include "layers/approx_operands.hpp"

#include <math.h>

#include <algorithm>

#include "layers/tiling.hpp"
#include "runtime/error.hpp"

namespace axnn {
namespace {

ReachableBytes reachable(int32_t min, int32_t max) {
    ReachableBytes bytes = {};
    for (int32_t code = min; code <= max; code++) bytes[(uint8_t)code] = true;
    return bytes;
}

// Largest |product| of each reachable weight.
std::array<int64_t, 256> largest_products(const LutView& lut) {
    std::array<int64_t, 256> largest = {};
    for (size_t w = 0; w < 256; w++)
        for (size_t x = 0; x < 256; x++)
            if (lut.weights[w] && lut.activations[x]) {
                const int64_t product = lut.product(w, x);
                largest[w] = std::max(largest[w], product < 0 ? -product : product);
            }
    return largest;
}

// The parts with which a kernel can add a table, if there are.
std::optional<EntryFit> fit(const LutView& lut, LutView::Range range, const LutGemm& kernel) {
    return EntryFit::of(lut, range, kernel.entry_min, kernel.entry_max);
}

// How often each byte occurs.
std::array<uint32_t, 256> histogram(const uint8_t* bytes, size_t count) {
    std::array<uint32_t, 256> counts = {};
    for (size_t i = 0; i < count; i++) counts[bytes[i]]++;
    return counts;
}

}  // namespace

ApproxOperands::ApproxOperands(const Context& context, const ConvGeometry& geometry,
                               const ApproxDefinition& definition)
    : context_(context), geometry_(geometry), definition_(definition) {
    definition.check_operands();
    make_views();
    const double largest = make_constants();
    require(largest < 0x1p62, AXNN_ERROR_SIZE_OVERFLOW, "sums of ", geometry_.taps(),
            " products of this multiplier can exceed 64 bits");
    wide_ = largest > INT32_MAX;
    geometry_.depthwise() ? make_depthwise() : make_candidates();
}

void ApproxOperands::make_views() {
    const ApproxParameters& p = definition_.parameters;
    const QuantizedWeights& weights = *definition_.weights;
    const bool weight_first = p.operand_order == AXNN_WEIGHT_FIRST;
    products_ = {definition_.multiplier->table()->data(), weight_first ? size_t{256} : 1,
                 weight_first ? 1 : size_t{256}, reachable(weights.code_min(), weights.code_max()),
                 reachable(p.input.code_min, p.input.code_max)};
    products_.activations[definition_.padding_byte()] = true;

    corrections_ = products_;
    corrections_.weights = {};
    for (size_t o = 0; o < (size_t)geometry_.out_channels; o++) {
        const uint8_t zero_point = zero_point_byte(o);
        if (!corrections_.weights[zero_point]) zero_points_.push_back(zero_point);
        corrections_.weights[zero_point] = true;
        correction_row_.push_back((uint8_t)(std::find(zero_points_.begin(), zero_points_.end(), zero_point) -
                                            zero_points_.begin()));
    }
    if (p.correction == AXNN_CORRECTION_EXACT) {
        exact_.resize(ProductTable::entries);
        for (size_t i = 0; i < exact_.size(); i++)
            exact_[i] = weights.value((uint8_t)(i / 256)) * code_value((uint8_t)i, p.input.code_min);
        corrections_.products = exact_.data();
        corrections_.weight_stride = 256;
        corrections_.activation_stride = 1;
    }
    weight_end_ = end_of(products_.weights);
    activation_end_ = end_of(products_.activations);
    product_range_ = products_.range();
    correction_range_ = corrections_.range();
    corrected_ = correction_range_.min != 0 || correction_range_.max != 0;
}

// Constants, and a bound of |acc| + |C - A| + |B| over all channels and inputs.
double ApproxOperands::make_constants() {
    const auto zx = (uint8_t)definition_.parameters.input.zero_point;
    const auto taps = (int64_t)geometry_.taps();
    const auto product_largest = largest_products(products_);
    const auto correction_largest = largest_products(corrections_);
    const auto channels = (size_t)geometry_.out_channels;
    constants_.resize(channels);
    std::vector<double> bounds(channels);
    context_.run_without_workspace(channels, [&](size_t o) {
        const auto counts = histogram(definition_.weights->codes(o), geometry_.taps());
        int64_t a = 0;
        double acc = 0;
        for (size_t w = 0; w < counts.size(); w++) {
            if (counts[w] == 0) continue;
            a += counts[w] * corrections_.product(w, zx);
            acc += counts[w] * (double)product_largest[w];
        }
        const uint8_t zero_point = zero_point_byte(o);
        constants_[o] = taps * corrections_.product(zero_point, zx) - a;
        bounds[o] = acc + fabs((double)constants_[o]) + (double)taps * (double)correction_largest[zero_point];
    });
    return *std::max_element(bounds.begin(), bounds.end());
}

size_t ApproxOperands::pass_taps(int64_t largest_entry) const {
    return wide_ ? (size_t)std::max<int64_t>(INT32_MAX / std::max<int64_t>(largest_entry, 1), 1)
                 : geometry_.taps();
}

void ApproxOperands::make_candidates() {
    const auto add = [&](const LutGemm& kernel, LaneOperand lane) {
        const std::optional<EntryFit> parts = fit(products_, product_range_, kernel);
        if (!parts) return;
        size_t taps = pass_taps(parts->largest(products_));
        std::optional<TableCandidate> b;
        if (corrected_) b = correction_candidate(kernel);
        if (wide_) {
            // Entries so large that fewer taps than a kernel interleaves can overflow.
            if (taps < kernel.step || (b && b->pass_taps < kernel.step)) return;
            taps -= taps % kernel.step;
        }
        auto form = std::make_unique<LazyForm>();
        form->candidate = {kernel, lane, *parts, taps};
        form->corrections = b;
        candidates_.push_back(std::move(form));
    };
    const Kernels& k = context_.kernels();
    // Corrections are packed with the activations as indices.
    const bool either = !corrected_;
    for (const LutGemm& kernel :
         {k.lut_gemm_uint8, k.lut_gemm_int13, k.lut_gemm_int15, k.lut_gemm_int16, k.lut_gemm_int32}) {
        if (kernel.lanes > 1) add(kernel, LaneOperand::weights);
        if (kernel.lanes > 1 && either) add(kernel, LaneOperand::activations);
    }
    for (const LutGemm& kernel : {k.lut_planes_uint8, k.lut_planes_int16})
        if (kernel.lanes > 1 && either) add(kernel, LaneOperand::activations);
    const Kernels scalar = scalar::kernels();
    for (const LutGemm& kernel : {scalar.lut_gemm_int16, scalar.lut_gemm_int32})
        add(kernel, LaneOperand::weights);
}

TableGemmSize ApproxOperands::size(size_t index, size_t columns) const {
    const bool weights_in_lanes = candidate(index).lane == LaneOperand::weights;
    return {geometry_.group_outputs(), geometry_.taps(),   columns,
            (size_t)geometry_.groups,  context_.threads(), weights_in_lanes ? activation_end_ : weight_end_};
}

const ApproxOperands::Form& ApproxOperands::form(size_t index) const {
    LazyForm& lazy = *candidates_[index];
    const std::lock_guard lock(making_);
    if (lazy.form) return *lazy.form;
    auto form = std::make_unique<Form>(
        Form{TableGemm(context_, lazy.candidate, products_, geometry_, *definition_.weights), {}, {}, {}});
    EntryFit correction_fit = {};
    if (corrected_) {
        form->corrections = corrections(*lazy.corrections);
        correction_fit = form->corrections->candidate.fit;
    }
    form->offsets = offsets(form->gemm.weight_parts(), correction_fit);
    form->offsets_int32 = modulo_int32(form->offsets);
    lazy.form = std::move(form);
    return *lazy.form;
}

TableCandidate ApproxOperands::correction_candidate(const LutGemm& gemm_kernel) const {
    const Kernels kernels = gemm_kernel.step > 1 ? context_.kernels() : scalar::kernels();
    LutGemm kernel = kernels.lut_gemm_int16;
    std::optional<EntryFit> parts = fit(corrections_, correction_range_, kernel);
    if (!parts) {
        kernel = kernels.lut_gemm_int32;
        parts = fit(corrections_, correction_range_, kernel);
    }
    size_t taps = pass_taps(parts->largest(corrections_));
    if (wide_ && taps >= kernel.step) taps -= taps % kernel.step;
    return {kernel, LaneOperand::weights, *parts, taps};
}

size_t ApproxOperands::correction_lanes(size_t index) const {
    const std::optional<TableCandidate>& b = candidates_[index]->corrections;
    return b ? round_up(zero_points_.size(), b->kernel.lanes) : 0;
}

ApproxOperands::Corrections ApproxOperands::corrections(const TableCandidate& candidate) const {
    std::vector<uint8_t> rows;
    for (const uint8_t zero_point : zero_points_) rows.insert(rows.end(), geometry_.taps(), zero_point);
    return {candidate, KernelTable(corrections_, candidate.fit, candidate.kernel, candidate.lane),
            LaneWeights(rows.data(), zero_points_.size(), geometry_.taps(), candidate.kernel.lanes)};
}

void ApproxOperands::make_depthwise() {
    const Kernels scalar = scalar::kernels();
    auto d = std::make_unique<Depthwise>();
    std::optional<EntryFit> parts = fit(products_, product_range_, scalar.lut_gemm_int16);
    std::optional<EntryFit> correction_parts = fit(corrections_, correction_range_, scalar.lut_gemm_int16);
    d->int16_entries = parts && (!corrected_ || correction_parts);
    const LutGemm& kernel = d->int16_entries ? scalar.lut_gemm_int16 : scalar.lut_gemm_int32;
    if (!d->int16_entries) {
        parts = fit(products_, product_range_, kernel);
        correction_parts = fit(corrections_, correction_range_, kernel);
    }
    if (!corrected_) correction_parts = EntryFit{};
    d->table = KernelTable(products_, *parts, kernel, LaneOperand::weights).data;
    int64_t largest = parts->largest(products_);
    if (corrected_) {
        d->correction_table = KernelTable(corrections_, *correction_parts, kernel, LaneOperand::weights).data;
        largest = std::max(largest, correction_parts->largest(corrections_));
    }
    d->pass_taps = pass_taps(largest);
    for (size_t o = 0; o < (size_t)geometry_.out_channels; o++) {
        int64_t part = 0;
        for (size_t k = 0; k < geometry_.taps(); k++)
            part += parts->weight_part[definition_.weights->codes(o)[k]];
        d->weight_parts.push_back(part);
    }
    d->offsets = offsets(d->weight_parts, *correction_parts);
    d->offsets_int32 = modulo_int32(d->offsets);
    depthwise_ = std::move(d);
}

std::vector<int64_t> ApproxOperands::offsets(const std::vector<int64_t>& weight_parts,
                                             const EntryFit& correction_fit) const {
    std::vector<int64_t> offsets;
    for (size_t o = 0; o < weight_parts.size(); o++)
        offsets.push_back(weight_parts[o] + constants_[o] -
                          (int64_t)geometry_.taps() * correction_fit.weight_part[zero_point_byte(o)]);
    return offsets;
}

std::vector<int32_t> ApproxOperands::modulo_int32(const std::vector<int64_t>& offsets) {
    std::vector<int32_t> modulo;
    for (const int64_t offset : offsets) modulo.push_back((int32_t)(uint32_t)offset);
    return modulo;
}

uint8_t ApproxOperands::zero_point_byte(size_t channel) const {
    return (uint8_t)definition_.weights->zero_point(channel);
}

}  // namespace axnn
