#include "layers/depthwise.hpp"

#include <string.h>

#include <algorithm>

#include "layers/depthwise_pass.hpp"

namespace axnn {
namespace {

constexpr size_t max_columns = 4096;

// element: bytes of a value in the patch; column_bytes: of all sums of a column.
DepthwiseJobs make_jobs(const Context& context, const ConvGeometry& geometry, int32_t n, ImageSize image,
                        size_t element, size_t column_bytes, size_t scratch_bytes) {
    TileCost cost = {};
    cost.planes = 1;
    cost.patch_element = element;
    cost.packed_element = 0;
    cost.tap_multiple = 1;
    cost.column_multiple = 1;
    cost.column = column_bytes;
    cost.max_columns = max_columns;
    cost.budget = Workspace::budget - scratch_bytes;
    const Tiling tiling(geometry, n, image, cost);
    const size_t outputs = geometry.group_outputs();
    const size_t splits =
        balanced_splits(tiling.tiles() * (size_t)geometry.groups, outputs, context.threads());
    const size_t channels = ceil_div(outputs, splits);
    return {JobGrid(tiling, ceil_div(outputs, channels)), channels};
}

// run(output channel) for those of a job.
template <typename Run>
void for_each_channel(const DepthwiseJobs& jobs, const JobGrid::Job& job, const Run& run) {
    const size_t outputs = jobs.grid.tiling().geometry().group_outputs();
    const size_t first = job.split * jobs.channels;
    const size_t last = std::min(first + jobs.channels, outputs);
    for (size_t c = first; c < last; c++) run(job.group * outputs + c);
}

// The input of a job, converted; it stays while one channel after the other reads the same window.
template <typename Element, typename Convert>
class Input {
  public:
    // convert(source, count, target): floats to elements.
    Input(const Tiling& tiling, const JobGrid::Job& job, const float* x, Element padding,
          const Convert& convert, Workspace& workspace)
        : tiling_(tiling),
          job_(job),
          x_(x),
          padding_(padding),
          convert_(convert),
          values_(workspace.take<Element>(tiling.max_patch_size())) {}

    // add(window, pass of its taps over one image), with weights and sums still to be set.
    template <typename Sum, typename Add>
    void for_each_window(const Add& add) {
        for (size_t w = 0; w < tiling_.windows(); w++) {
            const Window window = tiling_.window(w);
            const Patch patch = tiling_.patch(job_.tile, window);
            if (w != filled_) fill(window, patch);
            filled_ = w;
            add(window, depthwise_pass<Element, Sum>(tiling_, job_.tile, window, patch, values_));
        }
    }

  private:
    void fill(const Window& window, const Patch& patch) {
        tiling_.fill_patch(
            job_.tile, window, patch, tiling_.float_source(x_, job_.group, 1), values_,
            [this](size_t) { return padding_; },
            [this](const float* source, size_t, size_t count, Element* target) {
                convert_(source, count, target);
            });
    }

    const Tiling& tiling_;
    const JobGrid::Job& job_;
    const float* x_;
    Element padding_;
    const Convert& convert_;
    Element* values_;
    size_t filled_ = SIZE_MAX;  // the window that is there
};

// Sums of one channel for one tile, [columns]: int32 modulo 2^32 as the kernels make them, and where 64 bits
// are needed the total of all passes so far.
struct Sums {
    Sums(Workspace& workspace, size_t count, bool is_wide)
        : columns(count),
          narrow(workspace.take<int32_t>(count)),
          wide(is_wide ? workspace.take<int64_t>(count) : nullptr) {}

    void clear() {
        std::fill_n(narrow, columns, 0);
        if (wide) std::fill_n(wide, columns, 0);
    }
    // Moves a pass's sums, which fit int32, to the total.
    void end_pass() {
        for (size_t i = 0; i < columns; i++) wide[i] += narrow[i];
        std::fill_n(narrow, columns, 0);
    }

