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
    const Sum* column_sums;  // of the values alone, where they were asked for
};

// Runs `weights` over an input. Total is the type of the finished sums: Sum, or int64_t where int32 sums of
// a whole window still fit but those of all windows may not.
template <typename Element, typename Sum, typename Total>
class PanelRun {
    static constexpr bool wide = !std::is_same_v<Sum, Total>;
    // Packed values of a tile should stay in a core's second cache.
    static constexpr size_t budget = size_t{448} << 10;
    static constexpr size_t max_columns = 256;
    static constexpr size_t max_rows = 512;
    // int8: 65 000 products of at most 128 * 255 fit int32.
    static constexpr size_t max_wide_taps = 65000;

  public:
    // ones: null, or one row of ones (a group of its own), whose sums are the column sums.
    PanelRun(const Context& context, const ConvGeometry& geometry, const PanelWeights<Element, Sum>& weights,
             const PanelWeights<Element, Sum>* ones, int32_t n, ImageSize image)
        : context_(context), weights_(weights), ones_(ones), jobs_(jobs(geometry, n, image)) {}

    const JobGrid& grid() const { return jobs_.grid; }

    // padding: of a patch; convert(source, count, target): floats of the input to elements; flip: see
    // PanelGemm::pack_values; finish(const PanelSums<Total>&), at once for different tiles and rows.
    template <typename Convert, typename Finish>
    void run(const float* x, Element padding, const Convert& convert, uint8_t flip,
             const Finish& finish) const {
        context_.run(jobs_.grid.count(), [&](size_t index, Workspace& workspace) {
            run_job(jobs_.grid.job(index), x, padding, convert, flip, workspace, finish);
        });
    }

  private:
    using Kernel = PanelGemm<Element, Sum>;
    const Kernel& kernel() const { return weights_.kernel(); }

    PanelJobs jobs(const ConvGeometry& geometry, int32_t n, ImageSize image) const {
        const size_t largest_blocks = std::max<size_t>(max_rows / kernel().channels, 1);
        const size_t resident = std::min(weights_.blocks(), largest_blocks) + (ones_ ? 1 : 0);
        TileCost cost = {};
        cost.planes = geometry.group_inputs();
        cost.patch_element = sizeof(Element);
        cost.packed_element = kernel().value_size;
        cost.tap_multiple = kernel().step;
        cost.column_multiple = kernel().columns;
        cost.column = resident * kernel().channels * (sizeof(Sum) + (wide ? sizeof(Total) : 0));
        cost.max_columns =
            tile_columns((size_t)n * geometry.output(image).pixels() * (size_t)geometry.groups);
        cost.max_taps = wide ? max_wide_taps : SIZE_MAX;
        cost.budget = budget;
        const Tiling tiling(geometry, n, image, cost);
        size_t splits = ceil_div(context_.threads(), tiling.tiles() * (size_t)geometry.groups);
        splits = std::max(splits, ceil_div(weights_.blocks(), largest_blocks));
        const size_t blocks = ceil_div(weights_.blocks(), std::min(splits, weights_.blocks()));
        return {JobGrid(tiling, ceil_div(weights_.blocks(), blocks)), blocks};
    }

    // Of a tile. Where one would do for all columns of all groups, the threads share the columns, if these
    // are not few: threads that share the rows of weights instead pack the same values each.
    size_t tile_columns(size_t columns) const {
        constexpr size_t few_columns = 64;
        const size_t share = ceil_div(columns, context_.threads());
        return share < few_columns ? max_columns : std::min(max_columns, share);
    }

