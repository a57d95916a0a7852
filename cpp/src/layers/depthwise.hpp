// How a depthwise layer runs: each group has one input plane, so a kernel reads its codes or floats in place
// from the plane's patch, without im2col. A job is a tile and one output
// channel.
#pragma once

#include <stdint.h>

#include <functional>

#include "layers/tiling.hpp"
#include "runtime/context.hpp"

namespace axnn {

// The cut of a run: element bytes of a value in the patch, column_bytes for all sums of a column.
JobGrid depthwise_grid(const ConvGeometry& geometry, int32_t n, ImageSize image, size_t element,
                       size_t column_bytes);

// What a quantised depthwise layer multiplies.
struct QuantizedDepthwise {
    IntegerDepthwise kernel;
    const void* table;             // null for exact products
    const void* correction_table;  // likewise
    bool signed_weights;
    bool signed_values;
    const uint8_t* weights;  // [out_channels][taps]
    // The channel's zero point in place of each of its weights, [taps]; null where B is 0 or not asked for.
    const uint8_t* (*correction_weights)(const void* owner, size_t channel);
    const void* owner;
    size_t pass_taps;  // products whose sum fits int32
    bool wide;         // sums need 64 bits
    QuantizeParameters quantization;
    uint8_t padding;
};

// The finished sums of one channel for one tile, [columns], and those of B, null where there are none; the
// 64-bit ones are null where sums are narrow.
struct DepthwiseSums {
    const Tiling& tiling;
    const Tile& tile;
    size_t channel;
    int32_t* narrow;
    int64_t* wide;
    int32_t* correction;
    int64_t* wide_correction;
};

JobGrid depthwise_grid(const QuantizedDepthwise& layer, const ConvGeometry& geometry, int32_t n,
                       ImageSize image);

// Makes the sums of job `index` and calls finish(const DepthwiseSums&) for each channel.
using FinishDepthwise = std::function<void(const DepthwiseSums&)>;
void run_depthwise(const Context& context, const QuantizedDepthwise& layer, const ConvGeometry& geometry,
                   int32_t n, ImageSize image, const float* x, const FinishDepthwise& finish);

// y = float convolution + bias; weights: OIHW.
void run_float_depthwise(const Context& context, const ConvGeometry& geometry, const float* weights,
                         const float* bias, const float* x, int32_t n, ImageSize image, float* y);

}  // namespace axnn
