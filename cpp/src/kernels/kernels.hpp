// The hot loops of axnn, as one struct of function pointers for each tier.
//
// A kernel knows numbers and memory layouts; it knows no layers, threads or CPU features, and checks
// nothing: its caller owns the preconditions written here. `AXNN_KERNELS` is the one list of all
// kernels: the struct and the scalar tier are made from it, and a test looks for each. The scalar tier
// defines what each kernel computes; every other tier gives the same bits, but for `float_gemm` and
// `table_gradient` (1e-5 of the largest magnitude).
//
// Tier objects use no C++ standard library and leave no weak symbols outside their own namespace:
// code compiled for a higher tier must never be picked by the linker for a lower one.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace axnn {

// ---- Table GEMM --------------------------------------------------------------------------------

// One pass of a table GEMM over a block of lanes:
//   sums[n][l] += sum_k entry(lane[k][l], index[k][n])      (modulo 2^32)
// for l < LutGemm::lanes, n < count, k < taps. A product has two operands, weight and activation: the one
// whose bytes lie side by side in the lanes of a vector is the lane, the other one, which passes by, the
// index. Which is which is the caller's choice.
struct LutGemmPass {
    const void* table;        // made by LutGemm::make_table, 64-byte aligned
    const uint8_t* lanes;     // [taps][LutGemm::lanes] bytes
    const uint16_t* indices;  // [ceil(taps / step)][index_stride][step], made by LutGemm::pack
    size_t index_stride;
    size_t taps;
    size_t count;
    int32_t* sums;           // [count][LutGemm::lanes], 64-byte aligned
    void* scratch;           // scratch_bytes, 64-byte aligned, contents lost
    size_t lane_end = 256;   // all bytes of lanes are below it
    size_t index_end = 256;  // likewise of indices
    // Index bytes are two's complement without -128, and an entry changes its sign with its index.
    bool odd = false;
};

struct LutGemm {
    static constexpr uint32_t max_step = 16;
    const char* name;   // technique, lanes, step and tier, for explain and benchmarks
    uint32_t lanes;     // of a block
    uint32_t step;      // taps that one pack call interleaves
    int32_t entry_min;  // of the entries that it adds without overflow
    int32_t entry_max;
    size_t table_bytes;
    size_t scratch_bytes;
    // What choosing a kernel is based on, measured: cycles that it takes to prepare one tap of a block for
    // all 256 bytes of an index, and cycles for one index at one tap.
    float lane_cycles;
    float index_cycles;
    // Makes the table from entries [lane byte][index byte], 256 x 256.
    void (*make_table)(const int32_t* entries, void* table);
    // Packs one step: packed[n * step + j] from taps[j][n * stride]; a null tap is absent and adds
    // nothing to a sum (run knows from `taps` that it is).
    void (*pack)(const uint8_t* const* taps, size_t count, size_t stride, uint16_t* packed);
    void (*run)(const LutGemmPass& pass);
};

// ---- Panel GEMM ---------------------------------------------------------------------------------

// One block of output channels times the packed columns of a tile:
//   sums[c * sum_stride + n] = (accumulate ? sums[c * sum_stride + n] : 0) + sum_k weight[c][k] * value[k][n]
// for c < PanelGemm::channels, n < columns, k < steps * PanelGemm::step. int32 sums wrap modulo 2^32.
template <typename Sum>
struct PanelGemmPass {
    const void* weights;  // [steps][channels][step] packed weights, 64-byte aligned
    const void* values;   // [steps][columns][step] packed values, 64-byte aligned; columns as below
    size_t steps;
    size_t columns;  // of the tile: a multiple of PanelGemm::columns
    Sum* sums;       // 64-byte aligned
    size_t sum_stride;
    bool accumulate;
};

// One step of some columns: packed value (r * columns + n, j) is taps[j][r * row_stride + n * stride], for
// r < rows, n < columns; a null tap is zeros. Whole vectors are read and written: up to PanelGemm::overrun
// elements behind the last of a tap and as many packed values behind the last column may be touched.
template <typename Element>
struct PanelValues {
    const Element* const* taps;
    size_t rows;
    size_t row_stride;
    size_t columns;
    size_t stride;
    uint8_t flip;  // added modulo 256 to each byte (0 or 128: signed codes become 0..255); 0 for others
    void* packed;
};