    size_t columns;
    int32_t* narrow;
    int64_t* wide;
};

// Adds the products of a pass to the sums, no more in 32 bits than fit.
void add(const QuantizedDepthwise& layer, const DepthwisePass<uint8_t, int32_t>& all, Sums& sums) {
    if (!sums.wide) return layer.kernel.run(all);
    for (size_t r = 0; r < all.rs; r++)
        for (size_t s = 0; s < all.ss; s += layer.pass_taps) {
            DepthwisePass<uint8_t, int32_t> pass = all;
            pass.weights += r * all.weight_stride + s;
            pass.values += r * all.dilation_h * all.row_step + s * all.dilation_w;
            pass.rs = 1;
            pass.ss = std::min(layer.pass_taps, all.ss - s);
            layer.kernel.run(pass);
            sums.end_pass();
        }
}

// finish(tiling, tile, channel, acc, B) for each tile and channel; B only where it is wanted.
template <typename Finish>
void run_channels(const Context& context, const QuantizedDepthwise& layer, const ConvGeometry& geometry,
                  int32_t n, ImageSize image, const float* x, const Finish& finish) {
    const DepthwiseJobs jobs = depthwise_jobs(context, layer, geometry, n, image);
    const Tiling& tiling = jobs.grid.tiling();
    const QuantizeParameters q = quantize_parameters(layer.input);
    // Of the input's bytes; that of padding is one of them or 0.
    const size_t value_end = layer.input.code_min < 0 ? 256 : (size_t)layer.input.code_max + 1;
    const auto quantize = [&](const float* source, size_t count, uint8_t* target) {
        context.kernels().quantize(source, count, q, target);
    };
    context.run(jobs.grid.count(), [&](size_t index, Workspace& workspace) {
        const JobGrid::Job job = jobs.grid.job(index);
        const size_t columns = job.tile.columns();
        Input input(tiling, job, x, layer.padding, quantize, workspace);
        void* scratch = workspace.take<uint8_t>(layer.kernel.scratch_bytes);
        Sums sums(workspace, columns, layer.wide);
        Sums corrections(workspace, layer.corrected ? columns : 0, layer.wide);
        const size_t window_cols = std::min(tiling.max_window_taps(), (size_t)geometry.kernel_w);
        auto* zero_points = workspace.take<uint8_t>(layer.corrected ? window_cols : 0);
        int32_t zero_point = INT32_MIN;  // of the corrections that are there
        for_each_channel(jobs, job, [&](size_t channel) {
            const bool correct = layer.corrected && zero_point != layer.weights.zero_point(channel);
            sums.clear();
            if (correct) {
                zero_point = layer.weights.zero_point(channel);
                std::fill_n(zero_points, window_cols, (uint8_t)zero_point);
                corrections.clear();
            }
            input.template for_each_window<int32_t>([&](const Window& window, auto pass) {
                pass.signed_weights = layer.weights.code_min() < 0;
                pass.signed_values = layer.input.code_min < 0;
                pass.table = layer.table;
                pass.value_end = value_end;
                pass.scratch = scratch;
                pass.weights = layer.weights.codes(channel) + window.first_tap;
                pass.sums = sums.narrow;
                add(layer, pass, sums);
                if (!correct) return;
                pass.table = layer.correction_table;
                pass.weights = zero_points;
                pass.weight_stride = 0;
                pass.sums = corrections.narrow;
                add(layer, pass, corrections);
            });
            finish(tiling, job.tile, channel, sums, corrections);
        });
    });
}

// visit(column, element of the output).
template <typename Visit>
void for_each_output(const Tiling& tiling, const Tile& tile, size_t channel, const Visit& visit) {
    const size_t first = channel * tiling.output().pixels();
    tiling.for_each_output_run(tile, [&](size_t offset, size_t column, size_t count, size_t step) {
        for (size_t i = 0; i < count; i++) visit(column + i, first + offset + i * step);
    });
}

void dequantize(const Context& context, const Tiling& tiling, const Tile& tile, size_t channel,
                const int32_t* sums, const DepthwiseOutput& output) {
    const size_t pixels = tiling.output().pixels();
    const Epilogue& end = output.epilogue;
    tiling.for_each_output_run(tile, [&](size_t offset, size_t column, size_t count, size_t step) {
        context.kernels().dequantize_planar({sums + column, 0, 1, count, output.offsets_int32 + channel,
                                             output.scales + channel, end.bias + channel, end.lower,
                                             end.upper, output.y + offset + channel * pixels, 0, step});
    });
}

}  // namespace

DepthwiseJobs depthwise_jobs(const Context& context, const QuantizedDepthwise& layer,
                             const ConvGeometry& geometry, int32_t n, ImageSize image) {
    const size_t sum = sizeof(int32_t) + (layer.wide ? sizeof(int64_t) : 0);
    // A row of zero points is no longer than a row of the patch.
    return make_jobs(context, geometry, n, image, 2 * sizeof(uint8_t), 2 * sum, layer.kernel.scratch_bytes);
}

DepthwiseJobs float_depthwise_jobs(const Context& context, const ConvGeometry& geometry, int32_t n,
                                   ImageSize image) {
    return make_jobs(context, geometry, n, image, sizeof(float), sizeof(float),
                     context.kernels().float_depthwise.scratch_bytes);
}

void run_depthwise(const Context& context, const QuantizedDepthwise& layer, const ConvGeometry& geometry,
                   int32_t n, ImageSize image, const float* x, const DepthwiseOutput& output) {
    const auto finish = [&](const Tiling& tiling, const Tile& tile, size_t channel, const Sums& sums,
                            const Sums& corrections) {
        if (layer.wide)
            return for_each_output(tiling, tile, channel, [&](size_t column, size_t element) {
                int64_t sum = sums.wide[column] + output.offsets[channel];
                if (layer.corrected) sum -= corrections.wide[column];
                output.y[element] = output.epilogue.limit((float)sum * output.scales[channel] +
                                                          output.epilogue.bias[channel]);
            });
        for (size_t i = 0; i < corrections.columns; i++)
            sums.narrow[i] = (int32_t)((uint32_t)sums.narrow[i] - (uint32_t)corrections.narrow[i]);
        dequantize(context, tiling, tile, channel, sums.narrow, output);
    };
    run_channels(context, layer, geometry, n, image, x, finish);
}

void run_depthwise_sums(const Context& context, const QuantizedDepthwise& layer, const ConvGeometry& geometry,
                        int32_t n, ImageSize image, const float* x, const int64_t* offsets, int64_t* sums) {
    const auto finish = [&](const Tiling& tiling, const Tile& tile, size_t channel, const Sums& found,
                            const Sums&) {
        const int64_t offset = offsets ? offsets[channel] : 0;
        for_each_output(tiling, tile, channel, [&](size_t column, size_t element) {
            sums[element] = layer.wide ? found.wide[column] + offset
                                       : (int32_t)((uint32_t)found.narrow[column] + (uint32_t)offset);
        });
    };
    run_channels(context, layer, geometry, n, image, x, finish);
}

void run_float_depthwise(const Context& context, const ConvGeometry& geometry, const float* weights,
                         const float* bias, const float* x, int32_t n, ImageSize image, float* y) {
    const DepthwiseJobs jobs = float_depthwise_jobs(context, geometry, n, image);
    const Tiling& tiling = jobs.grid.tiling();
    const FloatDepthwise& kernel = context.kernels().float_depthwise;
    const auto copy = [](const float* source, size_t count, float* target) {
        memcpy(target, source, count * sizeof(float));
    };
    context.run(jobs.grid.count(), [&](size_t index, Workspace& workspace) {
        const JobGrid::Job job = jobs.grid.job(index);
        Input input(tiling, job, x, 0.0f, copy, workspace);
        void* scratch = workspace.take<uint8_t>(kernel.scratch_bytes);
        auto* sums = workspace.take<float>(job.tile.columns());
        for_each_channel(jobs, job, [&](size_t channel) {
            std::fill_n(sums, job.tile.columns(), 0.0f);
            input.template for_each_window<float>([&](const Window& window, auto pass) {
                pass.weights = weights + channel * geometry.taps() + window.first_tap;
                pass.sums = sums;
                pass.scratch = scratch;
                kernel.run(pass);
            });
            for_each_output(tiling, job.tile, channel, [&](size_t column, size_t element) {
                y[element] = sums[column] + bias[channel];
            });
        });
    });
}

}  // namespace axnn
