#include "layers/approx_layer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "layers/depthwise.hpp"
#include "runtime/error.hpp"

namespace axnn {
namespace {

// Of a workspace: for the sums of the blocks that stay while the windows pass by.
constexpr size_t resident_budget = size_t{1} << 20;
// Columns of a tile whose activations lie in lanes: more bring nothing, since each block of lanes is on its
// own.
constexpr size_t max_lane_columns = 512;

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

// How a run is cut. Lanes are cut into blocks: of output channels where these lie in the lanes, else of a
// tile's columns; the other operand passes by a block as indices.
struct ApproxLayer::Jobs {
    JobGrid grid;
    size_t candidate;
    double cycles;    // that the candidate is expected to take
    size_t blocks;    // of lanes, of a job
    size_t resident;  // blocks whose sums are kept while the windows pass by
};

// The finished sums of one block: some channels of some columns of a tile.
struct ApproxLayer::Block {
    const JobGrid& grid;
    const ApproxOperands::Form& form;
    const Tile& tile;
    size_t first_channel;
    size_t channels;
    size_t first_column;  // of the tile
    size_t columns;
    size_t channel_stride;  // in sums
    size_t column_stride;   // likewise
    const Sums& sums;
    size_t index;             // in sums
    const Sums* corrections;  // those of B, [columns][kernel lanes]; null where it is 0 or not wanted
    const int64_t* parts;     // of activations, one a column; null where they are 0

