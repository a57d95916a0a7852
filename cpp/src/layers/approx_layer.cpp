#include "layers/approx_layer.hpp"

#include <algorithm>

#include "runtime/error.hpp"

namespace axnn {
namespace {

// Of a workspace: for the sums of the blocks that stay while the windows pass by.
constexpr size_t resident_budget = size_t{1} << 20;
// For rounding each array of a workspace up to 64 bytes.
constexpr size_t rounding_slack = size_t{64} << 10;
constexpr size_t max_columns = 4096;
// No kernel interleaves more taps.
constexpr size_t max_step = 16;

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

// The division of one run's work. A job is one tile, one group and some of its blocks of channels.
struct ApproxLayer::Jobs {
    Tiling tiling;
    size_t blocks;    // blocks of a job
    size_t splits;    // jobs for the blocks of one group
    size_t resident;  // blocks whose sums are kept while the windows pass by
    size_t groups;
    size_t count() const { return tiling.tiles() * groups * splits; }
};

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
    const size_t sum_bytes = kernel().channels * (sizeof(int32_t) + (operands_.wide() ? sizeof(int64_t) : 0));
    TileCost cost = {};
    cost.planes = geometry().group_inputs();
    cost.patch_element = sizeof(uint8_t);
    cost.packed_element = sizeof(uint16_t);
    cost.tap_multiple = kernel().step;
    cost.column_multiple = 1;
    cost.column = sum_bytes * (1 + operands_.correction_blocks().blocks());
    cost.max_columns = max_columns;
    cost.budget = Workspace::capacity - resident_budget - kernel().scratch_bytes - rounding_slack;
    const Tiling tiling(geometry(), n, image, cost);

    const auto groups = (size_t)geometry().groups;
    const size_t blocks = operands_.blocks(0).blocks();
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
    const WeightBlocks& weights = operands_.blocks(group);
    const size_t first_block = index % jobs.splits * jobs.blocks;
    const size_t last_block = std::min(first_block + jobs.blocks, weights.blocks());
    const size_t columns = tile.columns();
    const size_t steps = ceil_div(tiling.max_window_taps(), kernel().step);

    auto* patch_data = workspace.take<uint8_t>(tiling.max_patch_size());
    auto* packed = workspace.take<uint16_t>(steps * kernel().step * columns);
    void* scratch = workspace.take<uint8_t>(kernel().scratch_bytes);
    Sums sums(workspace, jobs.resident, columns * kernel().channels, operands_.wide());
    Sums corrections(workspace, operands_.correction_blocks().blocks(), columns * kernel().channels,
                     operands_.wide());

    // sums[i] += the products of the window's taps with block i.
    const auto add = [&](const KernelTable& table, const uint8_t* block, const Window& window, Sums& to,
                         size_t i) {
        for (size_t tap = 0; tap < window.taps(); tap += operands_.pass_taps()) {
            kernel().run({table.entries.data(), block + window.first_tap + tap, geometry().taps(),
                          packed + tap * columns, std::min(operands_.pass_taps(), window.taps() - tap),
                          columns, to.narrow(i), scratch});
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
                for (size_t i = 0; i < operands_.correction_blocks().blocks(); i++)
                    add(operands_.correction_table(), operands_.correction_blocks().block(i), window,
                        corrections, i);
            }
            for (size_t b = begin; b < end; b++)
                add(operands_.table(), weights.block(b), window, sums, b - begin);
        }
        for (size_t b = begin; b < end; b++) {
            const size_t channel = b * kernel().channels;
            finish(Block{tiling, tile, group * geometry().group_outputs() + channel,
                         std::min<size_t>(kernel().channels, geometry().group_outputs() - channel), sums,
                         b - begin, corrections});
        }
    }
}