// float: weights and values are floats. int8: weights are codes in -128..127 and values codes in 0..255
// (int8_panel_7bit: 0..127), each as a byte; a sum of up to 65 000 products fits int32. int16: both are
// -32768..32767.
template <typename Element, typename Sum>
struct PanelGemm {
    static constexpr uint32_t max_step = 4;
    static constexpr uint32_t overrun = 32;
    const char* name;
    uint32_t channels;         // rows of a block of weights
    uint32_t columns;          // columns of a panel
    uint32_t step;             // taps packed side by side
    uint32_t weight_size;      // bytes of a packed weight
    uint32_t value_size;       // bytes of a packed value
    float products_per_cycle;  // of run, measured; what choosing between this and a table is based on
    // Packs rows of weights, rows[c] the taps of channel c, null for an absent channel (zeros); taps beyond
    // `taps` become zeros.
    void (*pack_weights)(const Element* const* rows, size_t taps, void* packed);
    void (*pack_values)(const PanelValues<Element>& values);
    void (*run)(const PanelGemmPass<Sum>& pass);
};
using FloatPanelGemm = PanelGemm<float, float>;
using Int8PanelGemm = PanelGemm<uint8_t, int32_t>;
using Int16PanelGemm = PanelGemm<int16_t, int32_t>;

// ---- Depthwise ----------------------------------------------------------------------------------

// One output channel over one input plane of some images, read in place from their patches:
//   sums[b][i][j] += sum_(r, s) product(weights[r * weight_stride + s], value(b, h, w))
// with value(b, h, w) = values[b * image_step + h * row_step + w], h = i * stride_h + r * dilation_h,
// w = j * stride_w + s * dilation_w, for b < images, i < rows, j < cols, r < rs, s < ss. int32 sums wrap
// modulo 2^32. The product is table[weight][value] (lut_depthwise, table [256][256] of the kernel's entries),
// that of the codes (int8_depthwise; sign_depthwise: -1, 0 and 1, signed, and it may read sign_slack bytes
// behind its values) or that of floats, summed in the order of the taps.
inline constexpr size_t sign_slack = 31;
template <typename Element, typename Sum>
struct DepthwisePass {
    const void* table;    // of lut_depthwise
    size_t value_end;     // likewise: all values are below it, at most 256
    bool signed_weights;  // of int8_depthwise: bytes are -128..127, else 0..255
    bool signed_values;
    const Element* weights;
    size_t weight_stride;
    size_t rs;
    size_t ss;
    size_t stride_h;
    size_t stride_w;
    size_t dilation_h;
    size_t dilation_w;
    const Element* values;
    size_t image_step;
    size_t row_step;
    size_t images;
    size_t rows;
    size_t cols;
    Sum* sums;      // [images][rows][cols]
    void* scratch;  // scratch_bytes, 64-byte aligned, contents lost
};
template <typename Element, typename Sum>
struct DepthwiseKernel {
    const char* name;
    size_t scratch_bytes;
    void (*run)(const DepthwisePass<Element, Sum>& pass);
};
using IntegerDepthwise = DepthwiseKernel<uint8_t, int32_t>;
using FloatDepthwise = DepthwiseKernel<float, float>;

// ---- Binary GEMM -------------------------------------------------------------------------------

// Rows of words: word i of row r is words[r * row_stride + i * word_stride].
struct BitRows {
    const uint64_t* words;
    size_t row_stride;
    size_t word_stride;
    uint32_t rows;
};

// Sums of products of signs, bit 1 for +1:
//   sums[r * stride + n] = (begin ? first : sums[r * stride + n]) - 2 * sum_i popcount(block[r][i] ^
//   panel[i][n])
// modulo 2^32, for r < rows, n < columns, over 64-bit words i: a sum that begins as the number of bits ends
// as that of the products.
struct BinaryPass {
    const void* block;  // 64-byte aligned, as the panel
    const void* panel;
    size_t words;
    bool begin;
    int32_t first;
    int32_t* sums;
    size_t stride;  // >= columns
};