    // Calls visit(output_offset, first_column, count, stride) for runs of the block's columns: as
    // Tiling::for_each_output_run.
    template <typename Visit>
    void for_each_output_run(const Visit& visit) const {
        grid.tiling().for_each_output_run(
            tile, [&](size_t offset, size_t column, size_t count, size_t stride) {
                const size_t begin = std::max(column, first_column);
                const size_t end = std::min(column + count, first_column + columns);
                if (begin < end) visit(offset + (begin - column) * stride, begin, end - begin, stride);
            });
    }
    size_t element(size_t channel, size_t column) const {
        return channel * channel_stride + (column - first_column) * column_stride;
    }
    // visit(channel, column, element of the output).
    template <typename Visit>
    void for_each_element(const Visit& visit) const {
        const size_t pixels = grid.tiling().output().pixels();
        for_each_output_run([&](size_t offset, size_t column, size_t count, size_t stride) {
            for (size_t c = 0; c < channels; c++)
                for (size_t i = 0; i < count; i++)
                    visit(c, column + i, offset + (first_channel + c) * pixels + i * stride);
        });
    }
    // Of a channel's B: where its sum is in a block of the corrections, and which block.
    size_t correction_block(size_t row) const { return row / correction_lanes(); }
    size_t correction_element(size_t row, size_t column) const {
        return column * correction_lanes() + row % correction_lanes();
    }
    size_t correction_lanes() const { return form.corrections->candidate.kernel.lanes; }
};

ApproxLayer::ApproxLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                         ApproxDefinition definition)
    : QuantizedLayer(std::move(context), geometry, std::move(definition)),
      operands_(this->context(), this->geometry(), this->definition()) {
    const ApproxDefinition& d = this->definition();
    const axnn_structure_use use = d.parameters.structure_use;
    if (use != AXNN_STRUCTURE_NEVER && d.multiplier->structure())
        structure_ = std::make_unique<StructuredSums<uint8_t>>(this->context(), this->geometry(), d,
                                                               d.structure(), operands_.wide());
    require(use != AXNN_STRUCTURE_ALWAYS || structure_, AXNN_ERROR_UNSUPPORTED,
            "approx->structure_use is AXNN_STRUCTURE_ALWAYS, but no structure of at most ",
            ProductStructure::max_terms, " terms is known for this multiplier");
}

bool ApproxLayer::structured(int32_t n, ImageSize image) const {
    if (!structure_) return false;
    if (definition().parameters.structure_use == AXNN_STRUCTURE_ALWAYS) return true;
    // The depthwise kernel reads its table in place; an integer GEMM would have one row.
    if (geometry().depthwise()) return false;
    return structure_->cycles(n, image) < jobs(n, image).cycles;
}

std::optional<ApproxLayer::Jobs> ApproxLayer::jobs(size_t index, int32_t n, ImageSize image) const {
    const TableCandidate& candidate = operands_.candidate(index);
    const LutGemm& kernel = candidate.kernel;
    const bool weights_in_lanes = candidate.lane == LaneOperand::weights;
    const size_t sum_bytes = sizeof(int32_t) + (operands_.wide() ? sizeof(int64_t) : 0);
    const size_t channels = geometry().group_outputs();
    TileCost cost = {};
    cost.planes = geometry().group_inputs();
    cost.patch_element = sizeof(uint8_t);
    cost.column = sizeof(int64_t);  // parts of activations
    cost.budget = Workspace::budget - resident_budget - kernel.scratch_bytes;
    if (weights_in_lanes) {
        cost.packed_element = sizeof(uint16_t);
        cost.tap_multiple = kernel.step;
        cost.column_multiple = 1;
        cost.column += sum_bytes * (kernel.lanes + operands_.correction_lanes(index));
        cost.max_columns = max_table_columns;
    } else {
        if (Sums::bytes(channels * kernel.lanes, operands_.wide()) > resident_budget) return {};
        cost.packed_element = sizeof(uint8_t);
        cost.tap_multiple = 1;
        cost.column_multiple = kernel.lanes;
        cost.max_columns = max_lane_columns;
    }
    const Tiling tiling(geometry(), n, image, cost);
    // Indices are packed for all taps at once.
    if (!weights_in_lanes && tiling.windows() > 1) return {};

    const size_t blocks = ceil_div(weights_in_lanes ? channels : tiling.max_tile_columns(), kernel.lanes);
    // With one window a block is finished before the next one starts.
    const size_t block_bytes = Sums::bytes(tiling.max_tile_columns() * kernel.lanes, operands_.wide());
    const size_t resident = tiling.windows() == 1 ? 1 : std::min(blocks, 1 + resident_budget / block_bytes);
    size_t splits = balanced_splits(tiling.tiles() * (size_t)geometry().groups, blocks, context().threads());
    if (tiling.windows() > 1) splits = std::max(splits, ceil_div(blocks, resident));
    const size_t job_blocks = ceil_div(blocks, std::min(splits, blocks));
    return Jobs{JobGrid(tiling, ceil_div(blocks, job_blocks)), index, 0, job_blocks, resident};
}

// The candidate that takes the fewest cycles and can be run.
ApproxLayer::Jobs ApproxLayer::jobs(int32_t n, ImageSize image) const {
    const size_t columns = (size_t)n * geometry().output(image).pixels();
    struct Choice {
        double cycles;
        size_t candidate;
    };
    std::array<Choice, ApproxOperands::max_candidates> choices;
    const size_t count = operands_.candidates();
    for (size_t i = 0; i < count; i++)
        choices[i] = {table_gemm_cycles(operands_.candidate(i), operands_.size(i, columns)), i};
    std::sort(choices.begin(), choices.begin() + count,
              [](const Choice& a, const Choice& b) { return a.cycles < b.cycles; });
    for (size_t i = 0; i < count; i++)
        if (std::optional<Jobs> jobs = this->jobs(choices[i].candidate, n, image)) {
            jobs->cycles = choices[i].cycles;
            return *jobs;
        }
    throw Error(AXNN_ERROR_INTERNAL, "no table GEMM can run this layer");
}

template <typename Finish>
void ApproxLayer::run(const float* x, int32_t n, ImageSize image, bool corrected,
                      const Finish& finish) const {
    const Jobs jobs = this->jobs(n, image);
    const ApproxOperands::Form& form = operands_.form(jobs.candidate);
    context().run(jobs.grid.count(), [&](size_t index, Workspace& workspace) {
        run_job(jobs, form, index, x, corrected && form.corrections, workspace, finish);
    });
}

// The activations of a tile and window as a kernel wants them.
class ApproxLayer::Packed {
  public:
    Packed(const ApproxLayer& layer, const Jobs& jobs, const ApproxOperands::Form& form, const Tile& tile,
           Workspace& workspace)
        : layer_(layer), tiling_(jobs.grid.tiling()), gemm_(form.gemm), tile_(tile) {
        patch_ = workspace.take<uint8_t>(tiling_.max_patch_size());
        const size_t lanes = gemm_.kernel().lanes, taps = tiling_.max_window_taps();
        if (gemm_.weights_in_lanes())
            indices_ = workspace.take<uint16_t>(round_up(taps, gemm_.kernel().step) * tile.columns());
        else lanes_ = workspace.take<uint8_t>(round_up(tile.columns(), lanes) * taps);
        if (!gemm_.candidate().fit.has_activation_part) return;
        parts_ = workspace.take<int64_t>(tile.columns());
        std::fill_n(parts_, tile.columns(), 0);
    }

