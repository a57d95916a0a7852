// How a depthwise layer runs: each group has one input plane, so a kernel reads its codes or floats in place
// from the plane's patch, without im2col. A job is a tile and a group, and fills the patch once for all of
// the group's output channels; there are more jobs only where threads would have none.
#pragma once

#include <stdint.h>

#include "layers/quantized_layer.hpp"
#include "layers/quantized_weights.hpp"
#include "layers/tiling.hpp"
#include "runtime/context.hpp"

namespace axnn {

struct DepthwiseJobs {
    JobGrid grid;
    size_t channels;  // of a group, in a job
};

// What a quantised depthwise layer multiplies:
//   acc[o] = sum_k P(w_k, x_k), B[o] = sum_k Q(zw, x_k)
// with products P and Q of the kernel, and zw the zero point of the channel's weights.
struct QuantizedDepthwise {
    IntegerDepthwise kernel;
    const void* table;             // P; null for exact products
    const void* correction_table;  // Q; likewise
    const QuantizedWeights& weights;
    bool corrected;    // B is wanted, and not always 0
    size_t pass_taps;  // products whose sum fits int32
    bool wide;         // sums need 64 bits
    axnn_quantization input;
    uint8_t padding;
};

DepthwiseJobs depthwise_jobs(const Context& context, const QuantizedDepthwise& layer,
                             const ConvGeometry& geometry, int32_t n, ImageSize image);

// y = clamp((float)(acc - B + offset[o]) * scale[o] + bias[o]).
struct DepthwiseOutput {
    const int64_t* offsets;        // one an output channel
    const int32_t* offsets_int32;  // the same modulo 2^32
    const float* scales;
    Epilogue epilogue;
    float* y;
};
void run_depthwise(const Context& context, const QuantizedDepthwise& layer, const ConvGeometry& geometry,
                   int32_t n, ImageSize image, const float* x, const DepthwiseOutput& output);

// sums = acc + offsets[o], or acc where offsets is null.
void run_depthwise_sums(const Context& context, const QuantizedDepthwise& layer, const ConvGeometry& geometry,
                        int32_t n, ImageSize image, const float* x, const int64_t* offsets, int64_t* sums);

DepthwiseJobs float_depthwise_jobs(const Context& context, const ConvGeometry& geometry, int32_t n,
                                   ImageSize image);

// y = float convolution + bias; weights: OIHW.
void run_float_depthwise(const Context& context, const ConvGeometry& geometry, const float* weights,
                         const float* bias, const float* x, int32_t n, ImageSize image, float* y);

}  // namespace axnn
