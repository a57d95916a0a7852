#include "layers/bit_image.hpp"

#include "runtime/error.hpp"

namespace axnn {

size_t BitImage::bytes(int32_t n, int32_t channels, ImageSize image) {
    return checked_product((size_t)n * image.pixels(), pixel_bytes(channels), "the size of a bit image");
}

void pack_image(const Context&, const float*, int32_t, int32_t, ImageSize, uint8_t*) {
    throw Error(AXNN_ERROR_INTERNAL, "to be written");
}

void pack_signs(const Context& context, const float* x, size_t rows, size_t row_elements, uint8_t* bits) {
    const size_t row_bytes = ceil_div(row_elements, 8);
    context.run_without_workspace(rows, [&](size_t row) {
        context.kernels().pack_signs(x + row * row_elements, row_elements, bits + row * row_bytes);
    });
}

}  // namespace axnn
