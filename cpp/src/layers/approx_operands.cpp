#include "layers/approx_operands.hpp"

#include <math.h>

#include <algorithm>

#include "runtime/error.hpp"

namespace axnn {
namespace {

void check_operand(Operand operand, int32_t min, int32_t max, const char* what) {
    require(min >= operand.min() && max <= operand.max(), AXNN_ERROR_OPERAND_RANGE, "the codes of the ", what,
            " are ", min, "..", max, ", but the multiplier's operand is ", operand.bits, " bits ",
            operand.is_signed ? "signed" : "unsigned", ": ", operand.min(), "..", operand.max());
}

ReachableBytes reachable(int32_t min, int32_t max) {
    ReachableBytes bytes = {};
    for (int32_t code = min; code <= max; code++) bytes[(uint8_t)code] = true;
    return bytes;
}

int64_t magnitude(int64_t v) { return v < 0 ? -v : v; }

// Largest |product| of each reachable row.
std::array<int64_t, 256> row_magnitudes(const LutView& lut) {
    std::array<int64_t, 256> largest = {};
    for (size_t r = 0; r < 256; r++)
        for (size_t c = 0; c < 256; c++)
            if (lut.rows[r] && lut.columns[c])
                largest[r] = std::max(largest[r], magnitude(lut.products[r * 256 + c]));
    return largest;
}

}  // namespace

ApproxOperands::ApproxOperands(const Kernels& kernels, const ConvGeometry& geometry,
                               const ApproxDefinition& definition)
    : geometry_(geometry),
      parameters_(definition.parameters),
      weights_(definition.weights),
      padding_byte_(definition.padding_byte()) {
    const ProductTable& multiplier = *definition.multiplier;
    check(multiplier);
    const Products products = make_products(multiplier);
    make_tables(products);
    gemms_.push_back(make_gemm(kernels, products));
    if (gemms_.front().kernel.step > 1) gemms_.push_back(make_gemm(scalar::kernels(), products));
    make_offsets(products);
}

void ApproxOperands::check(const ProductTable& multiplier) const {
    const axnn_quantization& input = parameters_.input;
    const bool weight_first = parameters_.operand_order == AXNN_WEIGHT_FIRST;
    check_operand(weight_first ? multiplier.row() : multiplier.column(), weights_->code_min(),
                  weights_->code_max(), "weights");
    check_operand(weight_first ? multiplier.column() : multiplier.row(), input.code_min, input.code_max,
                  "input");
}

ApproxOperands::Products ApproxOperands::make_products(const ProductTable& multiplier) const {
    const ApproxParameters& p = parameters_;
    const ProductTable t = p.operand_order == AXNN_WEIGHT_FIRST ? multiplier : multiplier.transposed();
    Products products;
    products.t.assign(t.data(), t.data() + ProductTable::entries);
    products.p = products.t;
    if (p.correction == AXNN_CORRECTION_EXACT)
        for (size_t i = 0; i < ProductTable::entries; i++)
            products.p[i] = weights_->value((uint8_t)(i / 256)) * code_value((uint8_t)i, p.input.code_min);

    products.lut = {products.t.data(), reachable(weights_->code_min(), weights_->code_max()),
                    reachable(p.input.code_min, p.input.code_max)};
    products.lut.columns[padding_byte_] = true;
    products.corrections = {products.p.data(), {}, products.lut.columns};
    for (size_t o = 0; o < (size_t)geometry_.out_channels; o++) {
        const uint8_t zero_point = zero_point_byte(o);
        if (!products.corrections.rows[zero_point]) products.zero_points.push_back(zero_point);
        products.corrections.rows[zero_point] = true;
    }
    const LutView::Range range = products.corrections.range();
    products.corrected = range.min != 0 || range.max != 0;
    return products;
}

void ApproxOperands::make_tables(const Products& products) {
    int16_entries_ = KernelTable::fits_int16(products.lut) &&
                     (!products.corrected || KernelTable::fits_int16(products.corrections));
    table_ = KernelTable::of(products.lut, int16_entries_);
    if (products.corrected) correction_table_ = KernelTable::of(products.corrections, int16_entries_);

    make_input_sums(products);
    const double largest = largest_sum(products);
    require(largest < 0x1p62, AXNN_ERROR_SIZE_OVERFLOW, "sums of ", geometry_.taps(),
            " products of this multiplier can exceed 64 bits");
    wide_ = largest > INT32_MAX;
}

TableGemm ApproxOperands::make_gemm(const Kernels& kernels, const Products& products) const {
    TableGemm gemm;
    gemm.kernel = int16_entries_ ? kernels.lut_gemm_int16 : kernels.lut_gemm_int32;
    gemm.pass_taps = geometry_.taps();
    if (wide_) {
        const int64_t largest_entry = std::max({table_.largest, correction_table_.largest, int64_t{1}});
        gemm.pass_taps = (size_t)std::max<int64_t>(INT32_MAX / largest_entry, 1);
        // Entries so large that fewer taps than a kernel interleaves can overflow: one at a time.
        if (gemm.pass_taps < gemm.kernel.step) return make_gemm(scalar::kernels(), products);
        gemm.pass_taps -= gemm.pass_taps % gemm.kernel.step;
    }
    const size_t taps = geometry_.taps();
    const size_t outputs = geometry_.group_outputs();
    for (size_t g = 0; g < (size_t)geometry_.groups; g++)
        gemm.blocks.emplace_back(weights_->codes(g * outputs), outputs, taps, gemm.kernel.channels);
    if (products.corrected) {
        std::vector<uint8_t> rows;
        for (const uint8_t zero_point : products.zero_points) rows.insert(rows.end(), taps, zero_point);
        gemm.correction_blocks =
            WeightBlocks(rows.data(), products.zero_points.size(), taps, gemm.kernel.channels);
    }
    return gemm;
}

const TableGemm& ApproxOperands::gemm(size_t columns) const {
    // Where both take the same time for 4096 inputs and 128 outputs.
    constexpr size_t few_columns = 24;
    return columns < few_columns ? gemms_.back() : gemms_.front();
}

void ApproxOperands::make_offsets(const Products& products) {
    const auto taps = (int64_t)geometry_.taps();
    const auto zx = (uint8_t)parameters_.input.zero_point;
    for (size_t o = 0; o < (size_t)geometry_.out_channels; o++) {
        const int64_t c = taps * products.p[size_t{256} * zero_point_byte(o) + zx];
        offsets_.push_back(taps * (table_.offset - correction_table_.offset) - input_sums_[o] + c);
        offsets_int32_.push_back((int32_t)(uint32_t)offsets_.back());
        const auto row =
            std::find(products.zero_points.begin(), products.zero_points.end(), zero_point_byte(o));
        correction_row_.push_back((uint8_t)(row - products.zero_points.begin()));
    }
}

// A bound of |acc| + |A| + |B| + |C| over all channels and inputs.
double ApproxOperands::largest_sum(const Products& products) const {
    const auto row_largest = row_magnitudes(products.lut);
    const auto correction_largest = row_magnitudes(products.corrections);
    double largest = 0;
    for (size_t o = 0; o < (size_t)geometry_.out_channels; o++) {
        double acc = 0;
        for (size_t k = 0; k < geometry_.taps(); k++) acc += (double)row_largest[weights_->codes(o)[k]];
        const double a = fabs((double)input_sums_[o]);
        const double b = (double)geometry_.taps() * (double)correction_largest[zero_point_byte(o)];
        largest = std::max(largest, acc + a + 2 * b);  // the bound of |B| holds for |C|
    }
    return largest;
}

void ApproxOperands::make_input_sums(const Products& products) {
    const auto zx = (uint8_t)parameters_.input.zero_point;
    for (size_t o = 0; o < (size_t)geometry_.out_channels; o++) {
        int64_t sum = 0;
        for (size_t k = 0; k < geometry_.taps(); k++)
            sum += products.p[size_t{256} * weights_->codes(o)[k] + zx];
        input_sums_.push_back(sum);
    }
}

uint8_t ApproxOperands::zero_point_byte(size_t channel) const {
    return (uint8_t)weights_->zero_point(channel);
}

}  // namespace axnn
