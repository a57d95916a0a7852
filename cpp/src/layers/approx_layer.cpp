#include "layers/approx_layer.hpp"

#include <algorithm>

#include "layers/depthwise.hpp"
#include "runtime/error.hpp"

namespace axnn {
namespace {

// Of a workspace: for the sums of the blocks that stay while the windows pass by.
constexpr size_t resident_budget = size_t{1} << 20;
constexpr size_t max_columns = 4096;

// Sums of some blocks in a workspace: int32 modulo 2^32 as the kernels make them, and where 64 bits are
// needed the total of all passes so far.
class Sums {
  public:
    Sums(Workspace& workspace, size_t blocks, size_t block_size, bool wide)
        : blocks_(blocks), block_size_(block_size), stride_(Workspace::rounded(block_size * 4) / 4) {
        narrow_ = workspace.take<int32_t>(blocks * stride_);
        wide_ = wide ? workspace.take<int64_t>(blocks * stride_) : nullptr;
    }
    // Bytes of one block.
    static size_t bytes(size_t block_size, bool wide) {
        return Workspace::rounded(block_size * sizeof(int32_t)) * (wide ? 3 : 1);
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

struct ApproxLayer::Jobs {
    JobGrid grid;
    const TableGemm& gemm;
    size_t blocks;             // blocks of channels of a job
    size_t resident;           // blocks whose sums are kept while the windows pass by
    size_t correction_blocks;  // 0 where B is 0 or not asked for
};

// The finished sums of one block of channels for one tile, [columns][kernel channels], and those of B.
struct ApproxLayer::Block {
    const Jobs& jobs;
    const Tile& tile;
    size_t first_channel;
    size_t channels;
    const Sums& sums;
    size_t index;  // in sums
    const Sums& corrections;
};

ApproxLayer::Jobs ApproxLayer::jobs(int32_t n, ImageSize image, bool corrected) const {
    const TableGemm& gemm = operands_.gemm((size_t)n * geometry().output(image).pixels());
    const size_t correction_blocks = corrected ? gemm.correction_blocks.blocks() : 0;
    const size_t sum_bytes =
        gemm.kernel.channels * (sizeof(int32_t) + (operands_.wide() ? sizeof(int64_t) : 0));
    TileCost cost = {};
    cost.planes = geometry().group_inputs();
    cost.patch_element = sizeof(uint8_t);
    cost.packed_element = sizeof(uint16_t);
    cost.tap_multiple = gemm.kernel.step;
    cost.column_multiple = 1;
    cost.column = sum_bytes * (1 + correction_blocks);
    cost.max_columns = max_columns;
    cost.budget = Workspace::budget - resident_budget - gemm.kernel.scratch_bytes;
    const Tiling tiling(geometry(), n, image, cost);

    const size_t blocks = gemm.blocks[0].blocks();
    // With one window a block is finished before the next one starts.
    const size_t block_bytes =
        Sums::bytes(tiling.max_tile_columns() * gemm.kernel.channels, operands_.wide());
    const size_t extra = resident_budget / block_bytes;
    const size_t resident = tiling.windows() == 1 ? 1 : std::min(blocks, 1 + extra);
    size_t splits = ceil_div(context().threads(), tiling.tiles() * (size_t)geometry().groups);
    if (tiling.windows() > 1) splits = std::max(splits, ceil_div(blocks, resident));
    const size_t job_blocks = ceil_div(blocks, std::min(splits, blocks));
    return {JobGrid(tiling, ceil_div(blocks, job_blocks)), gemm, job_blocks, resident, correction_blocks};
}

template <typename Finish>
void ApproxLayer::run(const float* x, int32_t n, ImageSize image, bool corrected,
                      const Finish& finish) const {
    const Jobs jobs = this->jobs(n, image, corrected);
    context().run(jobs.grid.count(),
                  [&](size_t index, Workspace& workspace) { run_job(jobs, index, x, workspace, finish); });
}

// Sums of some blocks over all windows of a tile. One window: a block is summed and finished before the
// next, and packed once for all. More windows: all blocks of the job stay while the windows pass by.
template <typename Finish>
void ApproxLayer::run_job(const Jobs& jobs, size_t index, const float* x, Workspace& workspace,
                          const Finish& finish) const {
    const Tiling& tiling = jobs.grid.tiling();
    const LutGemm& kernel = jobs.gemm.kernel;
    const JobGrid::Job job = jobs.grid.job(index);
    const WeightBlocks& weights = jobs.gemm.blocks[job.group];
    const WeightBlocks& zero_points = jobs.gemm.correction_blocks;
    const size_t first_block = job.split * jobs.blocks;
    const size_t last_block = std::min(first_block + jobs.blocks, weights.blocks());
    const size_t columns = job.tile.columns();

    auto* patch_data = workspace.take<uint8_t>(tiling.max_patch_size());
    auto* packed = workspace.take<uint16_t>(round_up(tiling.max_window_taps(), kernel.step) * columns);
    void* scratch = workspace.take<uint8_t>(kernel.scratch_bytes);
    Sums sums(workspace, jobs.resident, columns * kernel.channels, operands_.wide());
    Sums corrections(workspace, jobs.correction_blocks, columns * kernel.channels, operands_.wide());

    // to[i] += the products of the window's taps with a block.
    const auto add = [&](const KernelTable& table, const uint8_t* block, const Window& window, Sums& to,
                         size_t i) {
        for (size_t tap = 0; tap < window.taps(); tap += jobs.gemm.pass_taps) {
            kernel.run({table.entries.data(), block + window.first_tap + tap, geometry().taps(),
                        packed + tap * columns, std::min(jobs.gemm.pass_taps, window.taps() - tap), columns,
                        to.narrow(i), scratch, operands_.code_end()});
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
                pack(jobs, job, window, x, patch_data, packed);
                for (size_t i = 0; i < jobs.correction_blocks; i++)
                    add(operands_.correction_table(), zero_points.block(i), window, corrections, i);
            }
            for (size_t b = begin; b < end; b++)
                add(operands_.table(), weights.block(b), window, sums, b - begin);
        }
        for (size_t b = begin; b < end; b++) {
            const size_t channel = b * kernel.channels;
            finish(Block{jobs, job.tile, job.group * geometry().group_outputs() + channel,
                         std::min<size_t>(kernel.channels, geometry().group_outputs() - channel), sums,
                         b - begin, corrections});
        }
    }
}

void ApproxLayer::pack(const Jobs& jobs, const JobGrid::Job& job, const Window& window, const float* x,
                       uint8_t* patch_data, uint16_t* packed) const {
    const Tiling& tiling = jobs.grid.tiling();
    const LutGemm& kernel = jobs.gemm.kernel;
    const Patch patch = tiling.patch(job.tile, window);
    const QuantizeParameters q = quantize_parameters(definition().parameters.input);
    tiling.fill_patch(
        job.tile, window, patch, tiling.float_source(x, job.group, 1), patch_data,
        [this](size_t) { return definition().padding_byte(); },
        [&](const float* source, size_t, size_t count, uint8_t* target) {
            context().kernels().quantize(source, count, q, target);
        });
    const uint8_t* taps[LutGemm::max_step];
    const uint8_t* moved[LutGemm::max_step];
    for (size_t tap = 0; tap < window.taps(); tap += kernel.step) {
        for (size_t j = 0; j < kernel.step; j++)
            taps[j] =
                tap + j < window.taps() ? patch_data + tiling.tap_offset(window, patch, tap + j) : nullptr;
        uint16_t* step = packed + tap * job.tile.columns();
        tiling.for_each_run(job.tile, window, patch,
                            [&](size_t offset, size_t column, size_t count, size_t stride) {
                                for (size_t j = 0; j < kernel.step; j++)
                                    moved[j] = taps[j] ? taps[j] + offset : nullptr;
                                kernel.pack(moved, count, stride, step + column * kernel.step);
                            });
    }
}

void ApproxLayer::execute(const float* x, int32_t n, ImageSize image, float* y) const {
    execute(x, n, image, epilogue(), y);
}

void ApproxLayer::execute_scaled(const float* x, int32_t n, ImageSize image, float* y) const {
    execute(x, n, image, scaled_epilogue(), y);
}

void ApproxLayer::execute(const float* x, int32_t n, ImageSize image, const Epilogue& epilogue,
                          float* y) const {
    if (geometry().depthwise())
        return run_depthwise(context(), depthwise(true), geometry(), n, image, x,
                             {operands_.offsets(), operands_.offsets_int32(), scales().data(), epilogue, y});
    run(x, n, image, true, [&](const Block& block) {
        operands_.wide() ? dequantize_wide(block, epilogue, y) : dequantize(block, epilogue, y);
    });
}

QuantizedDepthwise ApproxLayer::depthwise(bool corrected) const {
    const ApproxDefinition& d = definition();
    const TableGemm& gemm = operands_.gemm(SIZE_MAX);
    return {operands_.int16_entries() ? context().kernels().lut_depthwise_int16
                                      : context().kernels().lut_depthwise_int32,
            operands_.table().entries.data(),
            operands_.correction_table().entries.data(),
            *d.weights,
            corrected && gemm.correction_blocks.blocks() > 0,
            gemm.pass_taps,
            operands_.wide(),
            d.parameters.input,
            d.padding_byte()};
}

void ApproxLayer::dequantize(const Block& block, const Epilogue& epilogue, float* y) const {
    const size_t stride = block.jobs.gemm.kernel.channels;
    int32_t* sums = block.sums.narrow(block.index);
    if (block.jobs.correction_blocks > 0)
        for (size_t n = 0; n < block.tile.columns(); n++)
            for (size_t c = 0; c < block.channels; c++) {
                const size_t row = operands_.correction_row(block.first_channel + c);
                const int32_t b = block.corrections.narrow(row / stride)[n * stride + row % stride];
                sums[n * stride + c] = (int32_t)((uint32_t)sums[n * stride + c] - (uint32_t)b);
            }
    const size_t pixels = block.jobs.grid.tiling().output().pixels();
    block.jobs.grid.tiling().for_each_output_run(
        block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
            context().kernels().dequantize_interleaved(
                {sums + column * stride, stride, block.channels, count,
                 operands_.offsets_int32() + block.first_channel, scales().data() + block.first_channel,
                 epilogue.bias + block.first_channel, epilogue.lower, epilogue.upper,
                 y + offset + block.first_channel * pixels, pixels, step});
        });
}

void ApproxLayer::dequantize_wide(const Block& block, const Epilogue& epilogue, float* y) const {
    for_each_element(block, [&](size_t channel, size_t element, size_t output) {
        int64_t sum = block.sums.wide(block.index)[element] + operands_.offsets()[channel];
        if (block.jobs.correction_blocks > 0) {
            const size_t row = operands_.correction_row(channel);
            const size_t channels = block.jobs.gemm.kernel.channels;
            const size_t column = element / channels * channels;
            sum -= block.corrections.wide(row / channels)[column + row % channels];
        }
        y[output] = epilogue.limit((float)sum * scales()[channel] + epilogue.bias[channel]);
    });
}

void ApproxLayer::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    const int64_t offset = (int64_t)geometry().taps() * operands_.table().offset;
    if (geometry().depthwise())
        return run_depthwise_sums(context(), depthwise(false), geometry(), n, image, x, offset, sums);
    run(x, n, image, false, [&](const Block& block) {
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
    const size_t pixels = block.jobs.grid.tiling().output().pixels();
    block.jobs.grid.tiling().for_each_output_run(
        block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
            for (size_t c = 0; c < block.channels; c++)
                for (size_t i = 0; i < count; i++)
                    visit(block.first_channel + c, (column + i) * block.jobs.gemm.kernel.channels + c,
                          offset + (block.first_channel + c) * pixels + i * step);
        });
}

std::string ApproxLayer::explain(int32_t n, ImageSize image) const {
    if (geometry().depthwise()) {
        const QuantizedDepthwise layer = depthwise(true);
        return text("depthwise ", layer.kernel.name, ", ", operands_.entry_type(), " entries, ",
                    layer.wide ? "64" : "32", "-bit sums, ",
                    explain_jobs(n, depthwise_jobs(context(), layer, geometry(), n, image).grid));
    }
    const Jobs jobs = this->jobs(n, image, true);
    return text("table GEMM ", jobs.gemm.kernel.name, ", ", operands_.entry_type(), " entries, ",
                operands_.wide() ? "64" : "32", "-bit sums, ", explain_jobs(n, jobs.grid));
}

}  // namespace axnn
