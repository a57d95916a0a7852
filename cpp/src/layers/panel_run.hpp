// A layer as a panel GEMM: the output cut into tiles, each tile's input packed once, then multiplied with
// all blocks of weights.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include "kernels/kernels.hpp"
#include "layers/tiling.hpp"
#include "layers/window_sums.hpp"
#include "runtime/aligned_buffer.hpp"
#include "runtime/context.hpp"

namespace axnn {

// Rows of weights in the blocks of a panel GEMM, each group on its own.
template <typename Element, typename Sum>
class PanelWeights {
  public:
    using Kernel = PanelGemm<Element, Sum>;

    // rows: [groups][rows of a group][taps]; must outlive this. Packs on the context's threads.
    PanelWeights(const Context& context, const Kernel& kernel, const Element* rows, size_t groups,
                 size_t group_rows, size_t taps)
        : kernel_(kernel),
          rows_(rows),
          group_rows_(group_rows),
          taps_(taps),
          block_bytes_(round_up(bytes(taps), 64)),
          packed_(groups * blocks() * block_bytes_) {
        context.run_without_workspace(groups * blocks(), [&](size_t i) {
            pack(i / blocks(), i % blocks(), 0, taps_, packed_.data() + i * block_bytes_);
        });
    }

    const Kernel& kernel() const { return kernel_; }
    size_t group_rows() const { return group_rows_; }
    // Blocks of a group.
    size_t blocks() const { return ceil_div(group_rows_, kernel_.channels); }
    // Bytes of a block of so many taps.
    size_t bytes(size_t taps) const {
        return round_up(taps, kernel_.step) * kernel_.channels * kernel_.weight_size;
    }

    // The weights of a window's taps. Packed steps are cut where the window begins, if that is where one
    // ends; else the window is packed into scratch, bytes(taps) of it.
    const void* block(size_t group, size_t index, size_t first_tap, size_t taps, void* scratch) const {
        if (first_tap % kernel_.step == 0)
            return packed_.data() + (group * blocks() + index) * block_bytes_ + bytes(first_tap);
        pack(group, index, first_tap, taps, scratch);
        return scratch;
    }

  private:
    static constexpr size_t max_channels = 16;

    void pack(size_t group, size_t index, size_t first_tap, size_t taps, void* packed) const {
        const Element* rows[max_channels];
        for (size_t c = 0; c < kernel_.channels; c++) {
            const size_t row = index * kernel_.channels + c;
            rows[c] = row < group_rows_ ? rows_ + (group * group_rows_ + row) * taps_ + first_tap : nullptr;
        }
        kernel_.pack_weights(rows, taps, packed);
    }

    Kernel kernel_;
    const Element* rows_;
    size_t group_rows_;
    size_t taps_;
    size_t block_bytes_;
    AlignedBuffer<uint8_t> packed_;
};

// A GEMM of weights with values made of the codes of a patch. Where there are features, values are functions
// of a code: features.size() of them stand for each tap, side by side in K, as they do in the weights.
template <typename Element, typename Sum>
struct PanelPass {
    const PanelWeights<Element, Sum>* weights;
    // Each a table by code; none: the codes are the values.
    std::vector<const Element*> features;
    int64_t coefficient = 1;  // of this pass's sums in the total

    size_t values() const { return std::max<size_t>(features.size(), 1); }
};

// What a run adds up.
template <typename Element, typename Sum>
struct PanelOperands {
    PanelOperands() = default;
    // One pass, of codes that are the values.
    explicit PanelOperands(const PanelWeights<Element, Sum>& weights) {
        passes.emplace_back();
        passes.back().weights = &weights;
    }

