#include "layers/binary_layer.hpp"

#include <algorithm>

#include "layers/bit_image.hpp"
#include "layers/quantized_weights.hpp"
#include "runtime/error.hpp"

namespace axnn {
namespace {

constexpr size_t max_columns = 512;
constexpr size_t max_channels = 1024;

// The kernel positions along one axis that lie inside the image: [first, last).
struct Inside {
    size_t first;
    size_t last;
    bool operator==(const Inside&) const = default;

    static Inside of(size_t output, int32_t stride, int32_t pad, int32_t dilation, int32_t kernel,
                     int32_t extent) {
        const int64_t start = (int64_t)output * stride - pad;
        const int64_t first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
        const int64_t last = start >= extent ? 0 : (extent - start + dilation - 1) / dilation;
        const int64_t clamped = std::clamp<int64_t>(last, 0, kernel);
        return {(size_t)std::min(first, clamped), (size_t)clamped};
    }
};

}  // namespace

BinaryLayer::BinaryLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                         const BinaryParameters& parameters, const uint8_t* bits, std::vector<float> scales,
                         std::vector<float> bias)
    : Plan(std::move(context), geometry),
      parameters_(parameters),
      layout_(geometry),
      full_blocks_(geometry.group_outputs() / kernel().channels),
      rest_(geometry.group_outputs() % kernel().channels),
      scales_(std::move(scales)),
      bias_(std::move(bias)),
      thresholds_((size_t)geometry.out_channels) {
    for (size_t o = 0; o < thresholds_.size(); o++)
        thresholds_[o] = sign_threshold(epilogue(o), (int32_t)geometry.taps());
    pack_weights(bits);
}

void BinaryLayer::pack_weights(const uint8_t* bits) {
    const size_t words = layout_.words();
    const size_t outputs = geometry().group_outputs();
    const size_t row_bytes = ceil_div(geometry().taps(), 8);
    const auto groups = (size_t)geometry().groups;
    full_weights_ = AlignedBuffer<uint8_t>(groups * full_blocks_ * words * kernel().weight_bytes);
    rest_weights_.resize(groups * rest_ * words);
    std::vector<uint64_t> full(groups * full_blocks_ * kernel().channels * words);
    context().run_without_workspace(groups * blocks(), [&](size_t index) {
        const size_t group = index / blocks(), block = index % blocks();
        const size_t first = block * kernel().channels;
        uint64_t* channels = block < full_blocks_
                                 ? full.data() + (group * full_blocks_ + block) * kernel().channels * words
                                 : rest_weights_.data() + group * rest_ * words;
        for (size_t c = 0; c < present(block); c++)
            layout_.to_words(bits + (group * outputs + first + c) * row_bytes, channels + c * words);
        if (block < full_blocks_)
            kernel().pack_weights(
                channels, words, kernel().channels, words,
                full_weights_.data() + (group * full_blocks_ + block) * words * kernel().weight_bytes);
    });
}

// unpacked[c * stride + i]: words of the channels that are present.
void BinaryLayer::unpack_weights(size_t group, size_t block, size_t word, size_t words, uint64_t* unpacked,
                                 size_t stride) const {
    if (block < full_blocks_) {
        kernel().unpack_weights(full_block(group, block, word), words, unpacked, stride);
        return;
    }
    for (size_t c = 0; c < rest_; c++)
        std::copy_n(rest_block(group, word) + c * layout_.words(), words, unpacked + c * stride);
}

void BinaryLayer::weight_bits(uint8_t* bits) const {
    const size_t words = layout_.words();
    const size_t outputs = geometry().group_outputs();
    const size_t row_bytes = ceil_div(geometry().taps(), 8);
    const auto groups = (size_t)geometry().groups;
    const size_t block_words = kernel().channels * words;
    std::vector<uint64_t> unpacked(groups * blocks() * block_words);
    context().run_without_workspace(groups * blocks(), [&](size_t index) {
        const size_t group = index / blocks(), block = index % blocks();
        uint64_t* channels = unpacked.data() + index * block_words;
        unpack_weights(group, block, 0, words, channels, words);
        for (size_t c = 0; c < present(block); c++) {
            uint8_t* row = bits + (group * outputs + block * kernel().channels + c) * row_bytes;
            std::fill_n(row, row_bytes, 0);
            layout_.to_bits(channels + c * words, row);
        }
    });
}

