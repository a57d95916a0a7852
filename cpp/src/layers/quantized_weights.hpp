// The weights of an approximate layer as codes, made once from floats and shared by all layers that differ
// in something else.
#pragma once

#include <stdint.h>

#include <vector>

#include "axnn/axnn.h"
#include "kernels/kernels.hpp"
#include "layers/conv_geometry.hpp"
#include "runtime/aligned_buffer.hpp"
#include "runtime/context.hpp"

namespace axnn {

// Throws AXNN_ERROR_QUANTIZATION where a quantisation is unusable; `prefix` begins the name of a field.
void check_quantization(const axnn_quantization& q, const char* prefix);

// The parameters as the quantise kernel takes them.
QuantizeParameters quantize_parameters(const axnn_quantization& q);

// To codes of either width.
inline void quantize(const Kernels& kernels, const QuantizeParameters& q, const float* x, size_t count,
                     uint8_t* codes) {
    kernels.quantize(x, count, q, codes);
}
inline void quantize(const Kernels& kernels, const QuantizeParameters& q, const float* x, size_t count,
                     uint16_t* codes) {
    kernels.quantize_words(x, count, q, codes);
}

// Codes of a range are bytes where it lies within -128..127 or 0..255, else words.
inline bool codes_are_bytes(int32_t min, int32_t max) {
    return min >= INT8_MIN && max <= (min < 0 ? INT8_MAX : UINT8_MAX);
}

// The value of a code's byte, or word, in a range of codes.
inline int32_t code_value(uint8_t byte, int32_t code_min) { return code_min < 0 ? (int8_t)byte : byte; }
inline int32_t code_value(uint16_t word, int32_t code_min) { return code_min < 0 ? (int16_t)word : word; }

// Immutable after construction.
class QuantizedWeights {
  public:
    // weights: OIHW; scales and zero_points: one, or one an output channel. Quantises on the context's
    // threads. Throws AXNN_ERROR_QUANTIZATION.
    QuantizedWeights(const Context& context, const ConvGeometry& geometry, int32_t code_min, int32_t code_max,
                     std::vector<float> scales, std::vector<int32_t> zero_points, const float* weights);

    int32_t code_min() const { return code_min_; }
    int32_t code_max() const { return code_max_; }
    // Of output channel o.
    float scale(size_t o) const { return scales_[o]; }
    int32_t zero_point(size_t o) const { return zero_points_[o]; }
    bool bytes() const { return codes_are_bytes(code_min_, code_max_); }
    // Where codes are bytes: those of all weights, [out_channels][taps], and of one output channel.
    const AlignedBuffer<uint8_t>& codes() const { return codes_; }
    const uint8_t* codes(size_t o) const { return codes_.data() + o * taps_; }
    int32_t value(uint8_t byte) const { return code_value(byte, code_min_); }
    // Of tap k of output channel o, bytes or words.
    int32_t code(size_t o, size_t k) const {
        const size_t i = o * taps_ + k;
        return bytes() ? code_value(codes_[i], code_min_) : code_value(words_[i], code_min_);
    }
    // Of the codes of output channel o.
    int64_t sum(size_t o) const { return sums_[o]; }

  private:
    int32_t code_min_;
    int32_t code_max_;
    size_t taps_;
    std::vector<float> scales_;         // one an output channel
    std::vector<int32_t> zero_points_;  // likewise
    AlignedBuffer<uint8_t> codes_;
    AlignedBuffer<uint16_t> words_;
    std::vector<int64_t> sums_;
};

}  // namespace axnn
