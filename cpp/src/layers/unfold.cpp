// The operands of a quantised layer's products, bytes or int32: what its kernels read, for those who study
// them.
#include <algorithm>
#include <atomic>

#include "layers/quantized_layer.hpp"

namespace axnn {
namespace {

constexpr size_t max_columns = 4096;
// A patch stays in a core's cache, and windows are small enough to be jobs: one image has no other division.
constexpr size_t budget = size_t{64} << 10;

Tiling unfold_tiling(const ConvGeometry& geometry, int32_t n, ImageSize image) {
    TileCost cost = {};
    cost.planes = geometry.group_inputs();
    cost.patch_element = sizeof(uint16_t);
    cost.column_multiple = 1;
    cost.column = sizeof(uint16_t);
    cost.tap_multiple = 1;
    cost.max_columns = max_columns;
    cost.budget = budget;
    return Tiling(geometry, n, image, cost);
}

// to[i * to_stride] = from[i * from_stride].
template <typename Code>
void copy(const Code* from, size_t from_stride, size_t count, Code* to, size_t to_stride) {
    if (from_stride == 1 && to_stride == 1) std::copy_n(from, count, to);
    else
        for (size_t i = 0; i < count; i++) to[i * to_stride] = from[i * from_stride];
}

// A job is a tile, a group and a window of its taps.
JobGrid unfold_jobs(const ConvGeometry& geometry, int32_t n, ImageSize image) {
    const Tiling tiling = unfold_tiling(geometry, n, image);
    return JobGrid(tiling, tiling.windows());
}

// Calls visit(job, tap, codes) with the codes [columns of the job's tile] of every tap of every job, and
// end(state) with what begin() gave to a job when that job's taps have all been visited. Code: uint8_t where
// the input's codes are bytes, else uint16_t.
template <typename Code, typename Begin, typename Visit, typename End>
void for_each_tap(const QuantizedLayer& layer, const JobGrid& grid, const float* x, const Begin& begin,
                  const Visit& visit, const End& end) {
    const Tiling& tiling = grid.tiling();
    const QuantizeParameters q = quantize_parameters(layer.definition().parameters.input);
    const auto padding = (Code)layer.definition().padding_code();
    const Kernels& kernels = layer.context().kernels();
    layer.context().run(grid.count(), [&](size_t index, Workspace& workspace) {
        const JobGrid::Job job = grid.job(index);
        auto* patch_data = workspace.take<Code>(tiling.max_patch_size());
        auto* codes = workspace.take<Code>(job.tile.columns());
        auto state = begin();
        const Window window = tiling.window(job.split);
        const Patch patch = tiling.patch(job.tile, window);
        tiling.fill_patch(
            job.tile, window, patch, tiling.float_source(x, job.group, 1), patch_data,
            [&](size_t) { return padding; },
            [&](const float* source, size_t, size_t count, Code* target) {
                quantize(kernels, q, source, count, target);
            });
        for (size_t tap = 0; tap < window.taps(); tap++) {
            const Code* from = patch_data + tiling.tap_offset(window, patch, tap);
            tiling.for_each_run(job.tile, window, patch,
                                [&](size_t offset, size_t column, size_t count, size_t stride) {
                                    copy(from + offset, stride, count, codes + column, 1);
                                });
            visit(state, job, window.first_tap + tap, codes);
        }
        end(state);
    });
}

// store(code) is what is written.
template <typename Code, typename Stored, typename Store>
void unfold(const QuantizedLayer& layer, const float* x, int32_t n, ImageSize image, Stored* codes,
            const Store& store) {
    const ConvGeometry& geometry = layer.geometry();
    const JobGrid grid = unfold_jobs(geometry, n, image);
    const Tiling& tiling = grid.tiling();
    const size_t pixels = tiling.output().pixels();
    const size_t taps = geometry.taps();
    const auto groups = (size_t)geometry.groups;
    const size_t image_size = (size_t)geometry.out_channels * pixels;
    struct Nothing {};
    for_each_tap<Code>(
        layer, grid, x, [] { return Nothing{}; },
        [&](Nothing, const JobGrid::Job& job, size_t tap, const Code* tap_codes) {
            tiling.for_each_output_run(
                job.tile, [&](size_t offset, size_t column, size_t count, size_t stride) {
                    // Of channel 0 of the output, so an image and a pixel. A run is pixels of one image, or
                    // one pixel of several images.
                    const size_t first_image = offset / image_size, pixel = offset % image_size;
                    Stored* to = codes + ((first_image * groups + job.group) * taps + tap) * pixels + pixel;
                    const size_t to_stride = stride == image_size ? groups * taps * pixels : 1;
                    for (size_t i = 0; i < count; i++) to[i * to_stride] = store(tap_codes[column + i]);
                });
        },
        [](Nothing) {});
}

}  // namespace

void QuantizedLayer::unfold(const float* x, int32_t n, ImageSize image, uint8_t* codes) const {
    axnn::unfold<uint8_t>(*this, x, n, image, codes, [](uint8_t byte) { return byte; });
}

void QuantizedLayer::unfold(const float* x, int32_t n, ImageSize image, int32_t* codes) const {
    axnn::unfold<uint16_t>(*this, x, n, image, codes, [&](uint16_t word) {
        return code_value(word, definition().parameters.input.code_min);
    });
}

void QuantizedLayer::unfold_histogram(const float* x, int32_t n, ImageSize image, int64_t* counts) const {
    struct Histogram {
        int64_t counts[256] = {};
    };
    std::atomic<int64_t> totals[256] = {};
    const JobGrid grid = unfold_jobs(geometry(), n, image);
    for_each_tap<uint8_t>(
        *this, grid, x, [] { return Histogram(); },
        [](Histogram& histogram, const JobGrid::Job& job, size_t, const uint8_t* codes) {
            for (size_t i = 0; i < job.tile.columns(); i++) histogram.counts[codes[i]]++;
        },
        [&totals](const Histogram& histogram) {
            for (size_t i = 0; i < 256; i++) totals[i] += histogram.counts[i];
        });
    std::copy(std::begin(totals), std::end(totals), counts);
}

}  // namespace axnn
