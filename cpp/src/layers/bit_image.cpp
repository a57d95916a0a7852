#include "layers/bit_image.hpp"

#include <string.h>

#include <algorithm>
#include <atomic>
#include <bit>

namespace axnn {
namespace {

static_assert(std::endian::native == std::endian::little, "words are stored as bytes");

// Pixels that are packed together.
constexpr size_t max_pixels = 256;

uint64_t low_bits(uint32_t count) { return ~uint64_t{0} >> (64 - count); }

// The bits of a byte that `mask` names become those of value; other threads may change the others.
void store_part(uint8_t* byte, uint8_t value, uint8_t mask) {
    std::atomic_ref<uint8_t> target(*byte);
    target.fetch_and((uint8_t)~mask, std::memory_order_relaxed);
    target.fetch_or(value, std::memory_order_relaxed);
}

}  // namespace

size_t bit_image_size(int32_t n, int32_t channels, ImageSize image) {
    const size_t pixels = checked_product((size_t)n, image.pixels(), "the pixels of a bit image");
    return checked_product(pixels, pixel_bytes(channels), "the size of a bit image");
}

void load_bits(const uint8_t* pixels, size_t pixel_bytes, ChannelBits channels, size_t count,
               uint64_t* words) {
    const uint8_t* source = pixels + channels.first / 8;
    const uint32_t shift = channels.first % 8;
    const size_t bytes = ceil_div(shift + channels.count, 8);
    const size_t first_bytes = std::min<size_t>(bytes, 8);
    const uint64_t mask = low_bits(channels.count);
    for (size_t i = 0; i < count; i++, source += pixel_bytes) {
        uint64_t word = 0;
        if (first_bytes == 8) memcpy(&word, source, 8);
        else memcpy(&word, source, first_bytes);
        word >>= shift;
        if (bytes > 8) word |= uint64_t{source[8]} << (64 - shift);
        words[i] = word & mask;
    }
}

void store_bits(const uint64_t* words, size_t count, ChannelBits channels, size_t all_channels,
                uint8_t* pixels, size_t pixel_bytes) {
    uint8_t* target = pixels + channels.first / 8;
    const uint32_t shift = channels.first % 8;
    // The trailing bits go with the last channel.
    const bool last = channels.first + channels.count == all_channels;
    const uint32_t end = last ? (uint32_t)round_up(shift + channels.count, 8) : shift + channels.count;
    if (shift == 0 && end == 64) {
        for (size_t i = 0; i < count; i++) memcpy(target + i * pixel_bytes, words + i, 8);
        return;
    }
    for (size_t i = 0; i < count; i++, target += pixel_bytes)
        for (uint32_t byte = 0; byte * 8 < end; byte++) {
            // Bits [from, to) of the byte are ours.
            const uint32_t from = byte == 0 ? shift : 0;
            const uint32_t to = std::min<uint32_t>(end - byte * 8, 8);
            const auto mask = (uint8_t)((1u << to) - (1u << from));
            const uint64_t bits = byte == 0 ? words[i] << shift : words[i] >> (byte * 8 - shift);
            if (mask == 0xff) target[byte] = (uint8_t)bits;
            else store_part(target + byte, (uint8_t)bits & mask, mask);
        }
}

void pack_image(const Context& context, const float* x, int32_t n, int32_t channels, ImageSize image,
                uint8_t* bits) {
    const size_t pixels = image.pixels();
    if (pixels == 1) return pack_signs(context, x, (size_t)n, (size_t)channels, bits);
    const size_t parts = ceil_div(pixels, max_pixels);
    const size_t bytes = pixel_bytes(channels);
    context.run_without_workspace((size_t)n * parts, [&](size_t index) {
        const size_t first = index % parts * max_pixels;
        const size_t count = std::min(max_pixels, pixels - first);
        const float* planes = x + index / parts * (size_t)channels * pixels + first;
        uint8_t* target = bits + (index / parts * pixels + first) * bytes;
        uint64_t words[max_pixels];
        for (size_t c = 0; c < (size_t)channels; c += 64) {
            const auto some = (uint32_t)std::min<size_t>(64, (size_t)channels - c);
            context.kernels().pack_bits(planes + c * pixels, pixels, some, count, words);
            store_bits(words, count, {c, some}, (size_t)channels, target, bytes);
        }
    });
}

void pack_signs(const Context& context, const float* x, size_t rows, size_t row_elements, uint8_t* bits) {
    const size_t row_bytes = ceil_div(row_elements, 8);
    context.run_without_workspace(rows, [&](size_t row) {
        context.kernels().pack_signs(x + row * row_elements, row_elements, bits + row * row_bytes);
    });
}

}  // namespace axnn
