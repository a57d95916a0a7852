#include "layers/binary_layer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "layers/bit_image.hpp"
#include "runtime/error.hpp"

namespace axnn {

BinaryLayer::BinaryLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                         const BinaryParameters& parameters, const uint8_t* bits, std::vector<float> scales,
                         std::vector<float> bias)
    : Plan(std::move(context), geometry),
      parameters_(parameters),
      weights_(this->context(), geometry, parameters.padding_value == AXNN_PAD_TRUE_ZERO && geometry.padded(),
               bits),
      epilogue_(std::move(scales), std::move(bias), parameters.output_min, parameters.output_max,
                (int32_t)geometry.taps()) {}

void BinaryLayer::execute(const float* x, int32_t n, ImageSize image, float* y) const {
    execute({AXNN_FLOAT32, x}, n, image, {AXNN_FLOAT32, y, nullptr});
}

void BinaryLayer::execute(const BinaryInput& x, int32_t n, ImageSize image, const BinaryOutput& y) const {
    run(x, n, image, [&](const BinarySums& sums) { epilogue_.store(context().kernels(), sums, y); });
}

void BinaryLayer::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    run({AXNN_FLOAT32, x}, n, image,
        [&](const BinarySums& block) { BinaryEpilogue::store_sums(block, sums); });
}

BinaryJobs BinaryLayer::jobs(int32_t n, ImageSize image) const {
    return BinaryJobs::choose(kernel(), layout(), weights_.zero_padding(), context().threads(), geometry(), n,
                              image);
}

std::string BinaryLayer::explain(int32_t n, ImageSize image) const {
    if (geometry().depthwise()) {
        const BinaryDepthwise depthwise = this->depthwise(n, image);
        return text("depthwise, kernel ", depthwise.kernel(), ", signs in bytes, ",
                    explain_jobs(n, depthwise.tiling(), depthwise.jobs()));
    }
    const BinaryJobs jobs = this->jobs(n, image);
    return text("binary GEMM ", kernel().name, ", ", layout().words(), " words, ",
                jobs.weights_in_panels() ? "weights" : "pixels", " in panels, ",
                explain_jobs(n, jobs.grid()));
}

// ---- Running -------------------------------------------------------------------------------------

// A tile and some channels of a group.
struct BinaryLayer::Job {
    const BinaryJobs& jobs;
    const Tiling& tiling;
    Tile tile;
    size_t group;
    size_t first_channel;     // in the group
    size_t first_output = 0;  // the same among all output channels
    size_t channels = 0;
    BinaryInput x = {};
    uint64_t* patch = nullptr;
    const PaddingClasses* classes = nullptr;

    // Those whose sums come from columns of the GEMM.
    const PaddingClasses* class_columns(const BinaryWeights& weights) const {
        return weights.zero_padding() == ZeroPadding::columns ? classes : nullptr;
    }
};

// Sums of some channels of a job, from `channel` on, in its columns [first, last): that of channel + c in
// column first + n is data[c * channel_stride + n * column_stride].
struct BinaryLayer::Sums {
    int32_t* data;
    size_t channel_stride;
    size_t column_stride;
    size_t first;
    size_t last;
    size_t channel;
    size_t channels;
};

// What padding lacks, lacking[column of classes * stride + c], for some of the job's channels.
void BinaryLayer::sum_positions(const Job& job, size_t channel, size_t channels, int32_t* lacking,
                                size_t stride) const {
    const ConvGeometry& g = geometry();
    const size_t first = job.first_output + channel;
    for (size_t n = 1; n < job.classes->columns(); n++) {
        int32_t* lacks = lacking + n * stride;
        std::fill_n(lacks, channels, 0);
        for (size_t i = 0; i < layout().positions(); i++) {
            if (!job.classes->padded(n, i / (size_t)g.kernel_w, i % (size_t)g.kernel_w)) continue;
            const int16_t* sums = weights_.position_sums(i) + first;
            for (size_t c = 0; c < channels; c++) lacks[c] += sums[c];
        }
    }
}