// Weights and activations may be either operand. The packed forms belong to the kernel.
struct BinaryGemm {
    const char* name;
    uint32_t rows;       // of a block
    uint32_t columns;    // of a panel, a multiple of rows
    size_t block_bytes;  // a packed word of a block
    size_t panel_bytes;  // a packed word of a panel
    // What it takes, for the choice between the operands' places.
    float products_per_cycle;  // of run
    float pack_cycles;         // of pack_panel
    float spread_cycles;       // of spread_blocks, for a word
    // At most `rows` rows; those that are absent become zeros.
    void (*pack_block)(const BitRows& rows, size_t words, void* block);
    // The inverse: words[r * row_stride + i] of `rows` rows.
    void (*unpack_block)(const void* block, size_t words, uint64_t* unpacked, size_t row_stride);
    // words: the i-th word of each of the panel's columns.
    void (*pack_panel)(const uint64_t* words, void* panel);
    // columns / rows blocks as a panel, whose columns are their rows; null is a block of zeros.
    void (*spread_blocks)(const void* const* blocks, size_t words, void* panel);
    void (*run)(const BinaryPass& pass);
};

// ---- Dequantise --------------------------------------------------------------------------------

// y = clamp((float)(sum + offset[c]) * scale[c] + bias[c], lower, upper), float32 in this order, for
// c < channels, n < columns, written to y[c * channel_stride + n * column_stride]. The sum is
// sums[n * sum_stride + c] (interleaved) or sums[c * sum_stride + n] (planar); sum + offset fits int32.
// A limit is kept by `lower > v ? lower : v`, then `upper < v ? upper : v`.
struct Dequantize {
    const int32_t* sums;
    size_t sum_stride;
    size_t channels;
    size_t columns;
    const int32_t* offset;
    const float* scale;
    const float* bias;
    float lower;
    float upper;
    float* y;
    size_t channel_stride;
    size_t column_stride;
};
using DequantizeKernel = void (*)(const Dequantize& d);

// ---- Float GEMM --------------------------------------------------------------------------------

// y[m][n] = (accumulate ? y[m][n] : 0) + sum_k w[m][k] * x[k][n], all row-major.
struct FloatGemm {
    const float* w;  // [m][w_stride], or [k][w_stride] where transposed
    size_t w_stride;
    const float* x;  // [k][n], or [n][k] where transposed
    float* y;        // [m][y_stride]
    size_t m;
    size_t k;
    size_t n;
    bool accumulate;
    bool w_transposed = false;
    bool x_transposed = false;
    size_t y_stride = 0;  // 0: n
};
using FloatGemmKernel = void (*)(const FloatGemm& g);

// ---- Table gradients ---------------------------------------------------------------------------

// Sums over one tap of a table layer's gradients; table_gradient_loops.hpp has the formulas.
struct TableGradientTap {
    const uint8_t* codes;  // [columns] activation bytes
    size_t columns;
    const float* grads;          // [columns][channels], finite where a channel is absent
    const uint8_t* weights;      // [channels] bytes
    const float* slopes;         // [256][256], row activation byte, column weight byte
    const uint8_t* zero_points;  // [channels] bytes; this and the next two of `inputs` only
    const float* corrections;    // [256][256], row activation byte, column zero point
    const float* scales;         // [channels]
    float* sums;                 // inputs: [columns], added to; weights: [channels], written
    void* scratch;               // [256][channels] floats, contents lost
};

struct TableGradient {
    static constexpr size_t channels = 64;  // of a block
    void (*inputs)(const TableGradientTap& t);
    void (*weights)(const TableGradientTap& t);
};

// ---- Quantise ----------------------------------------------------------------------------------

// codes[i] = (uint8_t)clamp(round_half_even(x[i] / scale + zero_point), code_min, code_max); +-Inf
// saturates, NaN gives the zero point. All float32; see axnn_quantization in axnn.h.
struct QuantizeParameters {
    float scale;
    float zero_point;
    float code_min;
    float code_max;
};

using Quantize = void (*)(const float* x, size_t count, const QuantizeParameters& q, uint8_t* codes);

// values[i] = table[codes[i]], table of 256 bytes, 64-byte aligned.
using MapBytes = void (*)(const uint8_t* codes, size_t count, const uint8_t* table, uint8_t* values);

// The int16 codes of `quantize`, as two's complement or unsigned words.
using QuantizeWords = void (*)(const float* x, size_t count, const QuantizeParameters& q, uint16_t* codes);

// ---- Magnitude ---------------------------------------------------------------------------------

