// The geometry of a case: a convolution or linear layer, and the batch it runs on.
#pragma once

#include <axnn/axnn.h>

#include <cstddef>
#include <cstdint>
#include <iosfwd>

#include "input.hpp"

namespace axnn::fuzz {

// Sizes are right where the descriptor is, and capped: what a mistaken descriptor asks for may be more than
// memory has. Then a buffer is too short, and the call must be refused.
class Shape {
  public:
    static Shape decode(Input& input);

    bool linear;
    axnn_linear_desc features;
    axnn_conv2d_desc conv;  // of a linear layer too
    int32_t n;
    int32_t h;
    int32_t w;

    // The descriptor is one that the library may accept.
    bool valid() const;

    // A run takes no more time than a case may. One that is not runnable has no buffer for its output.
    bool runnable() const;

    size_t taps() const;
    size_t channels() const;
    size_t inputs() const;
    size_t weights() const;
    size_t outputs() const;
    size_t unfolded() const;  // what axnn_plan_unfold gives
    // Bytes, where weights, input and output are bits.
    size_t weight_bytes() const;
    size_t input_bytes() const;
    size_t output_bytes() const;

  private:
    // Exact below 2^53; of an invalid descriptor 1.
    double tap_count() const;
    double output_pixels() const;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape);

}  // namespace axnn::fuzz
