#include "layers/approx_layer.hpp"

#include <math.h>

#include <algorithm>

#include "runtime/error.hpp"

namespace axnn {
namespace {

// Of a workspace: for the sums of the blocks that stay while the windows pass by.
constexpr size_t resident_budget = size_t{1} << 20;
constexpr size_t max_columns = 4096;
// For rounding each array of a workspace up to 64 bytes.
constexpr size_t rounding_slack = size_t{64} << 10;

void check_code_range(int32_t min, int32_t max, const char* what) {
    require(min < max && ((min >= -128 && max <= 127) || (min >= 0 && max <= 255)), AXNN_ERROR_QUANTIZATION,
            what, " has codes ", min, "..", max, ", allowed: an interval within -128..127 or within 0..255");
}

void check_scale(float scale, const char* what) {
    require(isfinite(scale) && scale > 0, AXNN_ERROR_QUANTIZATION, "the scale of ", what, " is ", scale,
            ", allowed: finite and > 0");
}

void check_zero_point(int32_t zero_point, int32_t min, int32_t max, const char* what) {
    require(zero_point >= min && zero_point <= max, AXNN_ERROR_QUANTIZATION, "the zero point of ", what,
            " is ", zero_point, ", allowed: ", min, "..", max);
}

void check_operand(Operand operand, int32_t min, int32_t max, const char* what) {
    require(min >= operand.min() && max <= operand.max(), AXNN_ERROR_OPERAND_RANGE, "the codes of the ", what,
            " are ", min, "..", max, ", but the multiplier's operand is ", operand.bits, " bits ",
            operand.is_signed ? "signed" : "unsigned", ": ", operand.min(), "..", operand.max());
}

// The value of a code's byte in a range of codes.
int32_t code_value(uint8_t byte, int32_t code_min) { return code_min < 0 ? (int8_t)byte : byte; }

ReachableBytes reachable(int32_t min, int32_t max) {
    ReachableBytes bytes = {};
    for (int32_t code = min; code <= max; code++) bytes[(uint8_t)code] = true;
    return bytes;
}

// No kernel interleaves more taps.
constexpr size_t max_step = 16;

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

void check_quantization(const axnn_quantization& q, const char* what) {
    check_scale(q.scale, what);
    check_code_range(q.code_min, q.code_max, what);
    check_zero_point(q.zero_point, q.code_min, q.code_max, what);
}

QuantizeParameters quantize_parameters(const axnn_quantization& q) {
    return {q.scale, (float)q.zero_point, (float)q.code_min, (float)q.code_max};
}

ApproxLayer::ApproxLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                         const ApproxParameters& parameters, const ProductTable& table, const float* weights,
                         std::vector<float> bias)
    : Plan(std::move(context), geometry), parameters_(parameters), bias_(std::move(bias)) {
    ApproxParameters& p = parameters_;
    const auto channels = (size_t)geometry.out_channels;
    check_quantization(p.input, "the input");
    check_code_range(p.weight_code_min, p.weight_code_max, "the weights");
    const bool weight_first = p.operand_order == AXNN_WEIGHT_FIRST;
    check_operand(weight_first ? table.row() : table.column(), p.weight_code_min, p.weight_code_max,
                  "weights");
    check_operand(weight_first ? table.column() : table.row(), p.input.code_min, p.input.code_max, "input");
    p.weight_scales.resize(channels, p.weight_scales[0]);
    p.weight_zero_points.resize(channels, p.weight_zero_points[0]);
    for (size_t o = 0; o < channels; o++) {
        check_scale(p.weight_scales[o], "the weights");
        check_zero_point(p.weight_zero_points[o], p.weight_code_min, p.weight_code_max, "the weights");
        const float scale = p.input.scale * p.weight_scales[o];
        require(isfinite(scale) && scale > 0, AXNN_ERROR_QUANTIZATION, "input scale * weight scale is ",
                p.input.scale, " * ", p.weight_scales[o], " = ", scale, ", allowed: finite and > 0");
        scales_.push_back(scale);
    }
    codes_ = quantize_weights(weights);

    // T with weights as rows, and P with the weights' zero points as rows.
    const ProductTable oriented = weight_first ? table : table.transposed();
    LutView lut = {oriented.data(), reachable(p.weight_code_min, p.weight_code_max),
                   reachable(p.input.code_min, p.input.code_max)};
    lut.columns[padding_byte()] = true;
    std::vector<int32_t> zero_point_products(oriented.data(), oriented.data() + ProductTable::entries);
    if (p.correction == AXNN_CORRECTION_EXACT)
        for (size_t i = 0; i < ProductTable::entries; i++)
            zero_point_products[i] =
                weight_value((uint8_t)(i / 256)) * code_value((uint8_t)i, p.input.code_min);
    LutView corrections = {zero_point_products.data(), {}, lut.columns};
    std::vector<uint8_t> zero_points;
    correction_row_.resize(channels);
    std::array<uint8_t, 256> row_of = {};
    for (size_t o = 0; o < channels; o++) {
        const uint8_t zero_point = zero_point_byte(o);
        if (!corrections.rows[zero_point]) {
            corrections.rows[zero_point] = true;
            row_of[zero_point] = (uint8_t)zero_points.size();
            zero_points.push_back(zero_point);
        }
        correction_row_[o] = row_of[zero_point];
    }
    const LutView::Range correction_range = corrections.range();
    const bool corrected = correction_range.min != 0 || correction_range.max != 0;

    // One entry type for both tables, so that they share packed codes.
    int16_entries_ = KernelTable::fits_int16(lut) && (!corrected || KernelTable::fits_int16(corrections));
    table_ = KernelTable::of(lut, int16_entries_);
    if (corrected) correction_table_ = KernelTable::of(corrections, int16_entries_);

    const auto kernel_of = [&](const Kernels& kernels) {
        return int16_entries_ ? kernels.lut_gemm_int16 : kernels.lut_gemm_int32;
    };
    kernel_ = kernel_of(this->context().kernels());
    const double largest_result = largest_sum(lut, corrections);
    require(largest_result < 0x1p62, AXNN_ERROR_SIZE_OVERFLOW, "sums of ", geometry.taps(),
            " products of this multiplier can exceed 64 bits");
    wide_ = largest_result > INT32_MAX;
    pass_taps_ = geometry.taps();
    if (wide_) {
        const int64_t largest = std::max({table_.largest, correction_table_.largest, int64_t{1}});
        pass_taps_ = (size_t)std::max<int64_t>(INT32_MAX / largest, 1);
        // Entries so large that fewer taps than a kernel interleaves can overflow: one at a time.
        if (pass_taps_ < kernel_.step) kernel_ = kernel_of(scalar::kernels());
        pass_taps_ -= pass_taps_ % kernel_.step;
    }
    for (size_t g = 0; g < (size_t)geometry.groups; g++)
        blocks_.emplace_back(channel_codes(g * geometry.group_outputs()), geometry.group_outputs(),
                             geometry.taps(), kernel_.channels);
    if (corrected) {
        std::vector<uint8_t> rows;
        for (const uint8_t zero_point : zero_points) rows.insert(rows.end(), geometry.taps(), zero_point);
        correction_blocks_ = WeightBlocks(rows.data(), zero_points.size(), geometry.taps(), kernel_.channels);
    }
    find_offsets(lut, corrections);
}

std::vector<uint8_t> ApproxLayer::quantize_weights(const float* weights) const {
    const size_t taps = geometry().taps();
    std::vector<uint8_t> codes(geometry().weight_count());
    for (size_t o = 0; o < (size_t)geometry().out_channels; o++)
        context().kernels().quantize(weights + o * taps, taps,
                                     {parameters_.weight_scales[o], (float)parameters_.weight_zero_points[o],
                                      (float)parameters_.weight_code_min, (float)parameters_.weight_code_max},
                                     codes.data() + o * taps);
    return codes;
}

int32_t ApproxLayer::weight_value(uint8_t byte) const {
    return code_value(byte, parameters_.weight_code_min);
}

uint8_t ApproxLayer::padding_byte() const {
    return parameters_.padding_code == AXNN_PAD_ZERO ? 0 : (uint8_t)parameters_.input.zero_point;
}

uint8_t ApproxLayer::zero_point_byte(size_t channel) const {
    return (uint8_t)parameters_.weight_zero_points[channel];
}

int64_t ApproxLayer::input_zero_point_sum(size_t channel, const LutView& lut) const {
    const int32_t zx = parameters_.input.zero_point;
    int64_t sum = 0;
    for (size_t k = 0; k < geometry().taps(); k++) {
        const uint8_t w = channel_codes(channel)[k];
        sum += parameters_.correction == AXNN_CORRECTION_EXACT ? int64_t{zx} * weight_value(w)
                                                               : lut.products[size_t{256} * w + (uint8_t)zx];
    }
    return sum;
}

double ApproxLayer::largest_sum(const LutView& lut, const LutView& corrections) const {
    const auto row_largest = row_magnitudes(lut);
    const auto correction_largest = row_magnitudes(corrections);
    double largest = 0;
    for (size_t o = 0; o < (size_t)geometry().out_channels; o++) {
        double acc = 0;
        for (size_t k = 0; k < geometry().taps(); k++) acc += (double)row_largest[channel_codes(o)[k]];
        const double a = fabs((double)input_zero_point_sum(o, lut));
        const double b = (double)geometry().taps() * (double)correction_largest[zero_point_byte(o)];
        largest = std::max(largest, acc + a + 2 * b);  // |C| <= |B|'s bound
    }
    return largest;
}

void ApproxLayer::find_offsets(const LutView& lut, const LutView& corrections) {
    const auto taps = (int64_t)geometry().taps();
    const auto zx = (uint8_t)parameters_.input.zero_point;
    for (size_t o = 0; o < (size_t)geometry().out_channels; o++) {
        const int64_t a = input_zero_point_sum(o, lut);
        const int64_t c = taps * corrections.products[size_t{256} * zero_point_byte(o) + zx];
        offsets_.push_back(taps * (table_.offset - correction_table_.offset) - a + c);
        offsets_int32_.push_back((int32_t)(uint32_t)offsets_.back());
    }
}

// ---- Running -------------------------------------------------------------------------------------

// The division of one run's work. A job is one tile, one group and some of its blocks of channels.
struct ApproxLayer::Jobs {
    Tiling tiling;
    size_t blocks;    // blocks of a job
    size_t splits;    // jobs for the blocks of one group
    size_t resident;  // blocks whose sums are kept while the windows pass by
    size_t groups;
    size_t count() const { return tiling.tiles() * groups * splits; }
};

namespace {

// Sums of some blocks in a workspace: int32 modulo 2^32 as the kernels make them, and where 64 bits are
// needed the total of all passes so far.
class Sums {
  public:
    Sums(Workspace& workspace, size_t blocks, size_t block_size, bool wide)
        : blocks_(blocks), block_size_(block_size), stride_(Workspace::rounded(block_size * 4) / 4) {
        narrow_ = workspace.take<int32_t>(blocks * stride_);
        wide_ = wide ? workspace.take<int64_t>(blocks * stride_) : nullptr;
    }
    int32_t* narrow(size_t block) const { return narrow_ + block * stride_; }
    int64_t* wide(size_t block) const { return wide_ + block * stride_; }