size_t BinaryLayer::memory() const {
    return sizeof *this + full_weights_.size() + rest_weights_.size() * sizeof(uint64_t) +
           scales_.size() * sizeof(float) + bias_.size() * sizeof(float) +
           thresholds_.size() * sizeof(int32_t);
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
    size_t group;
    size_t first_block;
    size_t first_channel;
    size_t channels;
    int32_t* sums;
    size_t stride;
    const int32_t* no_offset;  // zeros of the channels
};

BinaryLayer::Jobs BinaryLayer::jobs(int32_t n, ImageSize image) const {
    const size_t resident = std::min(blocks(), max_channels / kernel().channels);
    TileCost cost = {};
    cost.planes = layout_.planes();
    cost.patch_element = sizeof(uint64_t);
    cost.packed_element = kernel().panel_bytes / kernel().columns;
    cost.tap_multiple = 1;
    cost.column_multiple = kernel().columns;
    cost.column = resident * kernel().channels * sizeof(int32_t) + 2 * sizeof(uint64_t);
    cost.max_columns = max_columns;
    cost.whole_kernels = layout_.compact();
    // A block that is packed for a window is to a column's packed words as weight_bytes to panel_bytes.
    cost.budget = (Workspace::budget - max_channels * sizeof(int32_t) - border_bytes()) /
                  (kernel().panel_bytes + kernel().weight_bytes) * kernel().panel_bytes;
    const Tiling tiling(geometry(), n, image, cost);
    const auto groups = (size_t)geometry().groups;
    const size_t splits =
        std::max(ceil_div(blocks(), resident), ceil_div(context().threads(), tiling.tiles() * groups));
    const size_t job_blocks = ceil_div(blocks(), std::min(splits, blocks()));
    return {JobGrid(tiling, ceil_div(blocks(), job_blocks)), job_blocks};
}

template <typename Finish>
void BinaryLayer::run(const BinaryInput& x, int32_t n, ImageSize image, const Finish& finish) const {
    const Jobs jobs = this->jobs(n, image);
    context().run(jobs.grid.count(),
                  [&](size_t index, Workspace& workspace) { run_job(jobs, index, x, workspace, finish); });
}