    std::vector<PanelPass<Element, Sum>> passes;  // over the same rows; their sums are added
    // Tables by code, whose sums over the window of each column are wanted.
    std::vector<const int64_t*> column_functions;
    // Where totals are wider than sums: taps whose sums fit.
    size_t max_taps = SIZE_MAX;
};

// How a run is cut into jobs.
struct PanelJobs {
    JobGrid grid;
    size_t blocks;  // of weights, of a job
};

// Finished sums of some rows of a group for one tile: those of row r are at sums + r * stride.
template <typename Sum>
struct PanelSums {
    const Tile& tile;
    size_t group;
    size_t first_row;
    size_t rows;
    Sum* sums;  // the receiver may change them
    size_t stride;
    const int64_t* functions;  // sums of the column functions, [functions][stride]
};

// Runs operands over an input. Total is the type of the finished sums: Sum, or int64_t where int32 sums of
// a whole window still fit but those of all windows may not. Code is what the input is converted to: that of
// the values, or what features are functions of.
template <typename Element, typename Sum, typename Total, typename Code = Element>
class PanelRun {
    static constexpr bool wide = !std::is_same_v<Sum, Total>;
    static constexpr bool plain = std::is_same_v<Code, Element>;  // codes can be values
    // Packed values of a tile should stay in a core's second cache.
    static constexpr size_t budget = size_t{448} << 10;
    static constexpr size_t max_columns = 256;
    static constexpr size_t max_rows = 512;

  public:
    using Operands = PanelOperands<Element, Sum>;

    // operands: outlive this; at least one pass.
    PanelRun(const Context& context, const ConvGeometry& geometry, const Operands& operands, int32_t n,
             ImageSize image)
        : context_(context), operands_(operands), jobs_(jobs(geometry, n, image)) {}

    const JobGrid& grid() const { return jobs_.grid; }

    // padding: of a patch; convert(source, count, target): floats of the input to codes; flip: see
    // PanelGemm::pack_values; finish(const PanelSums<Total>&), at once for different tiles and rows.
    template <typename Convert, typename Finish>
    void run(const float* x, Code padding, const Convert& convert, uint8_t flip, const Finish& finish) const {
        context_.run(jobs_.grid.count(), [&](size_t index, Workspace& workspace) {
            run_job(jobs_.grid.job(index), x, padding, convert, flip, workspace, finish);
        });
    }

  private:
    using Kernel = PanelGemm<Element, Sum>;
    using Pass = PanelPass<Element, Sum>;
    using Weights = PanelWeights<Element, Sum>;
    const Weights& weights() const { return *operands_.passes[0].weights; }
    const Kernel& kernel() const { return weights().kernel(); }
    // The sums of the only pass grow with the windows and become the totals in their place.
    bool accumulates() const { return !wide && operands_.passes.size() == 1; }
    size_t values() const {
        size_t most = 0;
        for (const Pass& pass : operands_.passes) most = std::max(most, pass.values());
        return most;
    }
    size_t features() const {
        size_t most = 0;
        for (const Pass& pass : operands_.passes) most = std::max(most, pass.features.size());
        return most;
    }

    PanelJobs jobs(const ConvGeometry& geometry, int32_t n, ImageSize image) const {
        const size_t largest_blocks = std::max<size_t>(max_rows / kernel().channels, 1);
        const size_t resident = std::min(weights().blocks(), largest_blocks);
        TileCost cost = {};
        cost.planes = geometry.group_inputs();
        cost.patch_element = sizeof(Code) + features() * sizeof(Element) +
                             (operands_.column_functions.empty() ? 0 : sizeof(int64_t));
        cost.packed_element = kernel().value_size * values();
        cost.tap_multiple = kernel().step;
        cost.column_multiple = kernel().columns;
        cost.column = resident * kernel().channels * (sizeof(Sum) + (accumulates() ? 0 : sizeof(Total))) +
                      operands_.column_functions.size() * sizeof(int64_t);
        cost.max_columns =
            tile_columns((size_t)n * geometry.output(image).pixels() * (size_t)geometry.groups);
        cost.max_taps = wide ? operands_.max_taps : SIZE_MAX;
        // Totals are added to once a window: they may lie beyond the second cache, but windows must be few.
        cost.budget = budget + (accumulates() ? 0 : cost.column * cost.max_columns);
        const Tiling tiling(geometry, n, image, cost);
        size_t splits = ceil_div(context_.threads(), tiling.tiles() * (size_t)geometry.groups);
        splits = std::max(splits, ceil_div(weights().blocks(), largest_blocks));
        const size_t blocks = ceil_div(weights().blocks(), std::min(splits, weights().blocks()));
        return {JobGrid(tiling, ceil_div(weights().blocks(), blocks)), blocks};
    }

    // Of a tile. Where one would do for all columns of all groups, the threads share the columns, if these
    // are not few: threads that share the rows of weights instead pack the same values each.
    size_t tile_columns(size_t columns) const {
        constexpr size_t few_columns = 64;
        const size_t share = ceil_div(columns, context_.threads());
        return share < few_columns ? max_columns : std::min(max_columns, share);
    }