template <typename Finish>
void BinaryLayer::run(const BinaryInput& x, int32_t n, ImageSize image, const Finish& finish) const {
    if (geometry().depthwise()) return run_depthwise(x, n, image, finish);
    const BinaryJobs jobs = this->jobs(n, image);
    const Tiling& tiling = jobs.grid().tiling();
    context().run(jobs.grid().count(), [&](size_t index, Workspace& workspace) {
        const auto [tile, group, split] = jobs.grid().job(index);
        const size_t first = split * jobs.channels();
        Job job = {jobs, tiling, tile, group, first};
        job.first_output = group * geometry().group_outputs() + first;
        job.channels = std::min(jobs.channels(), geometry().group_outputs() - first);
        job.x = x;
        job.patch = workspace.take<uint64_t>(tiling.max_patch_size());
        std::optional<PaddingClasses> classes;
        if (weights_.zero_padding() != ZeroPadding::none)
            job.classes = &classes.emplace(tiling, tile, workspace);
        if (jobs.weights_in_panels()) multiply_panels_of_weights(job, workspace, finish);
        else multiply_panels_of_pixels(job, workspace, finish);
    });
}

// The words of the planes' channels for all pixels that the window reads.
void BinaryLayer::fill_patch(const Job& job, const Window& window, const Patch& patch,
                             uint64_t* target) const {
    const Tiling& tiling = job.tiling;
    const auto padding_word = [&](size_t plane) {
        return parameters_.padding_value == AXNN_PAD_PLUS_ONE ? layout().mask(plane) : 0;
    };
    const size_t pixels = tiling.input().pixels();
    if (job.x.type == AXNN_BITS) {
        const size_t bytes = pixel_bytes(geometry().in_channels);
        const size_t group_channel = job.group * geometry().group_inputs();
        const PatchSource<uint8_t> source = {static_cast<const uint8_t*>(job.x.data), pixels * bytes, 0,
                                             bytes};
        tiling.fill_patch(job.tile, window, patch, source, target, padding_word,
                          [&](const uint8_t* image, size_t plane, size_t count, uint64_t* words) {
                              load_bits(
                                  image, bytes,
                                  {group_channel + plane * BitLayout::word_bits, layout().channels(plane)},
                                  count, words);
                          });
        return;
    }
    tiling.fill_patch(
        job.tile, window, patch,
        tiling.float_source(static_cast<const float*>(job.x.data), job.group, BitLayout::word_bits), target,
        padding_word, [&](const float* image, size_t plane, size_t count, uint64_t* words) {
            const uint32_t channels = layout().channels(plane);
            if (pixels == 1) {  // the channels lie side by side
                *words = 0;
                context().kernels().pack_signs(image, channels, reinterpret_cast<uint8_t*>(words));
            } else {
                context().kernels().pack_bits(image, pixels, channels, count, words);
            }
        });
}

// Weights are blocks. A panel of pixels is multiplied by some channels' blocks, whose sums are finished while
// they are in the cache; a panel that is not, part by part.
template <typename Finish>
void BinaryLayer::multiply_panels_of_pixels(const Job& job, Workspace& workspace,
                                            const Finish& finish) const {
    const Tiling& tiling = job.tiling;
    const size_t rows = kernel().rows, width = kernel().columns;
    const BinaryColumns columns(tiling, job.tile, layout(), job.class_columns(weights_));
    const size_t panels = ceil_div(columns.count(), width);
    const size_t windows = tiling.windows();
    const size_t blocks = ceil_div(job.channels, rows);
    const size_t first_block = job.first_channel / rows;
    // Sums of all channels and columns where there are several windows.
    const size_t together = windows == 1 ? std::min(job.jobs.finished_channels() / rows, blocks) : blocks;
    const size_t stride = windows == 1 ? width : panels * width;
    auto* panel = workspace.take<uint8_t>(job.jobs.words() * kernel().panel_bytes);
    auto* rest = workspace.take<uint8_t>(weights_.rest_bytes(job.jobs.words()));
    auto* sums = workspace.take<int32_t>(together * rows * stride);
    // What padding lacks, [columns of classes][channels of the job].
    const size_t class_columns = columns.of_classes(), class_stride = blocks * rows;
    auto* lacking = workspace.take<int32_t>(job.classes ? job.classes->columns() * class_stride : 0);
    if (job.classes && class_columns == 0) sum_positions(job, 0, job.channels, lacking, class_stride);

    for (size_t w = 0; w < windows; w++) {
        const Window window = tiling.window(w);
        const Patch patch = tiling.patch(job.tile, window);
        const size_t words = layout().words(window), first_word = layout().first_word(window);
        fill_patch(job, window, patch, job.patch);
        weights_.pack_rest(job.group, first_word, words, rest);
        for (size_t p = 0; p < panels; p++) {
            columns.for_each_word(window, patch, job.patch, p * width, width,
                                  [&](size_t word, const uint64_t* row) {
                                      kernel().pack_panel(row, panel + word * kernel().panel_bytes);
                                  });
            for (size_t b = 0; b < blocks; b += together) {
                const size_t some = std::min(together, blocks - b);
                int32_t* block_sums = sums + (windows == 1 ? 0 : b * rows * stride + p * width);
                for (size_t word = 0; word < words; word += job.jobs.part_words()) {
                    const size_t part = std::min(job.jobs.part_words(), words - word);
                    for (size_t i = 0; i < some; i++)
                        kernel().run({weights_.block(job.group, first_block + b + i, first_word + word,
                                                     rest + word * kernel().block_bytes),
                                      panel + word * kernel().panel_bytes, part, w == 0 && word == 0,
                                      (int32_t)geometry().taps(), block_sums + i * rows * stride, stride});
                }
                if (w + 1 < windows) continue;
                const size_t first = p * width, channel = b * rows;
                finish_sums(job, class_columns,
                            {block_sums, stride, 1, first, std::min(first + width, columns.count()), channel,
                             std::min(some * rows, job.channels - channel)},
                            lacking + channel, class_stride, finish);
            }
        }
    }
}

