#include "layers/sign_threshold.hpp"

namespace axnn {

float ChannelEpilogue::operator()(int32_t sum) const {
    float v = (float)sum * scale + bias;
    v = lower > v ? lower : v;
    return upper < v ? upper : v;
}

int32_t sign_threshold(const ChannelEpilogue& epilogue, int32_t bound) {
    // Rises from false to true: above the threshold or not.
    const auto above = [&](int64_t sum) { return (epilogue((int32_t)sum) >= 0) != epilogue.falling(); };
    if (above(-(int64_t)bound)) return INT32_MIN;
    if (!above(bound)) return INT32_MAX;
    int64_t low = -(int64_t)bound, high = bound;  // above(high) and not above(low)
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        (above(middle) ? high : low) = middle;
    }
    return (int32_t)low;
}

}  // namespace axnn
