// Binary convolution and linear layer: signs to bits, XNOR and popcount.
#pragma once

#include <stdint.h>

#include <memory>
#include <vector>

#include "layers/binary_columns.hpp"
#include "layers/binary_depthwise.hpp"
#include "layers/binary_epilogue.hpp"
#include "layers/binary_jobs.hpp"
#include "layers/binary_weights.hpp"
#include "layers/bit_layout.hpp"
#include "layers/plan.hpp"

namespace axnn {

struct BinaryParameters {
    axnn_padding_value padding_value;
    float output_min;
    float output_max;
};

// What a binary layer reads; see axnn_binary_execute.
struct BinaryInput {
    axnn_element_type type;  // AXNN_FLOAT32 or AXNN_BITS
    const void* data;
};

// sum[o] = K - 2 * popcount(w[o] ^ x), y = clamp((float)sum * scale[o] + bias[o]), where w and x are K
// sign bits in the words of BitLayout. padding_classes.hpp has what true zero padding adds.
class BinaryLayer : public Plan {
  public:
    // bits: [out_channels][ceil(K / 8)] bytes in the public format of axnn_binary_pack; scales and bias: one
    // an output channel.
    BinaryLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                const BinaryParameters& parameters, const uint8_t* bits, std::vector<float> scales,
                std::vector<float> bias);

    void execute(const float* x, int32_t n, ImageSize image, float* y) const override;
    void execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const override;
    void execute(const BinaryInput& x, int32_t n, ImageSize image, const BinaryOutput& y) const;
    std::string explain(int32_t n, ImageSize image) const override;

    const BinaryParameters& parameters() const { return parameters_; }
    // The weights as axnn_binary_pack gives them.
    void weight_bits(uint8_t* bits) const { weights_.to_bits(context(), geometry(), bits); }
    // Of output channel o.
    float scale(size_t o) const { return epilogue_.scale(o); }
    float bias(size_t o) const { return epilogue_.bias(o); }
    // Bytes that the layer keeps.
    size_t memory() const { return sizeof *this + weights_.memory() + epilogue_.memory(); }

  private:
    struct Job;
    struct Sums;

    const BinaryGemm& kernel() const { return context().kernels().binary_gemm; }
    const BitLayout& layout() const { return weights_.layout(); }
    BinaryJobs jobs(int32_t n, ImageSize image) const;
    template <typename Finish>
    void run(const BinaryInput& x, int32_t n, ImageSize image, const Finish& finish) const;
    void sum_positions(const Job& job, size_t channel, size_t channels, int32_t* lacking,
                       size_t stride) const;
    template <typename Finish>
    void run_depthwise(const BinaryInput& x, int32_t n, ImageSize image, const Finish& finish) const;
    BinaryDepthwise depthwise(int32_t n, ImageSize image) const;
    uint8_t padding_code() const;
    void fill_patch(const Job& job, const Window& window, const Patch& patch, uint64_t* target) const;
    template <typename Finish>
    void multiply_panels_of_pixels(const Job& job, Workspace& workspace, const Finish& finish) const;
    template <typename Finish>
    void finish_sums(const Job& job, size_t class_columns, const Sums& sums, int32_t* lacking,
                     size_t lacking_stride, const Finish& finish) const;
    template <typename Finish>
    void multiply_panels_of_weights(const Job& job, Workspace& workspace, const Finish& finish) const;

    BinaryParameters parameters_;
    BinaryWeights weights_;
    BinaryEpilogue epilogue_;
};

}  // namespace axnn