    void clear() {
        std::fill_n(narrow_, blocks_ * stride_, 0);
        if (wide_) std::fill_n(wide_, blocks_ * stride_, 0);
    }
    // Moves a pass's sums, which fit int32, to the 64-bit total.
    void end_pass(size_t block) {
        if (!wide_) return;
        for (size_t i = 0; i < block_size_; i++) wide(block)[i] += narrow(block)[i];
        std::fill_n(narrow(block), block_size_, 0);
    }

  private:
    size_t blocks_;
    size_t block_size_;
    size_t stride_;
    int32_t* narrow_;
    int64_t* wide_;
};

}  // namespace

// The finished sums of one block of channels for one tile, [columns][kernel channels], and those of B.
struct ApproxLayer::Block {
    const Tiling& tiling;
    const Tile& tile;
    size_t first_channel;
    size_t channels;
    const Sums& sums;
    size_t index;  // in sums
    const Sums& corrections;
};

ApproxLayer::Jobs ApproxLayer::jobs(int32_t n, ImageSize image) const {
    const size_t sum_bytes = kernel_.channels * (sizeof(int32_t) + (wide_ ? sizeof(int64_t) : 0));
    TileCost cost = {};
    cost.planes = geometry().group_inputs();
    cost.patch_element = sizeof(uint8_t);
    cost.packed_element = sizeof(uint16_t);
    cost.tap_multiple = kernel_.step;
    cost.column_multiple = 1;
    cost.column = sum_bytes * (1 + correction_blocks_.blocks());
    cost.max_columns = max_columns;
    cost.budget = Workspace::capacity - resident_budget - kernel_.scratch_bytes - rounding_slack;
    const Tiling tiling(geometry(), n, image, cost);

    const auto groups = (size_t)geometry().groups;
    const size_t blocks = blocks_[0].blocks();
    // With one window a block is finished before the next one starts.
    const size_t extra = resident_budget / (tiling.max_tile_columns() * sum_bytes);
    const size_t resident = tiling.windows() == 1 ? 1 : std::min(blocks, 1 + extra);
    size_t splits = ceil_div(context().threads(), tiling.tiles() * groups);
    if (tiling.windows() > 1) splits = std::max(splits, ceil_div(blocks, resident));
    const size_t job_blocks = ceil_div(blocks, std::min(splits, blocks));
    return {tiling, job_blocks, ceil_div(blocks, job_blocks), resident, groups};
}

template <typename Finish>
void ApproxLayer::run(const float* x, int32_t n, ImageSize image, const Finish& finish) const {
    const Jobs jobs = this->jobs(n, image);
    context().run(jobs.count(),
                  [&](size_t index, Workspace& workspace) { run_job(jobs, index, x, workspace, finish); });
}

// Sums of some blocks over all windows of a tile. One window: a block is summed and finished before the
// next, and packed once for all. More windows: all blocks of the job stay while the windows pass by.
template <typename Finish>
void ApproxLayer::run_job(const Jobs& jobs, size_t index, const float* x, Workspace& workspace,
                          const Finish& finish) const {
    const Tiling& tiling = jobs.tiling;
    const size_t group = index / jobs.splits % jobs.groups;
    const Tile tile = tiling.tile(index / jobs.splits / jobs.groups);
    const WeightBlocks& weights = blocks_[group];
    const size_t first_block = index % jobs.splits * jobs.blocks;
    const size_t last_block = std::min(first_block + jobs.blocks, weights.blocks());
    const size_t columns = tile.columns();
    const size_t steps = ceil_div(tiling.max_window_taps(), kernel_.step);

    auto* patch_data = workspace.take<uint8_t>(tiling.max_patch_size());
    auto* packed = workspace.take<uint16_t>(steps * kernel_.step * columns);
    void* scratch = workspace.take<uint8_t>(kernel_.scratch_bytes);
    Sums sums(workspace, jobs.resident, columns * kernel_.channels, wide_);
    Sums corrections(workspace, correction_blocks_.blocks(), columns * kernel_.channels, wide_);

    // sums[i] += the products of the window's taps with block i.
    const auto add = [&](const KernelTable& table, const uint8_t* block, const Window& window, Sums& to,
                         size_t i) {
        for (size_t tap = 0; tap < window.taps(); tap += pass_taps_) {
            kernel_.run({table.entries.data(), block + window.first_tap + tap, geometry().taps(),
                         packed + tap * columns, std::min(pass_taps_, window.taps() - tap), columns,
                         to.narrow(i), scratch});
            to.end_pass(i);
        }
    };
    corrections.clear();
    for (size_t begin = first_block; begin < last_block; begin += jobs.resident) {
        const size_t end = std::min(begin + jobs.resident, last_block);
        sums.clear();
        for (size_t w = 0; w < tiling.windows(); w++) {
            const Window window = tiling.window(w);
            if (begin == first_block) {
                pack(tiling, tile, window, group, x, patch_data, packed);
                for (size_t i = 0; i < correction_blocks_.blocks(); i++)
                    add(correction_table_, correction_blocks_.block(i), window, corrections, i);
            }
            for (size_t b = begin; b < end; b++) add(table_, weights.block(b), window, sums, b - begin);
        }
        for (size_t b = begin; b < end; b++) {
            const size_t channel = b * kernel_.channels;
            finish(Block{tiling, tile, group * geometry().group_outputs() + channel,
                         std::min<size_t>(kernel_.channels, geometry().group_outputs() - channel), sums,
                         b - begin, corrections});
        }
    }
}

void ApproxLayer::pack(const Tiling& tiling, const Tile& tile, const Window& window, size_t group,
                       const float* x, uint8_t* patch_data, uint16_t* packed) const {
    const Patch patch = tiling.patch(tile, window);
    const QuantizeParameters q = quantize_parameters(parameters_.input);
    tiling.fill_patch(
        tile, window, patch, x, group, 1, patch_data, [this](size_t) { return padding_byte(); },
        [&](const float* source, size_t, size_t count, uint8_t* target) {
            context().kernels().quantize(source, count, q, target);
        });
    const uint8_t* taps[max_step] = {};
    const uint8_t* moved[max_step] = {};
    for (size_t tap = 0; tap < window.taps(); tap += kernel_.step) {
        for (size_t j = 0; j < kernel_.step; j++)
            taps[j] =
                tap + j < window.taps() ? patch_data + tiling.tap_offset(window, patch, tap + j) : nullptr;
        uint16_t* step = packed + tap * tile.columns();
        tiling.for_each_run(tile, window, patch,
                            [&](size_t offset, size_t column, size_t count, size_t stride) {
                                for (size_t j = 0; j < kernel_.step; j++)
                                    moved[j] = taps[j] ? taps[j] + offset : nullptr;
                                kernel_.pack(moved, count, stride, step + column * kernel_.step);
                            });
    }
}

void ApproxLayer::execute(const float* x, int32_t n, ImageSize image, float* y) const {
    run(x, n, image, [&](const Block& block) { wide_ ? dequantize_wide(block, y) : dequantize(block, y); });
}

void ApproxLayer::dequantize(const Block& block, float* y) const {
    const size_t stride = kernel_.channels;
    int32_t* sums = block.sums.narrow(block.index);
    if (correction_blocks_.blocks() > 0)
        for (size_t n = 0; n < block.tile.columns(); n++)
            for (size_t c = 0; c < block.channels; c++) {
                const size_t row = correction_row_[block.first_channel + c];
                const int32_t b = block.corrections.narrow(row / stride)[n * stride + row % stride];
                sums[n * stride + c] = (int32_t)((uint32_t)sums[n * stride + c] - (uint32_t)b);
            }
    const size_t pixels = block.tiling.output().pixels();
    block.tiling.for_each_output_run(
        block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
            context().kernels().dequantize_interleaved(
                {sums + column * stride, stride, block.channels, count,
                 offsets_int32_.data() + block.first_channel, scales_.data() + block.first_channel,
                 bias_.data() + block.first_channel, parameters_.output_min, parameters_.output_max,
                 y + offset + block.first_channel * pixels, pixels, step});
        });
}