template <typename Finish>
void BinaryLayer::run_job(const Jobs& jobs, size_t index, const BinaryInput& x, Workspace& workspace,
                          const Finish& finish) const {
    const Tiling& tiling = jobs.grid.tiling();
    const auto [tile, group, split] = jobs.grid.job(index);
    const size_t first_block = split * jobs.blocks;
    const size_t blocks = std::min(jobs.blocks, this->blocks() - first_block);
    const size_t channels = kernel().channels, columns = kernel().columns;
    const size_t panels = ceil_div(tile.columns(), columns);
    const size_t stride = panels * columns;
    const size_t outputs = geometry().group_outputs();
    const auto taps = (int32_t)geometry().taps();

    auto* patch_data = workspace.take<uint64_t>(tiling.max_patch_size());
    auto* row = workspace.take<uint64_t>(stride);
    auto* bits = workspace.take<uint64_t>(stride);
    auto* packed = workspace.take<uint8_t>(panels * tiling.max_window_taps() * kernel().panel_bytes);
    auto* rest = workspace.take<uint8_t>(rest_ ? tiling.max_window_taps() * kernel().weight_bytes : 0);
    auto* sums = workspace.take<int32_t>(blocks * channels * stride);
    auto* no_offset = workspace.take<int32_t>(blocks * channels);

    std::fill_n(no_offset, blocks * channels, 0);
    std::fill_n(sums, blocks * channels * stride, 0);
    const bool twice = zero_padding() && !layout_.compact();
    for (int pass = 0; pass < (twice ? 2 : 1); pass++) {
        const bool padding = pass == 1 || parameters_.padding_value == AXNN_PAD_PLUS_ONE;
        for (size_t w = 0; w < tiling.windows(); w++) {
            const Window window = tiling.window(w);
            const Patch patch = tiling.patch(tile, window);
            const size_t words = layout_.words(window);
            fill_patch(tiling, tile, window, patch, group, x, padding, patch_data);
            pack_panels(tiling, tile, window, patch, patch_data, row, bits, packed);
            const size_t word = layout_.first_word(window);
            if (first_block + blocks > full_blocks_)
                kernel().pack_weights(rest_block(group, word), layout_.words(), (uint32_t)rest_, words, rest);
            for (size_t p = 0; p < panels; p++)
                for (size_t b = 0; b < blocks; b++) {
                    const size_t block = first_block + b;
                    kernel().run(block < full_blocks_ ? full_block(group, block, word) : rest,
                                 packed + p * words * kernel().panel_bytes, words,
                                 sums + b * channels * stride + p * columns, stride);
                }
        }
        // Half of K - 2 * mismatches, so that the second pass stays in range, too.
        if (twice && pass == 0)
            for (size_t i = 0; i < blocks * channels * stride; i++) sums[i] -= taps;
    }
    const size_t first_channel = first_block * channels;
    const Block block = {tiling,
                         tile,
                         group,
                         first_block,
                         group * outputs + first_channel,
                         std::min(blocks * channels, outputs - first_channel),
                         sums,
                         stride,
                         no_offset};
    for (size_t i = 0; i < block.channels * stride; i++)
        sums[i] = twice ? -sums[i] : taps - sums[i] - sums[i];  // 2 * sums can overflow
    if (zero_padding() && !twice) add_border(block, workspace);
    finish(block);
}

// The words of the planes' channels for all pixels that the window reads.
void BinaryLayer::fill_patch(const Tiling& tiling, const Tile& tile, const Window& window, const Patch& patch,
                             size_t group, const BinaryInput& x, bool padding, uint64_t* target) const {
    const auto padding_word = [&](size_t plane) {
        return padding ? ~uint64_t{0} >> (BitLayout::word_bits - layout_.channels(plane)) : 0;
    };
    const size_t pixels = tiling.input().pixels();
    if (x.type == AXNN_BITS) {
        const size_t bytes = pixel_bytes(geometry().in_channels);
        const size_t group_channel = group * geometry().group_inputs();
        const PatchSource<uint8_t> source = {static_cast<const uint8_t*>(x.data), pixels * bytes, 0, bytes};
        tiling.fill_patch(tile, window, patch, source, target, padding_word,
                          [&](const uint8_t* image, size_t plane, size_t count, uint64_t* words) {
                              load_bits(
                                  image, bytes,
                                  {group_channel + plane * BitLayout::word_bits, layout_.channels(plane)},
                                  count, words);
                          });
        return;
    }
    tiling.fill_patch(
        tile, window, patch,
        tiling.float_source(static_cast<const float*>(x.data), group, BitLayout::word_bits), target,
        padding_word, [&](const float* image, size_t plane, size_t count, uint64_t* words) {
            const uint32_t channels = layout_.channels(plane);
            if (pixels == 1) {  // the channels lie side by side
                *words = 0;
                context().kernels().pack_signs(image, channels, reinterpret_cast<uint8_t*>(words));
            } else {
                context().kernels().pack_bits(image, pixels, channels, count, words);
            }
        });
}

