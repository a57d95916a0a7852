// What a binary layer makes of its sums: floats, the sums themselves, 8-bit codes or bits.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "axnn/axnn.h"
#include "kernels/kernels.hpp"
#include "layers/sign_threshold.hpp"
#include "layers/tiling.hpp"

namespace axnn {

// What a binary layer writes; see axnn_binary_execute.
struct BinaryOutput {
    axnn_element_type type;
    void* data;
    const axnn_quantization* quantization;  // of AXNN_CODES
};

// The finished sums of some columns of a tile: channel c of column first_column + n is
// sums[c * channel_stride + n * column_stride]; one of the strides is 1.
struct BinarySums {
    const Tiling& tiling;
    const Tile& tile;
    size_t first_column;
    size_t columns;
    size_t first_channel;
    size_t channels;
    const int32_t* sums;
    size_t channel_stride;
    size_t column_stride;
};

// y = clamp((float)sum * scale[o] + bias[o]).
class BinaryEpilogue {
  public:
    static constexpr size_t max_channels = 64;  // of BinarySums, as max_columns
    static constexpr size_t max_columns = 512;

    // bound: the largest magnitude of a sum.
    BinaryEpilogue(std::vector<float> scales, std::vector<float> bias, float lower, float upper,
                   int32_t bound);

    void store(const Kernels& kernels, const BinarySums& block, const BinaryOutput& y) const;
    template <typename Sum>
    static void store_sums(const BinarySums& block, Sum* sums);

    // Of output channel o.
    float scale(size_t o) const { return scales_[o]; }
    float bias(size_t o) const { return bias_[o]; }
    size_t memory() const {
        return (scales_.size() + bias_.size()) * sizeof(float) + thresholds_.size() * sizeof(int32_t);
    }

  private:
    ChannelEpilogue of(size_t o) const { return {scales_[o], bias_[o], lower_, upper_}; }
    void dequantize(const Kernels& kernels, const BinarySums& block, size_t column, size_t count, float* y,
                    size_t channel_stride, size_t column_stride) const;
    void store_floats(const Kernels& kernels, const BinarySums& block, float* y) const;
    void store_codes(const Kernels& kernels, const BinarySums& block, const axnn_quantization& quantization,
                     uint8_t* codes) const;
    void store_signs(const Kernels& kernels, const BinarySums& block, uint8_t* bits) const;

    std::vector<float> scales_;
    std::vector<float> bias_;
    float lower_;
    float upper_;
    std::vector<int32_t> thresholds_;  // see sign_threshold
};

template <typename Sum>
void BinaryEpilogue::store_sums(const BinarySums& block, Sum* sums) {
    const size_t pixels = block.tiling.output().pixels();
    block.tiling.for_each_output_run(
        block.tile, block.first_column, block.first_column + block.columns,
        [&](size_t offset, size_t column, size_t count, size_t step) {
            const int32_t* source = block.sums + (column - block.first_column) * block.column_stride;
            for (size_t c = 0; c < block.channels; c++)
                for (size_t i = 0; i < count; i++)
                    sums[offset + (block.first_channel + c) * pixels + i * step] =
                        source[c * block.channel_stride + i * block.column_stride];
        });
}

}  // namespace axnn