    // The memory of a job.
    struct Buffers {
        size_t columns;         // of the tile, rounded up
        size_t feature_stride;  // elements between the planes of two features
        Code* patch;
        Element* features;  // of the patch, one after the other
        uint8_t* packed;
        uint8_t* scratch;
        int64_t* planes;
        int64_t* functions;
    };

    template <typename Convert, typename Finish>
    void run_job(const JobGrid::Job& job, const float* x, Code padding, const Convert& convert, uint8_t flip,
                 Workspace& workspace, const Finish& finish) const {
        const Tiling& tiling = jobs_.grid.tiling();
        const size_t channels = kernel().channels;
        const size_t first_block = job.split * jobs_.blocks;
        const size_t blocks = std::min(jobs_.blocks, weights().blocks() - first_block);
        const bool accumulate = accumulates();
        const Buffers b = buffers(job.tile, workspace);
        const size_t block_sums = channels * b.columns;
        auto* sums = workspace.take<Sum>(blocks * block_sums);
        Total* totals = nullptr;
        if (!accumulate) {
            totals = workspace.take<Total>(blocks * block_sums);
            std::fill_n(totals, blocks * block_sums, Total{0});
        }

        for (size_t w = 0; w < tiling.windows(); w++) {
            const Window window = tiling.window(w);
            fill(job, window, x, padding, convert, b);
            const Pass* packed = nullptr;
            for (const Pass& pass : operands_.passes) {
                if (!packed || packed->features != pass.features) pack(job, window, pass, flip, b);
                packed = &pass;
                const size_t first = window.first_tap * pass.values(), taps = window.taps() * pass.values();
                const size_t steps = ceil_div(taps, kernel().step);
                for (size_t i = 0; i < blocks; i++) {
                    const void* block =
                        pass.weights->block(job.group, first_block + i, first, taps, b.scratch);
                    kernel().run({block, b.packed, steps, b.columns, sums + i * block_sums, b.columns,
                                  accumulate && w > 0});
                }
                if constexpr (std::is_integral_v<Total>)
                    if (!accumulate) add(sums, blocks * block_sums, pass.coefficient, totals);
            }
        }
        Total* finished = nullptr;
        if constexpr (wide) finished = totals;
        else finished = accumulate ? sums : totals;
        if constexpr (std::is_integral_v<Total>)
            if (accumulate && operands_.passes[0].coefficient != 1)
                scale(finished, blocks * block_sums, operands_.passes[0].coefficient);
        const size_t first_row = first_block * channels;
        finish(PanelSums<Total>{job.tile, job.group, first_row,
                                std::min(blocks * channels, weights().group_rows() - first_row), finished,
                                b.columns, b.functions});
    }

    Buffers buffers(const Tile& tile, Workspace& workspace) const {
        const Tiling& tiling = jobs_.grid.tiling();
        Buffers b = {};
        b.columns = round_up(tile.columns(), kernel().columns);
        b.feature_stride = tiling.max_patch_size() + Kernel::overrun;
        b.patch = workspace.take<Code>(tiling.max_patch_size() + Kernel::overrun);
        b.features = workspace.take<Element>(features() * b.feature_stride);
        const size_t taps = round_up(tiling.max_window_taps() * values(), kernel().step);
        b.packed = workspace.take<uint8_t>((taps * b.columns + Kernel::overrun * kernel().step) *
                                           kernel().value_size);
        b.scratch = workspace.take<uint8_t>(scratch_bytes());
        if (!operands_.column_functions.empty()) {
            b.planes = workspace.take<int64_t>(tiling.max_patch_size());
            b.functions = workspace.take<int64_t>(operands_.column_functions.size() * b.columns);
            std::fill_n(b.functions, operands_.column_functions.size() * b.columns, 0);
        }
        return b;
    }

