#include "layers/bit_pool.hpp"

#include <string.h>

#include <algorithm>

namespace axnn {
namespace {

// Bytes of a pixel that are pooled together.
constexpr size_t max_bytes = 64;

// The pixels of one axis that a window reads: first, first + step, ... below end.
struct Range {
    int64_t first;
    int64_t end;
};

Range range(size_t output, int64_t stride, int64_t pad, int64_t dilation, int64_t kernel, int64_t extent) {
    int64_t first = (int64_t)output * stride - pad;
    const int64_t end = std::min(first + (kernel - 1) * dilation + 1, extent);
    if (first < 0) first += ceil_div((size_t)-first, (size_t)dilation) * dilation;
    return {first, end};
}

}  // namespace

void max_pool_bits(const Context& context, const ConvGeometry& g, const uint8_t* x, int32_t n,
                   ImageSize image, const uint8_t* minimum, uint8_t* y) {
    const ImageSize output = g.output(image);
    const size_t bytes = pixel_bytes(g.in_channels);
    const auto last_byte = (uint8_t)(0xff >> (8 * bytes - (size_t)g.in_channels));
    const auto pixel = [&](size_t number, int64_t row, int64_t col) {
        return x + ((number * (size_t)image.h + (size_t)row) * (size_t)image.w + (size_t)col) * bytes;
    };
    context.run_without_workspace((size_t)n * (size_t)output.h, [&](size_t index) {
        const size_t number = index / (size_t)output.h;
        const Range rows =
            range(index % (size_t)output.h, g.stride_h, g.pad_top, g.dilation_h, g.kernel_h, image.h);
        uint8_t* target = y + index * (size_t)output.w * bytes;
        for (size_t col = 0; col < (size_t)output.w; col++, target += bytes) {
            const Range cols = range(col, g.stride_w, g.pad_left, g.dilation_w, g.kernel_w, image.w);
            for (size_t first = 0; first < bytes; first += max_bytes) {
                const size_t count = std::min(max_bytes, bytes - first);
                uint8_t any[max_bytes] = {}, all[max_bytes];
                memset(all, 0xff, sizeof all);
                for (int64_t r = rows.first; r < rows.end; r += g.dilation_h)
                    for (int64_t c = cols.first; c < cols.end; c += g.dilation_w) {
                        const uint8_t* source = pixel(number, r, c) + first;
                        for (size_t i = 0; i < count; i++) {
                            any[i] |= source[i];
                            all[i] &= source[i];
                        }
                    }
                for (size_t i = 0; i < count; i++) {
                    const uint8_t falling = minimum ? minimum[first + i] : 0;
                    target[first + i] = (uint8_t)((any[i] & ~falling) | (all[i] & falling));
                }
            }
            target[bytes - 1] &= last_byte;
        }
    });
}

}  // namespace axnn
