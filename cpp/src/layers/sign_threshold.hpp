// Batch norm and sign folded into one integer comparison.
#pragma once

#include <stdint.h>

namespace axnn {

// One channel's float epilogue: clamp((float)sum * scale + bias, lower, upper), float32 in this order.
struct ChannelEpilogue {
    float scale;
    float bias;
    float lower;
    float upper;

    float operator()(int32_t sum) const;
    // Its value falls where the sum rises.
    bool falling() const { return scale < 0; }
};

// The t for which epilogue(sum) >= 0 equals (sum > t) != falling, for every sum in [-bound, bound]: found by
// bisection on the epilogue itself, which is monotone. t may lie outside (the sign is constant).
int32_t sign_threshold(const ChannelEpilogue& epilogue, int32_t bound);

}  // namespace axnn