// The window's words of all columns, packed for the kernel. row, bits: scratch of all columns.
void BinaryLayer::pack_panels(const Tiling& tiling, const Tile& tile, const Window& window,
                              const Patch& patch, const uint64_t* patch_data, uint64_t* row, uint64_t* bits,
                              uint8_t* panels) const {
    const size_t columns = kernel().columns;
    const size_t count = ceil_div(tile.columns(), columns);
    const size_t words = layout_.words(window);
    std::fill_n(row + tile.columns(), count * columns - tile.columns(), 0);
    // row: the words of one tap.
    const auto gather = [&](size_t tap) {
        const uint64_t* taps = patch_data + tiling.tap_offset(window, patch, tap);
        tiling.for_each_run(tile, window, patch,
                            [&](size_t offset, size_t column, size_t length, size_t stride) {
                                for (size_t i = 0; i < length; i++)
                                    row[column + i] = taps[offset + i * stride];
                            });
    };
    const auto pack = [&](const uint64_t* source, size_t word) {
        for (size_t p = 0; p < count; p++)
            kernel().pack_panel(source + p * columns, panels + (p * words + word) * kernel().panel_bytes);
    };
    size_t tap = 0, word = 0;
    const size_t tail_taps = layout_.compact_tail(window) ? layout_.positions() : 0;
    for (; tap < window.taps() - tail_taps; tap++) {
        gather(tap);
        pack(row, word++);
    }
    if (tail_taps == 0) return;
    // bits: the positions of the tail, one after the other.
    std::fill_n(bits, count * columns, 0);
    uint32_t used = 0;
    for (; tap < window.taps(); tap++) {
        gather(tap);
        for (size_t i = 0; i < tile.columns(); i++) bits[i] |= row[i] << used;
        used += layout_.tail();
        if (used < BitLayout::word_bits) continue;
        pack(bits, word++);
        used -= BitLayout::word_bits;
        const uint32_t packed = layout_.tail() - used;
        for (size_t i = 0; i < tile.columns(); i++) bits[i] = used ? row[i] >> packed : 0;
    }
    if (used > 0) pack(bits, word);
}

// ---- True zero padding ---------------------------------------------------------------------------

// Scratch of add_border.
struct BinaryLayer::Border {
    Border(const BitLayout& layout, const ConvGeometry& g, size_t channels, Workspace& workspace)
        : words(workspace.take<uint64_t>(channels * layout.positions())),
          plane(workspace.take<uint64_t>(layout.positions())),
          counts(workspace.take<uint8_t>(layout.positions())),
          sums(workspace.take<int32_t>(channels * layout.positions())),
          corners(workspace.take<int32_t>(((size_t)g.kernel_h + 1) * ((size_t)g.kernel_w + 1))),
          rows(workspace.take<Inside>(max_columns)),
          cols(workspace.take<Inside>(max_columns)) {}

    uint64_t* words;   // [channels][positions], of one plane
    uint64_t* plane;   // [positions]
    uint8_t* counts;   // [positions]
    int32_t* sums;     // [channels][positions], of the weights (-1, +1) of a position
    int32_t* corners;  // [kernel_h + 1][kernel_w + 1], of the positions above and left of each
    Inside* rows;      // of the tile
    Inside* cols;
};

size_t BinaryLayer::border_bytes() const {
    if (!zero_padding() || !layout_.compact()) return 0;
    const size_t positions = layout_.positions();
    const size_t corners = ((size_t)geometry().kernel_h + 1) * ((size_t)geometry().kernel_w + 1);
    return Workspace::rounded(kernel().channels * positions * sizeof(uint64_t)) +
           Workspace::rounded(positions * sizeof(uint64_t)) + Workspace::rounded(positions) +
           Workspace::rounded(kernel().channels * positions * sizeof(int32_t)) +
           Workspace::rounded(corners * sizeof(int32_t)) +
           2 * Workspace::rounded(max_columns * sizeof(Inside));
}

