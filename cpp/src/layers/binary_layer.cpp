#include "layers/binary_layer.hpp"

#include <string.h>

#include <algorithm>
#include <bit>

#include "runtime/error.hpp"

namespace axnn {
namespace {

static_assert(std::endian::native == std::endian::little, "bits are packed through bytes");

constexpr size_t max_columns = 512;
constexpr size_t max_channels = 1024;

bool bit(const uint8_t* bits, size_t i) { return bits[i / 8] >> (i % 8) & 1; }

}  // namespace

BinaryLayer::BinaryLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                         const BinaryParameters& parameters, const uint8_t* bits, std::vector<float> scales,
                         std::vector<float> bias)
    : Plan(std::move(context), geometry),
      parameters_(parameters),
      bits_(bits, bits + (size_t)geometry.out_channels * ceil_div(geometry.taps(), 8)),
      kernel_(this->context().kernels().binary_gemm),
      scales_(std::move(scales)),
      bias_(std::move(bias)),
      no_offset_((size_t)geometry.out_channels) {
    pack_weights(bits);
    if (parameters.padding_value == AXNN_PAD_TRUE_ZERO && geometry.padded()) sum_weights(bits);
}

void BinaryLayer::pack_weights(const uint8_t* bits) {
    const size_t taps = geometry().taps();
    const size_t kernel_size = geometry().kernel_size();
    const size_t outputs = geometry().group_outputs();
    blocks_ = ceil_div(outputs, kernel_.channels);
    const size_t block_bytes = words() * kernel_.weight_bytes;
    weights_ = AlignedBuffer<uint8_t>((size_t)geometry().groups * blocks_ * block_bytes);
    std::vector<uint64_t> block_words(kernel_.channels * words());
    for (size_t b = 0; b < (size_t)geometry().groups * blocks_; b++) {
        const size_t first = b % blocks_ * kernel_.channels;
        const size_t present = std::min<size_t>(kernel_.channels, outputs - first);
        std::fill(block_words.begin(), block_words.end(), 0);
        for (size_t i = 0; i < present; i++) {
            const uint8_t* row = bits + (b / blocks_ * outputs + first + i) * ceil_div(taps, 8);
            for (size_t k = 0; k < taps; k++) {  // bit k is (channel, r, s), word is (channel / 64, r, s)
                const size_t channel = k / kernel_size;
                const size_t word = channel / 64 * kernel_size + k % kernel_size;
                block_words[i * words() + word] |= uint64_t{bit(row, k)} << (channel % 64);
            }
        }
        kernel_.pack_weights(block_words.data(), words(), (uint32_t)present, words(),
                             weights_.data() + b * block_bytes);
    }
}

void BinaryLayer::sum_weights(const uint8_t* bits) {
    const size_t taps = geometry().taps();
    const auto h = (size_t)geometry().kernel_h;
    const auto w = (size_t)geometry().kernel_w;
    weight_sums_.resize((size_t)geometry().out_channels * (h + 1) * (w + 1));
    for (size_t o = 0; o < (size_t)geometry().out_channels; o++) {
        const uint8_t* row = bits + o * ceil_div(taps, 8);
        int64_t* sums = weight_sums_.data() + o * (h + 1) * (w + 1);
        const auto at = [&](size_t r, size_t s) -> int64_t& { return sums[r * (w + 1) + s]; };
        for (size_t k = 0; k < taps; k++) at(k / w % h + 1, k % w + 1) += bit(row, k) ? 1 : -1;
        for (size_t r = 1; r <= h; r++)
            for (size_t s = 1; s <= w; s++) at(r, s) += at(r - 1, s) + at(r, s - 1) - at(r - 1, s - 1);
    }
}

uint64_t BinaryLayer::padding_word(size_t plane) const {
    if (parameters_.padding_value != AXNN_PAD_PLUS_ONE) return 0;
    const size_t channels = std::min<size_t>(64, geometry().group_inputs() - plane * 64);
    return ~uint64_t{0} >> (64 - channels);
}

// ---- Running -------------------------------------------------------------------------------------

struct BinaryLayer::Jobs {
    JobGrid grid;
    size_t blocks;  // blocks of channels of a job
};

// The finished sums of one job, [channels][stride].
struct BinaryLayer::Block {
    const Tiling& tiling;
    const Tile& tile;
    size_t first_channel;
    size_t channels;
    int32_t* sums;
    size_t stride;
};