void ApproxLayer::pack(const Tiling& tiling, const Tile& tile, const Window& window, size_t group,
                       const float* x, uint8_t* patch_data, uint16_t* packed) const {
    const Patch patch = tiling.patch(tile, window);
    const QuantizeParameters q = operands_.input();
    tiling.fill_patch(
        tile, window, patch, x, group, 1, patch_data, [this](size_t) { return operands_.padding_byte(); },
        [&](const float* source, size_t, size_t count, uint8_t* target) {
            context().kernels().quantize(source, count, q, target);
        });
    const uint8_t* taps[max_step] = {};
    const uint8_t* moved[max_step] = {};
    for (size_t tap = 0; tap < window.taps(); tap += kernel().step) {
        for (size_t j = 0; j < kernel().step; j++)
            taps[j] =
                tap + j < window.taps() ? patch_data + tiling.tap_offset(window, patch, tap + j) : nullptr;
        uint16_t* step = packed + tap * tile.columns();
        tiling.for_each_run(tile, window, patch,
                            [&](size_t offset, size_t column, size_t count, size_t stride) {
                                for (size_t j = 0; j < kernel().step; j++)
                                    moved[j] = taps[j] ? taps[j] + offset : nullptr;
                                kernel().pack(moved, count, stride, step + column * kernel().step);
                            });
    }
}

void ApproxLayer::execute(const float* x, int32_t n, ImageSize image, float* y) const {
    run(x, n, image,
        [&](const Block& block) { operands_.wide() ? dequantize_wide(block, y) : dequantize(block, y); });
}

void ApproxLayer::dequantize(const Block& block, float* y) const {
    const size_t stride = kernel().channels;
    int32_t* sums = block.sums.narrow(block.index);
    if (operands_.correction_blocks().blocks() > 0)
        for (size_t n = 0; n < block.tile.columns(); n++)
            for (size_t c = 0; c < block.channels; c++) {
                const size_t row = operands_.correction_row(block.first_channel + c);
                const int32_t b = block.corrections.narrow(row / stride)[n * stride + row % stride];
                sums[n * stride + c] = (int32_t)((uint32_t)sums[n * stride + c] - (uint32_t)b);
            }
    const size_t pixels = block.tiling.output().pixels();
    block.tiling.for_each_output_run(
        block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
            context().kernels().dequantize_interleaved(
                {sums + column * stride, stride, block.channels, count,
                 operands_.offsets_int32() + block.first_channel, operands_.scales() + block.first_channel,
                 operands_.bias() + block.first_channel, operands_.output_min(), operands_.output_max(),
                 y + offset + block.first_channel * pixels, pixels, step});
        });
}

void ApproxLayer::dequantize_wide(const Block& block, float* y) const {
    for_each_element(block, [&](size_t channel, size_t element, size_t output) {
        int64_t sum = block.sums.wide(block.index)[element] + operands_.offsets()[channel];
        if (operands_.correction_blocks().blocks() > 0) {
            const size_t row = operands_.correction_row(channel);
            const size_t column = element / kernel().channels * kernel().channels;
            sum -= block.corrections.wide(row / kernel().channels)[column + row % kernel().channels];
        }
        float v = (float)sum * operands_.scales()[channel] + operands_.bias()[channel];
        v = operands_.output_min() > v ? operands_.output_min() : v;
        v = operands_.output_max() < v ? operands_.output_max() : v;
        y[output] = v;
    });
}

void ApproxLayer::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    const int64_t offset = (int64_t)geometry().taps() * operands_.table().offset;
    run(x, n, image, [&](const Block& block) {
        for_each_element(block, [&](size_t, size_t element, size_t output) {
            sums[output] =
                operands_.wide()
                    ? block.sums.wide(block.index)[element] + offset
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
                    visit(block.first_channel + c, (column + i) * kernel().channels + c,
                          offset + (block.first_channel + c) * pixels + i * step);
        });
}

std::string ApproxLayer::explain(int32_t n, ImageSize image) const {
    const Jobs jobs = this->jobs(n, image);
    return text("table GEMM ", kernel().name, ", ", operands_.entry_type(), " entries, ",
                operands_.wide() ? "64" : "32", "-bit sums, ", geometry().out_channels, "/",
                geometry().taps(), "/", (size_t)n * jobs.tiling.output().pixels(), " M/K/N, tiles of ",
                jobs.tiling.max_tile_columns(), " columns, ", jobs.tiling.windows(), " windows, ",
                jobs.count(), " jobs on ", context().threads(), " threads, tier ",
                tier_name(context().tier()));
}

}  // namespace axnn