// border.sums of a block of channels, from the packed weights.
void BinaryLayer::sum_positions(size_t group, size_t block, const Border& border) const {
    const size_t positions = layout_.positions();
    const size_t channels = kernel().channels;
    std::fill_n(border.sums, channels * positions, -(int32_t)geometry().group_inputs());
    for (size_t plane = 0; plane < layout_.planes(); plane++) {
        unpack_weights(group, block, plane * positions, layout_.words(plane), border.words, positions);
        for (size_t c = 0; c < present(block); c++) {
            for (size_t i = 0; i < positions; i++)
                border.plane[i] = layout_.at(border.words + c * positions, plane, i);
            context().kernels().popcounts(border.plane, positions, border.counts);
            for (size_t i = 0; i < positions; i++) border.sums[c * positions + i] += 2 * border.counts[i];
        }
    }
}

// Adds the weights that met padding, which counted as -1, so that they count as 0.
void BinaryLayer::add_border(const Block& block, Workspace& workspace) const {
    const ConvGeometry& g = geometry();
    const ImageSize image = block.tiling.input();
    const Tile& tile = block.tile;
    const auto kernel_h = (size_t)g.kernel_h, kernel_w = (size_t)g.kernel_w;
    const Border border(layout_, g, kernel().channels, workspace);
    const Inside all_rows = {0, kernel_h}, all_cols = {0, kernel_w};
    for (size_t y = 0; y < tile.rows; y++)
        border.rows[y] =
            Inside::of(tile.first_row + y, g.stride_h, g.pad_top, g.dilation_h, g.kernel_h, image.h);
    for (size_t x = 0; x < tile.cols; x++)
        border.cols[x] =
            Inside::of(tile.first_col + x, g.stride_w, g.pad_left, g.dilation_w, g.kernel_w, image.w);
    // Columns [left, right) meet no padding at the sides.
    size_t left = 0, right = tile.cols;
    while (left < right && border.cols[left] != all_cols) left++;
    while (right > left && border.cols[right - 1] != all_cols) right--;
    if (left == 0 && right == tile.cols &&
        std::all_of(border.rows, border.rows + tile.rows, [&](const Inside& r) { return r == all_rows; }))
        return;

    const auto corner = [&](size_t r, size_t s) -> int32_t& {
        return border.corners[r * (kernel_w + 1) + s];
    };
    std::fill_n(border.corners, (kernel_h + 1) * (kernel_w + 1), 0);
    for (size_t c = 0; c < block.channels; c++) {
        const size_t in_block = c % kernel().channels;
        if (in_block == 0) sum_positions(block.group, block.first_block + c / kernel().channels, border);
        const int32_t* position_sums = border.sums + in_block * kernel_h * kernel_w;
        for (size_t r = 0; r < kernel_h; r++)
            for (size_t s = 0; s < kernel_w; s++)
                corner(r + 1, s + 1) =
                    position_sums[r * kernel_w + s] + corner(r, s + 1) + corner(r + 1, s) - corner(r, s);
        int32_t* sums = block.sums + c * block.stride;
        const auto add = [&](const Inside& r, size_t x) {
            const Inside& s = border.cols[x];
            const int32_t met_image = corner(r.last, s.last) - corner(r.first, s.last) -
                                      corner(r.last, s.first) + corner(r.first, s.first);
            sums[x] += corner(kernel_h, kernel_w) - met_image;
        };
        for (size_t i = 0; i < tile.images; i++)
            for (size_t y = 0; y < tile.rows; y++, sums += tile.cols) {
                const Inside& r = border.rows[y];
                const bool whole = r == all_rows;
                for (size_t x = 0; x < (whole ? left : tile.cols); x++) add(r, x);
                if (whole)
                    for (size_t x = right; x < tile.cols; x++) add(r, x);
            }
    }
}

// ---- Epilogues -----------------------------------------------------------------------------------

void BinaryLayer::execute(const float* x, int32_t n, ImageSize image, float* y) const {
    execute({AXNN_FLOAT32, x}, n, image, {AXNN_FLOAT32, y, nullptr});
}