void ApproxLayer::dequantize_wide(const Block& block, float* y) const {
    for_each_element(block, [&](size_t channel, size_t element, size_t output) {
        const size_t row = correction_row_[channel];
        int64_t sum = block.sums.wide(block.index)[element] + offsets_[channel];
        if (correction_blocks_.blocks() > 0) {
            const size_t column = element / kernel_.channels * kernel_.channels;
            sum -= block.corrections.wide(row / kernel_.channels)[column + row % kernel_.channels];
        }
        float v = (float)sum * scales_[channel] + bias_[channel];
        v = parameters_.output_min > v ? parameters_.output_min : v;
        v = parameters_.output_max < v ? parameters_.output_max : v;
        y[output] = v;
    });
}

void ApproxLayer::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    const int64_t offset = (int64_t)geometry().taps() * table_.offset;
    run(x, n, image, [&](const Block& block) {
        for_each_element(block, [&](size_t, size_t element, size_t output) {
            sums[output] =
                wide_ ? block.sums.wide(block.index)[element] + offset
                      : (int32_t)((uint32_t)block.sums.narrow(block.index)[element] + (uint32_t)offset);
        });
    });
}

// visit(channel, element of the block's sums, element of the output).
template <typename Visit>
void ApproxLayer::for_each_element(const Block& block, const Visit& visit) const {
    const size_t pixels = block.tiling.output().pixels();
    block.tiling.for_each_output_run(
        block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
            for (size_t c = 0; c < block.channels; c++)
                for (size_t i = 0; i < count; i++)
                    visit(block.first_channel + c, (column + i) * kernel_.channels + c,
                          offset + (block.first_channel + c) * pixels + i * step);
        });
}

std::string ApproxLayer::explain(int32_t n, ImageSize image) const {
    const Jobs jobs = this->jobs(n, image);
    return text("table GEMM ", kernel_.name, ", ", int16_entries_ ? "int16" : "int32", " entries, ",
                wide_ ? "64" : "32", "-bit sums, ", geometry().out_channels, "/", geometry().taps(), "/",
                (size_t)n * jobs.tiling.output().pixels(), " M/K/N, tiles of ",
                jobs.tiling.max_tile_columns(), " columns, ", jobs.tiling.windows(), " windows, ",
                jobs.count(), " jobs on ", context().threads(), " threads, tier ",
                tier_name(context().tier()));
}

}  // namespace axnn