// Those of padding classes, the first columns of a job, become what padding lacks, which the columns of later
// panels need, too. lacking: of the channels of these sums.
template <typename Finish>
void BinaryLayer::finish_sums(const Job& job, size_t class_columns, const Sums& sums, int32_t* lacking,
                              size_t lacking_stride, const Finish& finish) const {
    const auto column = [&](size_t n) { return sums.data + (n - sums.first) * sums.column_stride; };
    for (size_t n = sums.first; n < std::min(sums.last, class_columns); n++)
        for (size_t c = 0; c < sums.channels; c++) {
            const int32_t sum = column(n)[c * sums.channel_stride];
            lacking[n * lacking_stride + c] = n == 0 ? sum : (sum - lacking[c]) / 2;
        }
    if (sums.last <= class_columns) return;
    const size_t of_tile = std::max(sums.first, class_columns);
    const size_t first = of_tile - class_columns, last = sums.last - class_columns;
    if (job.classes)
        job.classes->for_each_column(first, last, [&](size_t n, size_t class_column) {
            int32_t* sum = column(of_tile + n);
            const int32_t* lacks = lacking + class_column * lacking_stride;
            for (size_t c = 0; c < sums.channels; c++) sum[c * sums.channel_stride] += lacks[c];
        });
    for (size_t c = 0; c < sums.channels; c += BinaryEpilogue::max_channels)
        finish({job.tiling, job.tile, first, last - first, job.first_output + sums.channel + c,
                std::min(BinaryEpilogue::max_channels, sums.channels - c),
                column(of_tile) + c * sums.channel_stride, sums.channel_stride, sums.column_stride});
}