void BinaryLayer::execute(const BinaryInput& x, int32_t n, ImageSize image, const BinaryOutput& y) const {
    run(x, n, image, [&](const Block& block) {
        switch (y.type) {
            case AXNN_FLOAT32:
                return store_floats(block, static_cast<float*>(y.data));
            case AXNN_INT32:
                return store_sums(block, static_cast<int32_t*>(y.data));
            case AXNN_CODES:
                return store_codes(block, *y.quantization, static_cast<uint8_t*>(y.data));
            case AXNN_BITS:
                return store_signs(block, static_cast<uint8_t*>(y.data));
        }
    });
}

void BinaryLayer::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    run({AXNN_FLOAT32, x}, n, image, [&](const Block& block) { store_sums(block, sums); });
}

void BinaryLayer::store_floats(const Block& block, float* y) const {
    const size_t pixels = block.tiling.output().pixels();
    const size_t c = block.first_channel;
    block.tiling.for_each_output_run(
        block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
            context().kernels().dequantize_planar({block.sums + column, block.stride, block.channels, count,
                                                   block.no_offset, scales_.data() + c, bias_.data() + c,
                                                   parameters_.output_min, parameters_.output_max,
                                                   y + offset + c * pixels, pixels, step});
        });
}

template <typename Sum>
void BinaryLayer::store_sums(const Block& block, Sum* sums) const {
    const size_t pixels = block.tiling.output().pixels();
    block.tiling.for_each_output_run(
        block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
            for (size_t c = 0; c < block.channels; c++)
                for (size_t i = 0; i < count; i++)
                    sums[offset + (block.first_channel + c) * pixels + i * step] =
                        block.sums[c * block.stride + column + i];
        });
}

void BinaryLayer::store_codes(const Block& block, const axnn_quantization& quantization,
                              uint8_t* codes) const {
    const Kernels& kernels = context().kernels();
    const QuantizeParameters q = quantize_parameters(quantization);
    const size_t pixels = block.tiling.output().pixels();
    block.tiling.for_each_output_run(
        block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
            float values[max_columns];
            uint8_t bytes[max_columns];
            for (size_t i = 0; i < block.channels; i++) {
                const size_t c = block.first_channel + i;
                kernels.dequantize_planar({block.sums + i * block.stride + column, block.stride, 1, count,
                                           block.no_offset, scales_.data() + c, bias_.data() + c,
                                           parameters_.output_min, parameters_.output_max, values, count, 1});
                kernels.quantize(values, count, q, bytes);
                uint8_t* target = codes + offset + c * pixels;
                for (size_t n = 0; n < count; n++) target[n * step] = bytes[n];
            }
        });
}

void BinaryLayer::store_signs(const Block& block, uint8_t* bits) const {
    const auto outputs = (size_t)geometry().out_channels;
    const size_t pixels = block.tiling.output().pixels();
    const size_t bytes = pixel_bytes(geometry().out_channels);
    block.tiling.for_each_output_run(
        block.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
            // Offsets are those of channel 0 in NCHW: number of the image and of the pixel.
            const size_t pixel = offset / (outputs * pixels) * pixels + offset % (outputs * pixels);
            const size_t pixel_step = std::max<size_t>(1, step / outputs);
            uint64_t words[max_columns];
            for (size_t i = 0; i < block.channels; i += 64) {
                const size_t c = block.first_channel + i;
                const auto some = (uint32_t)std::min<size_t>(64, block.channels - i);
                uint64_t falling = 0;
                for (uint32_t bit = 0; bit < some; bit++)
                    falling |= uint64_t{epilogue(c + bit).falling()} << bit;
                context().kernels().threshold_bits({block.sums + i * block.stride + column, block.stride,
                                                    some, count, thresholds_.data() + c, falling, words});
                store_bits(words, count, {c, some}, outputs, bits + pixel * bytes, pixel_step * bytes);
            }
        });
}

std::string BinaryLayer::explain(int32_t n, ImageSize image) const {
    return text("binary GEMM ", kernel().name, ", ", layout_.words(), " words, ",
                explain_jobs(n, jobs(n, image).grid));
}

}  // namespace axnn