    template <typename Convert, typename Finish>
    void run_job(const JobGrid::Job& job, const float* x, Element padding, const Convert& convert,
                 uint8_t flip, Workspace& workspace, const Finish& finish) const {
        const Tiling& tiling = jobs_.grid.tiling();
        const size_t channels = kernel().channels;
        const size_t columns = round_up(job.tile.columns(), kernel().columns);
        const size_t first_block = job.split * jobs_.blocks;
        const size_t blocks = std::min(jobs_.blocks, weights_.blocks() - first_block);
        const size_t all_blocks = blocks + (ones_ ? 1 : 0);
        const size_t taps = round_up(tiling.max_window_taps(), kernel().step);

        auto* patch = workspace.take<Element>(tiling.max_patch_size() + Kernel::overrun);
        auto* packed =
            workspace.take<uint8_t>((taps * columns + Kernel::overrun * kernel().step) * kernel().value_size);
        auto* scratch = workspace.take<uint8_t>(scratch_bytes());
        auto* sums = workspace.take<Sum>(all_blocks * channels * columns);
        Total* totals = nullptr;
        if constexpr (wide) {
            totals = workspace.take<Total>(all_blocks * channels * columns);
            std::fill_n(totals, all_blocks * channels * columns, Total{0});
        }

        for (size_t w = 0; w < tiling.windows(); w++) {
            const Window window = tiling.window(w);
            pack(job, window, x, padding, convert, flip, patch, packed, columns);
            const size_t steps = ceil_div(window.taps(), kernel().step);
            for (size_t b = 0; b < all_blocks; b++) {
                const void* block = b < blocks ? weights_.block(job.group, first_block + b, window.first_tap,
                                                                window.taps(), scratch)
                                               : ones_->block(0, 0, window.first_tap, window.taps(), scratch);
                kernel().run(
                    {block, packed, steps, columns, sums + b * channels * columns, columns, !wide && w > 0});
            }
            if constexpr (wide)
                for (size_t i = 0; i < all_blocks * channels * columns; i++) totals[i] += sums[i];
        }
        Total* finished = nullptr;
        if constexpr (wide) finished = totals;
        else finished = sums;
        const size_t first_row = first_block * channels;
        finish(PanelSums<Total>{job.tile, job.group, first_row,
                                std::min(blocks * channels, weights_.group_rows() - first_row), finished,
                                columns, ones_ ? finished + blocks * channels * columns : nullptr});
    }

    // A window that begins inside a step is no larger than this allows.
    size_t scratch_bytes() const {
        const Tiling& tiling = jobs_.grid.tiling();
        if (tiling.windows() == 1 || tiling.window(1).first_tap % kernel().step == 0) return 0;
        return weights_.bytes(tiling.max_window_taps());
    }

    template <typename Convert>
    void pack(const JobGrid::Job& job, const Window& window, const float* x, Element padding,
              const Convert& convert, uint8_t flip, Element* patch_data, uint8_t* packed,
              size_t columns) const {
        const Tiling& tiling = jobs_.grid.tiling();
        const Patch patch = tiling.patch(job.tile, window);
        const size_t plane = tiling.input().pixels();
        tiling.fill_patch(
            job.tile, window, patch, tiling.float_source(x, job.group, 1), patch_data,
            [&](size_t) { return padding; },
            [&](const float* source, size_t, size_t count, Element* target) {
                // The same rows of the next plane, where the hardware sees no stream yet.
                if (count <= plane)
                    for (size_t i = 0; i < count; i += 16) __builtin_prefetch(source + plane + i);
                convert(source, count, target);
            });
        const size_t step = kernel().step;
        const size_t column_bytes = step * kernel().value_size;
        const Element* taps[Kernel::max_step];
        const Element* moved[Kernel::max_step];
        TapOffsets offsets(tiling, window, patch);
        for (size_t tap = 0; tap < window.taps(); tap += step) {
            for (size_t j = 0; j < step; j++)
                taps[j] = tap + j < window.taps() ? patch_data + offsets.next() : nullptr;
            uint8_t* row = packed + tap / step * columns * column_bytes;
            tiling.for_each_columns(job.tile, window, patch, [&](const Tiling::Columns& c) {
                for (size_t j = 0; j < step; j++) moved[j] = taps[j] ? taps[j] + c.offset : nullptr;
                kernel().pack_values(
                    {moved, c.rows, c.row_stride, c.length, c.stride, flip, row + c.first * column_bytes});
            });
            const size_t used = job.tile.columns();
            std::fill_n(row + used * column_bytes, (columns - used) * column_bytes, uint8_t{0});
        }
    }

    const Context& context_;
    const PanelWeights<Element, Sum>& weights_;
    const PanelWeights<Element, Sum>* ones_;
    PanelJobs jobs_;
};

}  // namespace axnn