    void fill(size_t group, const Window& window, const float* x) {
        const Patch patch = tiling_.patch(tile_, window);
        const QuantizeParameters q = quantize_parameters(layer_.definition().parameters.input);
        tiling_.fill_patch(
            tile_, window, patch, tiling_.float_source(x, group, 1), patch_,
            [&](size_t) { return layer_.definition().padding_byte(); },
            [&](const float* source, size_t, size_t count, uint8_t* target) {
                layer_.context().kernels().quantize(source, count, q, target);
            });
        gemm_.weights_in_lanes() ? fill_indices(window, patch) : fill_lanes(window, patch);
        if (parts_) add_parts(window, patch);
    }

    // Where activations are the indices, [ceil(taps / step)][columns][step].
    const uint16_t* indices() const { return indices_; }
    // Where they are the lanes: a block of these, [taps][lanes].
    const uint8_t* lanes(size_t block) const {
        return lanes_ + block * gemm_.kernel().lanes * tiling_.max_window_taps();
    }
    // Sums of the parts of activations over the windows so far, one a column; null where they are 0.
    const int64_t* parts() const { return parts_; }

  private:
    void fill_indices(const Window& window, const Patch& patch) {
        const LutGemm& kernel = gemm_.kernel();
        const uint8_t* taps[LutGemm::max_step];
        const uint8_t* moved[LutGemm::max_step];
        TapOffsets offsets(tiling_, window, patch);
        for (size_t tap = 0; tap < window.taps(); tap += kernel.step) {
            for (size_t j = 0; j < kernel.step; j++)
                taps[j] = tap + j < window.taps() ? patch_ + offsets.next() : nullptr;
            uint16_t* step = indices_ + tap * tile_.columns();
            tiling_.for_each_run(tile_, window, patch,
                                 [&](size_t offset, size_t column, size_t count, size_t stride) {
                                     for (size_t j = 0; j < kernel.step; j++)
                                         moved[j] = taps[j] ? taps[j] + offset : nullptr;
                                     kernel.pack(moved, count, stride, step + column * kernel.step);
                                 });
        }
    }

    // Lanes beyond the last column are zeros.
    void fill_lanes(const Window& window, const Patch& patch) {
        const size_t lanes = gemm_.kernel().lanes, taps = window.taps(), columns = tile_.columns();
        const size_t rest = columns % lanes;
        TapOffsets offsets(tiling_, window, patch);
        for (size_t tap = 0; tap < taps; tap++) {
            const uint8_t* source = patch_ + offsets.next();
            // Of column n: lane n % lanes of block n / lanes.
            uint8_t* target = lanes_ + tap * lanes;
            if (rest) std::fill_n(target + columns / lanes * lanes * taps + rest, lanes - rest, uint8_t{0});
            tiling_.for_each_run(tile_, window, patch,
                                 [&](size_t offset, size_t column, size_t count, size_t stride) {
                                     const uint8_t* from = source + offset;
                                     while (count > 0) {
                                         const size_t lane = column % lanes;
                                         const size_t run = std::min(count, lanes - lane);
                                         uint8_t* to = target + column / lanes * lanes * taps + lane;
                                         for (size_t i = 0; i < run; i++) to[i] = from[i * stride];
                                         from += run * stride;
                                         column += run;
                                         count -= run;
                                     }
                                 });
        }
    }