// Pixels are blocks, and there is one window. A panel of weights is made part by part.
template <typename Finish>
void BinaryLayer::multiply_panels_of_weights(const Job& job, Workspace& workspace,
                                             const Finish& finish) const {
    const Tiling& tiling = job.tiling;
    const size_t rows = kernel().rows, width = kernel().columns;
    const BinaryColumns columns(tiling, job.tile, layout(), job.class_columns(weights_));
    const size_t class_columns = columns.of_classes();
    const size_t pixel_blocks = ceil_div(columns.count(), rows);
    const size_t words = layout().words();
    auto* panel = workspace.take<uint8_t>(std::min(words, job.jobs.part_words()) * kernel().panel_bytes);
    auto* rest = workspace.take<uint8_t>(weights_.rest_bytes(words));
    auto* pixels = workspace.take<uint8_t>(pixel_blocks * words * kernel().block_bytes);
    auto* gathered = workspace.take<uint64_t>(words * width);
    auto* sums = workspace.take<int32_t>(pixel_blocks * rows * width);
    auto* lacking = workspace.take<int32_t>(job.classes ? job.classes->columns() * width : 0);
    const auto pixel_block = [&](size_t b) { return pixels + b * words * kernel().block_bytes; };

    const Window window = tiling.window(0);
    const Patch patch = tiling.patch(job.tile, window);
    fill_patch(job, window, patch, job.patch);
    weights_.pack_rest(job.group, 0, words, rest);
    for (size_t first = 0; first < columns.count(); first += width) {
        columns.for_each_word(window, patch, job.patch, first, width, [&](size_t word, const uint64_t* row) {
            std::copy_n(row, width, gathered + word * width);
        });
        for (size_t n = 0; n < width && first + n < columns.count(); n += rows)
            kernel().pack_block({gathered + n, 1, width, (uint32_t)rows}, words,
                                pixel_block((first + n) / rows));
    }

    for (size_t channel = 0; channel < job.channels; channel += width) {
        const size_t channels = std::min(width, job.channels - channel);
        for (size_t word = 0; word < words; word += job.jobs.part_words()) {
            const size_t part = std::min(job.jobs.part_words(), words - word);
            const void* blocks[BinaryColumns::max_width] = {};
            for (size_t i = 0; i * rows < channels; i++)
                blocks[i] = weights_.block(job.group, (job.first_channel + channel) / rows + i, word,
                                           rest + word * kernel().block_bytes);
            kernel().spread_blocks(blocks, part, panel);
            for (size_t b = 0; b < pixel_blocks; b++)
                kernel().run({pixel_block(b) + word * kernel().block_bytes, panel, part, word == 0,
                              (int32_t)geometry().taps(), sums + b * rows * width, width});
        }
        if (job.classes && class_columns == 0) sum_positions(job, channel, channels, lacking, width);
        finish_sums(job, class_columns, {sums, 1, width, 0, columns.count(), channel, channels}, lacking,
                    width, finish);
    }
}

// ---- Depthwise -----------------------------------------------------------------------------------

BinaryDepthwise BinaryLayer::depthwise(int32_t n, ImageSize image) const {
    return {context(), geometry(), weights_, n, image};
}

// The byte that stands for padding.
uint8_t BinaryLayer::padding_code() const {
    switch (parameters_.padding_value) {
        case AXNN_PAD_MINUS_ONE:
            return (uint8_t)-1;
        case AXNN_PAD_TRUE_ZERO:
            return 0;
        case AXNN_PAD_PLUS_ONE:
            return 1;
    }
    return 0;
}

template <typename Finish>
void BinaryLayer::run_depthwise(const BinaryInput& x, int32_t n, ImageSize image,
                                const Finish& finish) const {
    const BinaryDepthwise layer = depthwise(n, image);
    const Tiling& tiling = layer.tiling();
    const auto padding = [code = padding_code()](size_t) { return code; };
    const auto read_floats = [&](const Tile& tile, const Window& window, const Patch& patch, size_t group,
                                 uint8_t* target) {
        tiling.fill_patch(tile, window, patch,
                          tiling.float_source(static_cast<const float*>(x.data), group, 1), target, padding,
                          [&](const float* source, size_t, size_t count, uint8_t* codes) {
                              context().kernels().sign_codes(source, count, codes);
                          });
    };
    const size_t bytes = pixel_bytes(geometry().in_channels);
    const PatchSource<uint8_t> pixels = {static_cast<const uint8_t*>(x.data), image.pixels() * bytes, 0,
                                         bytes};
    const auto read_bits = [&](const Tile& tile, const Window& window, const Patch& patch, size_t group,
                               uint8_t* target) {
        tiling.fill_patch(tile, window, patch, pixels, target, padding,
                          [&](const uint8_t* source, size_t, size_t count, uint8_t* codes) {
                              for (size_t i = 0; i < count; i++)
                                  codes[i] = source[i * bytes + group / 8] >> group % 8 & 1 ? 1 : (uint8_t)-1;
                          });
    };
    context().run(layer.jobs(), [&](size_t index, Workspace& workspace) {
        if (x.type == AXNN_BITS) layer.run(index, workspace, read_bits, finish);
        else layer.run(index, workspace, read_floats, finish);
    });
}

}  // namespace axnn