// The largest |x[i]|, 0 for no values at all; a NaN where one is NaN.
using LargestMagnitude = float (*)(const float* x, size_t count);

// ---- Noise -------------------------------------------------------------------------------------

// y[i] = (y[i] + N * sigma) + mean, float32 in this order, for i < count, where N is standard normal and
// depends on seed and first + i only: kernels/noise.hpp.
struct Noise {
    float* y;
    size_t count;
    uint64_t first;
    uint64_t seed;
    float sigma;
    float mean;
};
using AddNoise = void (*)(const Noise& n);

// ---- Bits --------------------------------------------------------------------------------------

// words[i] bit p = (x[p * plane_stride + i] >= 0) for p < planes <= 64; higher bits are 0.
using PackBits = void (*)(const float* x, size_t plane_stride, uint32_t planes, size_t count,
                          uint64_t* words);

// bit i of bits, lowest first, = (x[i] >= 0); ceil(count / 8) bytes, trailing bits are 0.
using PackSigns = void (*)(const float* x, size_t count, uint8_t* bits);

// codes[i] = 1 where x[i] >= 0, else -1 (the byte 255).
using SignCodes = void (*)(const float* x, size_t count, uint8_t* codes);

// words[n] bit c = (sums[c * channel_stride + n * column_stride] > threshold[c]) != (bit c of falling) for
// c < channels <= 64, n < columns; higher bits are 0. One of the strides is 1.
struct Threshold {
    const int32_t* sums;
    size_t channel_stride;
    size_t column_stride;
    uint32_t channels;
    size_t columns;
    const int32_t* threshold;
    uint64_t falling;
    uint64_t* words;
};
using ThresholdBits = void (*)(const Threshold& t);

// ---- The list ----------------------------------------------------------------------------------

// KERNEL(type, name)
#define AXNN_KERNELS(KERNEL)                         \
    KERNEL(Quantize, quantize)                       \
    KERNEL(QuantizeWords, quantize_words)            \
    KERNEL(MapBytes, map_bytes)                      \
    KERNEL(LutGemm, lut_gemm_uint8)                  \
    KERNEL(LutGemm, lut_gemm_int13)                  \
    KERNEL(LutGemm, lut_gemm_int15)                  \
    KERNEL(LutGemm, lut_gemm_int16)                  \
    KERNEL(LutGemm, lut_gemm_int32)                  \
    KERNEL(LutGemm, lut_planes_uint8)                \
    KERNEL(LutGemm, lut_planes_int16)                \
    KERNEL(IntegerDepthwise, lut_depthwise_int16)    \
    KERNEL(IntegerDepthwise, lut_depthwise_int32)    \
    KERNEL(IntegerDepthwise, int8_depthwise)         \
    KERNEL(IntegerDepthwise, sign_depthwise)         \
    KERNEL(FloatDepthwise, float_depthwise)          \
    KERNEL(DequantizeKernel, dequantize_interleaved) \
    KERNEL(DequantizeKernel, dequantize_planar)      \
    KERNEL(PackBits, pack_bits)                      \
    KERNEL(PackSigns, pack_signs)                    \
    KERNEL(SignCodes, sign_codes)                    \
    KERNEL(ThresholdBits, threshold_bits)            \
    KERNEL(BinaryGemm, binary_gemm)                  \
    KERNEL(LargestMagnitude, largest_magnitude)      \
    KERNEL(AddNoise, add_noise)                      \
    KERNEL(FloatPanelGemm, float_panel)              \
    KERNEL(Int8PanelGemm, int8_panel)                \
    KERNEL(Int8PanelGemm, int8_panel_7bit)           \
    KERNEL(Int16PanelGemm, int16_panel)              \
    KERNEL(FloatGemmKernel, float_gemm)              \
    KERNEL(TableGradient, table_gradient)

// One tier's kernels.
struct Kernels {
#define AXNN_KERNEL_MEMBER(type, name) type name;
    AXNN_KERNELS(AXNN_KERNEL_MEMBER)
#undef AXNN_KERNEL_MEMBER
};

// A tier's folder holds its kernels in its own namespace, one `<op>.cpp` for each operation, and
// `tier.cpp`, whose kernels() starts as a copy of the tier below.
namespace scalar {
Kernels kernels();
}
namespace avx2 {
Kernels kernels();
}
namespace avx512 {
Kernels kernels();
}

}  // namespace axnn