    void add_parts(const Window& window, const Patch& patch) {
        const auto& part = gemm_.candidate().fit.activation_part;
        TapOffsets offsets(tiling_, window, patch);
        for (size_t tap = 0; tap < window.taps(); tap++) {
            const uint8_t* source = patch_ + offsets.next();
            tiling_.for_each_run(tile_, window, patch,
                                 [&](size_t offset, size_t column, size_t count, size_t stride) {
                                     for (size_t i = 0; i < count; i++)
                                         parts_[column + i] += part[source[offset + i * stride]];
                                 });
        }
    }

    const ApproxLayer& layer_;
    const Tiling& tiling_;
    const TableGemm& gemm_;
    const Tile& tile_;
    uint8_t* patch_;
    uint16_t* indices_ = nullptr;
    uint8_t* lanes_ = nullptr;
    int64_t* parts_ = nullptr;
};

// Sums of some blocks over all windows of a tile. One window: a block is summed and finished before the
// next, and packed once for all. More windows: all blocks of the job stay while the windows pass by.
template <typename Finish>
void ApproxLayer::run_job(const Jobs& jobs, const ApproxOperands::Form& form, size_t index, const float* x,
                          bool corrected, Workspace& workspace, const Finish& finish) const {
    const Tiling& tiling = jobs.grid.tiling();
    const TableGemm& gemm = form.gemm;
    const LutGemm& kernel = gemm.kernel();
    const JobGrid::Job job = jobs.grid.job(index);
    const size_t columns = job.tile.columns(), channels = geometry().group_outputs();
    const size_t lanes = gemm.weights_in_lanes() ? channels : columns;
    const size_t count = gemm.weights_in_lanes() ? columns : channels;
    const size_t first_block = job.split * jobs.blocks;
    const size_t last_block = std::min(first_block + jobs.blocks, ceil_div(lanes, kernel.lanes));

    Packed packed(*this, jobs, form, job.tile, workspace);
    void* scratch = workspace.take<uint8_t>(kernel.scratch_bytes);
    Sums sums(workspace, jobs.resident, count * kernel.lanes, operands_.wide());
    std::optional<Sums> corrections;
    if (corrected) {
        corrections.emplace(workspace, form.corrections->rows.blocks(),
                            columns * form.corrections->candidate.kernel.lanes, operands_.wide());
        corrections->clear();
    }

    // to[i] += the products of the window's taps with a block of lanes.
    const auto add = [&](const TableCandidate& candidate, const KernelTable& table, const uint8_t* block,
                         const uint16_t* indices, const Window& window, Sums& to, size_t i) {
        for (size_t tap = 0; tap < window.taps(); tap += candidate.pass_taps) {
            candidate.kernel.run({table.data.data(), block + tap * candidate.kernel.lanes,
                                  indices + tap * count, count,
                                  std::min(candidate.pass_taps, window.taps() - tap), count, to.narrow(i),
                                  scratch, table.lane_end, table.index_end, table.odd});
            to.end_pass(i);
        }
    };
    const auto add_block = [&](const Window& window, size_t block, size_t i) {
        if (gemm.weights_in_lanes())
            add(gemm.candidate(), gemm.table(),
                gemm.lane_weights(job.group).block(block) + window.first_tap * kernel.lanes, packed.indices(),
                window, sums, i);
        else
            add(gemm.candidate(), gemm.table(), packed.lanes(block), gemm.index_weights(job.group).data(),
                window, sums, i);
    };
    const auto add_corrections = [&](const Window& window) {
        const ApproxOperands::Corrections& b = *form.corrections;
        for (size_t i = 0; i < b.rows.blocks(); i++)
            add(b.candidate, b.table, b.rows.block(i) + window.first_tap * b.candidate.kernel.lanes,
                packed.indices(), window, *corrections, i);
    };
    for (size_t begin = first_block; begin < last_block; begin += jobs.resident) {
        const size_t end = std::min(begin + jobs.resident, last_block);
        sums.clear();
        for (size_t w = 0; w < tiling.windows(); w++) {
            const Window window = tiling.window(w);
            if (begin == first_block) {
                packed.fill(job.group, window, x);
                if (corrected) add_corrections(window);
            }
            for (size_t b = begin; b < end; b++) add_block(window, b, b - begin);
        }
        for (size_t b = begin; b < end; b++) {
            const size_t lane = b * kernel.lanes, present = std::min<size_t>(kernel.lanes, lanes - lane);
            const size_t group_channel = job.group * channels;
            const Sums* const rows = corrected ? &*corrections : nullptr;
            if (gemm.weights_in_lanes())
                finish(Block{jobs.grid, form, job.tile, group_channel + lane, present, 0, columns, 1,
                             kernel.lanes, sums, b - begin, rows, packed.parts()});
            else
                finish(Block{jobs.grid, form, job.tile, group_channel, channels, lane, present, kernel.lanes,
                             1, sums, b - begin, rows, packed.parts()});
        }
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
    if (structured(n, image)) return structure_->execute(x, n, image, scales(), epilogue, y);
    if (geometry().depthwise()) {
        const ApproxOperands::Depthwise& d = operands_.depthwise();
        return run_depthwise(context(), depthwise(true), geometry(), n, image, x,
                             {d.offsets.data(), d.offsets_int32.data(), scales().data(), epilogue, y});
    }
    run(x, n, image, true, [&](const Block& block) {
        operands_.wide() ? dequantize_wide(block, epilogue, y) : dequantize(block, epilogue, y);
    });
}

QuantizedDepthwise ApproxLayer::depthwise(bool corrected) const {
    const ApproxOperands::Depthwise& d = operands_.depthwise();
    return {
        d.int16_entries ? context().kernels().lut_depthwise_int16 : context().kernels().lut_depthwise_int32,
        d.table.data(),
        d.correction_table.data(),
        *definition().weights,
        corrected && operands_.corrected(),
        d.pass_taps,
        operands_.wide(),
        definition().parameters.input,
        definition().padding_byte()};
}

void ApproxLayer::dequantize(const Block& block, const Epilogue& epilogue, float* y) const {
    int32_t* sums = block.sums.narrow(block.index);
    if (block.corrections || block.parts)
        for (size_t c = 0; c < block.channels; c++)
            for (size_t n = block.first_column; n < block.first_column + block.columns; n++) {
                uint32_t sum = (uint32_t)sums[block.element(c, n)];
                if (block.parts) sum += (uint32_t)block.parts[n];
                if (block.corrections) {
                    const size_t row = operands_.correction_row(block.first_channel + c);
                    sum -= (uint32_t)block.corrections->narrow(
                        block.correction_block(row))[block.correction_element(row, n)];
                }
                sums[block.element(c, n)] = (int32_t)sum;
            }
    const size_t pixels = block.grid.tiling().output().pixels();
    const size_t first = block.first_channel;
    const bool interleaved = block.channel_stride == 1;
    const DequantizeKernel kernel =
        interleaved ? context().kernels().dequantize_interleaved : context().kernels().dequantize_planar;
    block.for_each_output_run([&](size_t offset, size_t column, size_t count, size_t step) {
        kernel({sums + block.element(0, column), interleaved ? block.column_stride : block.channel_stride,
                block.channels, count, block.form.offsets_int32.data() + first, scales().data() + first,
                epilogue.bias + first, epilogue.lower, epilogue.upper, y + offset + first * pixels, pixels,
                step});
    });
}

void ApproxLayer::dequantize_wide(const Block& block, const Epilogue& epilogue, float* y) const {
    block.for_each_element([&](size_t c, size_t column, size_t output) {
        const size_t channel = block.first_channel + c;
        int64_t sum = block.sums.wide(block.index)[block.element(c, column)] + block.form.offsets[channel];
        if (block.parts) sum += block.parts[column];
        if (block.corrections) {
            const size_t row = operands_.correction_row(channel);
            sum -=
                block.corrections->wide(block.correction_block(row))[block.correction_element(row, column)];
        }
        y[output] = epilogue.limit((float)sum * scales()[channel] + epilogue.bias[channel]);
    });
}

void ApproxLayer::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    if (structured(n, image)) return structure_->execute_sums(x, n, image, sums);
    if (geometry().depthwise())
        return run_depthwise_sums(context(), depthwise(false), geometry(), n, image, x,
                                  operands_.depthwise().weight_parts.data(), sums);
    run(x, n, image, false, [&](const Block& block) {
        block.for_each_element([&](size_t c, size_t column, size_t output) {
            const size_t element = block.element(c, column);
            const int64_t offset = block.form.gemm.weight_parts()[block.first_channel + c] +
                                   (block.parts ? block.parts[column] : 0);
            sums[output] =
                operands_.wide()
                    ? block.sums.wide(block.index)[element] + offset
                    : (int32_t)((uint32_t)block.sums.narrow(block.index)[element] + (uint32_t)offset);
        });
    });
}

std::string ApproxLayer::explain(int32_t n, ImageSize image) const {
    if (!structured(n, image)) return explain_table(n, image) + explain_choice(n, image);
    return text("structured GEMM ", structure_->kernel_name(), ", ", structure_->passes(), " passes, ",
                operands_.wide() ? "64" : "32", "-bit sums, ", explain_jobs(n, structure_->grid(n, image)),
                explain_choice(n, image));
}

// Why the table or the structure is used.
std::string ApproxLayer::explain_choice(int32_t n, ImageSize image) const {
    switch (definition().parameters.structure_use) {
        case AXNN_STRUCTURE_NEVER:
            return "; the structure must not be used";
        case AXNN_STRUCTURE_ALWAYS:
            return "; the structure must be used";
        default:
            break;
    }
    if (!structure_) return "; no structure of few terms is known";
    if (geometry().depthwise()) return "; depthwise layers use the table";
    const Jobs table = jobs(n, image);
    const double structured = structure_->cycles(n, image);
    const auto times = [](double ratio) { return (double)(int)(ratio * 10) / 10; };
    return structured < table.cycles
               ? text("; table GEMM ", operands_.candidate(table.candidate).name(), " is expected to take ",
                      times(table.cycles / structured), " times as long")
               : text("; the structure's ", structure_->passes(), " passes are expected to take ",
                      times(structured / table.cycles), " times as long");
}

std::string ApproxLayer::explain_table(int32_t n, ImageSize image) const {
    if (geometry().depthwise()) {
        const QuantizedDepthwise layer = depthwise(true);
        return text("depthwise ", layer.kernel.name, ", ",
                    operands_.depthwise().int16_entries ? "int16" : "int32", " entries, ",
                    layer.wide ? "64" : "32", "-bit sums, ",
                    explain_jobs(n, depthwise_jobs(context(), layer, geometry(), n, image).grid));
    }
    const Jobs jobs = this->jobs(n, image);
    const TableCandidate& candidate = operands_.candidate(jobs.candidate);
    return text("table GEMM ", candidate.name(), ", ", operands_.wide() ? "64" : "32", "-bit sums, ",
                explain_jobs(n, jobs.grid));
}

}  // namespace axnn
