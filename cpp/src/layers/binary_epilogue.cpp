#include "layers/binary_epilogue.hpp"

#include <algorithm>
#include <utility>

#include "layers/bit_image.hpp"
#include "layers/quantized_weights.hpp"

namespace axnn {
namespace {

constexpr int32_t no_offset[BinaryEpilogue::max_channels] = {};

}  // namespace

BinaryEpilogue::BinaryEpilogue(std::vector<float> scales, std::vector<float> bias, float lower, float upper,
                               int32_t bound)
    : scales_(std::move(scales)),
      bias_(std::move(bias)),
      lower_(lower),
      upper_(upper),
      thresholds_(scales_.size()) {
    for (size_t o = 0; o < thresholds_.size(); o++) thresholds_[o] = sign_threshold(of(o), bound);
}

void BinaryEpilogue::store(const Kernels& kernels, const BinarySums& block, const BinaryOutput& y) const {
    switch (y.type) {
        case AXNN_FLOAT32:
            return store_floats(kernels, block, static_cast<float*>(y.data));
        case AXNN_INT32:
            return store_sums(block, static_cast<int32_t*>(y.data));
        case AXNN_CODES:
            return store_codes(kernels, block, *y.quantization, static_cast<uint8_t*>(y.data));
        case AXNN_BITS:
            return store_signs(kernels, block, static_cast<uint8_t*>(y.data));
    }
}

// `count` columns of the block, from `column` on, as floats.
void BinaryEpilogue::dequantize(const Kernels& kernels, const BinarySums& block, size_t column, size_t count,
                                float* y, size_t channel_stride, size_t column_stride) const {
    const bool planar = block.column_stride == 1;
    const size_t c = block.first_channel;
    (planar ? kernels.dequantize_planar : kernels.dequantize_interleaved)(
        {block.sums + column * block.column_stride, planar ? block.channel_stride : block.column_stride,
         block.channels, count, no_offset, scales_.data() + c, bias_.data() + c, lower_, upper_, y,
         channel_stride, column_stride});
}

void BinaryEpilogue::store_floats(const Kernels& kernels, const BinarySums& block, float* y) const {
    const size_t pixels = block.tiling.output().pixels();
    block.tiling.for_each_output_run(block.tile, block.first_column, block.first_column + block.columns,
                                     [&](size_t offset, size_t column, size_t count, size_t step) {
                                         dequantize(kernels, block, column - block.first_column, count,
                                                    y + offset + block.first_channel * pixels, pixels, step);
                                     });
}

void BinaryEpilogue::store_codes(const Kernels& kernels, const BinarySums& block,
                                 const axnn_quantization& quantization, uint8_t* codes) const {
    const QuantizeParameters q = quantize_parameters(quantization);
    const size_t pixels = block.tiling.output().pixels();
    constexpr size_t some = 64;
    float values[max_channels * some];
    uint8_t bytes[some];
    block.tiling.for_each_output_run(
        block.tile, block.first_column, block.first_column + block.columns,
        [&](size_t offset, size_t column, size_t count, size_t step) {
            for (size_t first = 0; first < count; first += some) {
                const size_t part = std::min(some, count - first);
                dequantize(kernels, block, column - block.first_column + first, part, values, some, 1);
                for (size_t c = 0; c < block.channels; c++) {
                    kernels.quantize(values + c * some, part, q, bytes);
                    uint8_t* target = codes + offset + (block.first_channel + c) * pixels + first * step;
                    for (size_t n = 0; n < part; n++) target[n * step] = bytes[n];
                }
            }
        });
}

void BinaryEpilogue::store_signs(const Kernels& kernels, const BinarySums& block, uint8_t* bits) const {
    const ConvGeometry& geometry = block.tiling.geometry();
    const auto outputs = (size_t)geometry.out_channels;
    const size_t pixels = block.tiling.output().pixels();
    const size_t bytes = pixel_bytes(geometry.out_channels);
    const auto channels = (uint32_t)block.channels;
    const size_t c = block.first_channel;
    uint64_t falling = 0;
    for (uint32_t bit = 0; bit < channels; bit++) falling |= uint64_t{of(c + bit).falling()} << bit;
    uint64_t words[max_columns];
    kernels.threshold_bits({block.sums, block.channel_stride, block.column_stride, channels, block.columns,
                            thresholds_.data() + c, falling, words});
    block.tiling.for_each_output_run(
        block.tile, block.first_column, block.first_column + block.columns,
        [&](size_t offset, size_t column, size_t count, size_t step) {
            // Offsets are those of channel 0 in NCHW: number of the image and of
            // the pixel.
            const size_t pixel = offset / (outputs * pixels) * pixels + offset % (outputs * pixels);
            const size_t pixel_step = std::max<size_t>(1, step / outputs);
            store_bits(words + (column - block.first_column), count, {c, channels}, outputs,
                       bits + pixel * bytes, pixel_step * bytes);
        });
}

}  // namespace axnn