BinaryLayer::Jobs BinaryLayer::jobs(int32_t n, ImageSize image) const {
    const size_t resident = std::min(blocks_, max_channels / kernel_.channels);
    TileCost cost = {};
    cost.planes = planes();
    cost.patch_element = sizeof(uint64_t);
    cost.packed_element = kernel_.panel_bytes / kernel_.columns;
    cost.tap_multiple = 1;
    cost.column_multiple = kernel_.columns;
    cost.column = resident * kernel_.channels * sizeof(int32_t) + sizeof(uint64_t);
    cost.max_columns = max_columns;
    cost.budget = Workspace::budget;
    const Tiling tiling(geometry(), n, image, cost);
    const auto groups = (size_t)geometry().groups;
    const size_t splits =
        std::max(ceil_div(blocks_, resident), ceil_div(context().threads(), tiling.tiles() * groups));
    const size_t blocks = ceil_div(blocks_, std::min(splits, blocks_));
    return {JobGrid(tiling, ceil_div(blocks_, blocks)), blocks};
}

template <typename Finish>
void BinaryLayer::run(const float* x, int32_t n, ImageSize image, const Finish& finish) const {
    const Jobs jobs = this->jobs(n, image);
    context().run(jobs.grid.count(),
                  [&](size_t index, Workspace& workspace) { run_job(jobs, index, x, workspace, finish); });
}

template <typename Finish>
void BinaryLayer::run_job(const Jobs& jobs, size_t index, const float* x, Workspace& workspace,
                          const Finish& finish) const {
    const Tiling& tiling = jobs.grid.tiling();
    const auto [tile, group, split] = jobs.grid.job(index);
    const size_t first_block = split * jobs.blocks;
    const size_t blocks = std::min(jobs.blocks, blocks_ - first_block);
    const size_t panels = ceil_div(tile.columns(), kernel_.columns);
    const size_t stride = panels * kernel_.columns;
    const size_t outputs = geometry().group_outputs();

    auto* patch_data = workspace.take<uint64_t>(tiling.max_patch_size());
    auto* row = workspace.take<uint64_t>(stride);
    auto* packed = workspace.take<uint8_t>(panels * tiling.max_window_taps() * kernel_.panel_bytes);
    auto* sums = workspace.take<int32_t>(blocks * kernel_.channels * stride);

    std::fill_n(sums, blocks * kernel_.channels * stride, 0);
    for (size_t w = 0; w < tiling.windows(); w++) {
        const Window window = tiling.window(w);
        pack(tiling, tile, window, group, x, patch_data, row, packed);
        for (size_t p = 0; p < panels; p++)
            for (size_t b = 0; b < blocks; b++) {
                const size_t word = (group * blocks_ + first_block + b) * words() + window.first_tap;
                kernel_.run(weights_.data() + word * kernel_.weight_bytes,
                            packed + p * window.taps() * kernel_.panel_bytes, window.taps(),
                            sums + b * kernel_.channels * stride + p * kernel_.columns, stride);
            }
    }
    const size_t first_channel = first_block * kernel_.channels;
    const Block block = {tiling,
                         tile,
                         group * outputs + first_channel,
                         std::min(blocks * kernel_.channels, outputs - first_channel),
                         sums,
                         stride};
    const auto taps = (int32_t)geometry().taps();
    for (size_t i = 0; i < block.channels * stride; i++)
        sums[i] = taps - sums[i] - sums[i];  // 2 * sums can overflow
    if (!weight_sums_.empty()) add_border(block);
    finish(block);
}

void BinaryLayer::pack(const Tiling& tiling, const Tile& tile, const Window& window, size_t group,
                       const float* x, uint64_t* patch_data, uint64_t* row, uint8_t* panels) const {
    const Patch patch = tiling.patch(tile, window);
    const size_t pixels = tiling.input().pixels();
    tiling.fill_patch(
        tile, window, patch, x, group, 64, patch_data, [this](size_t plane) { return padding_word(plane); },
        [&](const float* source, size_t plane, size_t count, uint64_t* target) {
            const auto channels = (uint32_t)std::min<size_t>(64, geometry().group_inputs() - plane * 64);
            if (pixels == 1) {  // the channels lie side by side
                *target = 0;
                context().kernels().pack_signs(source, channels, reinterpret_cast<uint8_t*>(target));
            } else {
                context().kernels().pack_bits(source, pixels, channels, count, target);
            }
        });
    const size_t count = ceil_div(tile.columns(), kernel_.columns);
    std::fill_n(row + tile.columns(), count * kernel_.columns - tile.columns(), 0);
    for (size_t tap = 0; tap < window.taps(); tap++) {
        const uint64_t* words = patch_data + tiling.tap_offset(window, patch, tap);
        tiling.for_each_run(tile, window, patch,
                            [&](size_t offset, size_t column, size_t length, size_t stride) {
                                for (size_t i = 0; i < length; i++)
                                    row[column + i] = words[offset + i * stride];
                            });
        for (size_t p = 0; p < count; p++)
            kernel_.pack_panel(row + p * kernel_.columns,
                               panels + (p * window.taps() + tap) * kernel_.panel_bytes);
    }
}