    // Both modulo 2^bits of a total: totals *= coefficient, totals += coefficient * sums.
    using Unsigned = std::conditional_t<wide, uint64_t, uint32_t>;
    static void scale(Total* totals, size_t count, int64_t coefficient) {
        const auto c = (Unsigned)coefficient;
        for (size_t i = 0; i < count; i++) totals[i] = (Total)(c * (Unsigned)totals[i]);
    }
    static void add(const Sum* sums, size_t count, int64_t coefficient, Total* totals) {
        const auto c = (Unsigned)coefficient;
        for (size_t i = 0; i < count; i++)
            totals[i] = (Total)((Unsigned)totals[i] + c * (Unsigned)(Total)sums[i]);
    }

    // A window that begins inside a step is no larger than this allows.
    size_t scratch_bytes() const {
        const Tiling& tiling = jobs_.grid.tiling();
        if (tiling.windows() == 1 || tiling.window(1).first_tap % kernel().step == 0) return 0;
        return weights().bytes(tiling.max_window_taps() * values());
    }

    static void map_codes(const Kernels& kernels, const uint8_t* codes, size_t count, const uint8_t* table,
                          uint8_t* values) {
        kernels.map_bytes(codes, count, table, values);
    }
    static void map_codes(const Kernels&, const uint16_t* codes, size_t count, const int16_t* table,
                          int16_t* values) {
        for (size_t i = 0; i < count; i++) values[i] = table[codes[i]];
    }

    template <typename Convert>
    void fill(const JobGrid::Job& job, const Window& window, const float* x, Code padding,
              const Convert& convert, const Buffers& b) const {
        const Tiling& tiling = jobs_.grid.tiling();
        const Patch patch = tiling.patch(job.tile, window);
        const size_t plane = tiling.input().pixels();
        tiling.fill_patch(
            job.tile, window, patch, tiling.float_source(x, job.group, 1), b.patch,
            [&](size_t) { return padding; },
            [&](const float* source, size_t, size_t count, Code* target) {
                // The same rows of the next plane, where the hardware sees no stream yet.
                if (count <= plane)
                    for (size_t i = 0; i < count; i += 16) __builtin_prefetch(source + plane + i);
                convert(source, count, target);
            });
        if constexpr (std::is_integral_v<Code>)
            for (size_t f = 0; f < operands_.column_functions.size(); f++)
                add_window_sums(tiling, job.tile, window, patch, b.patch, operands_.column_functions[f],
                                b.planes, b.functions + f * b.columns);
    }

    void pack(const JobGrid::Job& job, const Window& window, const Pass& pass, uint8_t flip,
              const Buffers& b) const {
        const Tiling& tiling = jobs_.grid.tiling();
        const Patch patch = tiling.patch(job.tile, window);
        const size_t elements = job.tile.images * window.planes * patch.plane_size();
        if constexpr (std::is_integral_v<Code>)
            for (size_t f = 0; f < pass.features.size(); f++)
                map_codes(context_.kernels(), b.patch, elements, pass.features[f],
                          b.features + f * b.feature_stride);
        const Element* planes = b.features;
        if constexpr (plain)
            if (pass.features.empty()) planes = b.patch;
        const size_t step = kernel().step;
        const size_t column_bytes = step * kernel().value_size;
        const size_t taps = window.taps() * pass.values();
        const Element* values[Kernel::max_step];
        const Element* moved[Kernel::max_step];
        TapOffsets offsets(tiling, window, patch);
        size_t offset = 0;   // of the tap
        size_t feature = 0;  // the next one of this tap
        for (size_t k = 0; k < taps; k += step) {
            for (size_t j = 0; j < step; j++) {
                if (k + j >= taps) {
                    values[j] = nullptr;
                    continue;
                }
                if (feature == 0) offset = offsets.next();
                values[j] = planes + feature * b.feature_stride + offset;
                if (++feature == pass.values()) feature = 0;
            }
            uint8_t* row = b.packed + k / step * b.columns * column_bytes;
            tiling.for_each_columns(job.tile, window, patch, [&](const Tiling::Columns& c) {
                for (size_t j = 0; j < step; j++) moved[j] = values[j] ? values[j] + c.offset : nullptr;
                kernel().pack_values(
                    {moved, c.rows, c.row_stride, c.length, c.stride, flip, row + c.first * column_bytes});
            });
            const size_t used = job.tile.columns();
            std::fill_n(row + used * column_bytes, (b.columns - used) * column_bytes, uint8_t{0});
        }
    }

    const Context& context_;
    const Operands& operands_;
    PanelJobs jobs_;
};

}  // namespace axnn