// Adds the weights that met padding, which counted as -1, so that they count as 0.
void BinaryLayer::add_border(const Block& block) const {
    const ConvGeometry& g = geometry();
    const ImageSize image = block.tiling.input();
    const auto kernel_w = (size_t)g.kernel_w;
    const auto table_size = ((size_t)g.kernel_h + 1) * (kernel_w + 1);
    // The kernel positions along one axis that lie inside the image: [first, last).
    struct Inside {
        size_t first;
        size_t last;
    };
    const auto inside = [](size_t output, int32_t stride, int32_t pad, int32_t dilation, int32_t kernel,
                           int32_t extent) -> Inside {
        const int64_t start = (int64_t)output * stride - pad;
        const int64_t first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
        const int64_t last = start >= extent ? 0 : (extent - start + dilation - 1) / dilation;
        const int64_t clamped = std::clamp<int64_t>(last, 0, kernel);
        return {(size_t)std::min(first, clamped), (size_t)clamped};
    };
    size_t column = 0;
    for (size_t i = 0; i < block.tile.images; i++)
        for (size_t y = 0; y < block.tile.rows; y++) {
            const Inside r =
                inside(block.tile.first_row + y, g.stride_h, g.pad_top, g.dilation_h, g.kernel_h, image.h);
            for (size_t x = 0; x < block.tile.cols; x++, column++) {
                const Inside s = inside(block.tile.first_col + x, g.stride_w, g.pad_left, g.dilation_w,
                                        g.kernel_w, image.w);
                if (r.last - r.first == (size_t)g.kernel_h && s.last - s.first == kernel_w) continue;
                for (size_t c = 0; c < block.channels; c++) {
                    const int64_t* sums = weight_sums_.data() + (block.first_channel + c) * table_size;
                    const auto at = [&](size_t row, size_t col) { return sums[row * (kernel_w + 1) + col]; };
                    const int64_t met_image =
                        at(r.last, s.last) - at(r.first, s.last) - at(r.last, s.first) + at(r.first, s.first);
                    block.sums[c * block.stride + column] += (int32_t)(sums[table_size - 1] - met_image);
                }
            }
        }
}

void BinaryLayer::execute(const float* x, int32_t n, ImageSize image, float* y) const {
    run(x, n, image, [&](const Block& block) {
        const size_t pixels = block.tiling.output().pixels();
        block.tiling.for_each_output_run(
            block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
                context().kernels().dequantize_planar(
                    {block.sums + column, block.stride, block.channels, count, no_offset_.data(),
                     scales_.data() + block.first_channel, bias_.data() + block.first_channel,
                     parameters_.output_min, parameters_.output_max,
                     y + offset + block.first_channel * pixels, pixels, step});
            });
    });
}

void BinaryLayer::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    run(x, n, image, [&](const Block& block) {
        const size_t pixels = block.tiling.output().pixels();
        block.tiling.for_each_output_run(
            block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
                for (size_t c = 0; c < block.channels; c++)
                    for (size_t i = 0; i < count; i++)
                        sums[offset + (block.first_channel + c) * pixels + i * step] =
                            block.sums[c * block.stride + column + i];
            });
    });
}

void BinaryLayer::execute(const BinaryInput&, int32_t, ImageSize, const BinaryOutput&) const {
    throw Error(AXNN_ERROR_INTERNAL, "to be written");
}

void BinaryLayer::weight_bits(uint8_t* bits) const { std::copy(bits_.begin(), bits_.end(), bits); }

size_t BinaryLayer::memory() const { return weights_.size(); }

std::string BinaryLayer::explain(int32_t n, ImageSize image) const {
    return text("binary GEMM ", kernel_.name, ", ", words(), " words, ",
                explain_jobs(n, jobs(n, image).grid));
}

}  // namespace axnn
