#include "layers/lut_operands.hpp"

#include <string.h>

#include <algorithm>

namespace axnn {
namespace {

template <typename Visit>
void for_each_reachable(const LutView& lut, const Visit& visit) {
    for (size_t r = 0; r < 256; r++)
        for (size_t c = 0; c < 256; c++)
            if (lut.rows[r] && lut.columns[c]) visit(r * 256 + c, int64_t{lut.products[r * 256 + c]});
}

// The offset after which entries of this range fit int16, if there is one.
int64_t int16_offset(LutView::Range range) {
    return range.min >= INT16_MIN && range.max <= INT16_MAX ? 0 : range.min - INT16_MIN;
}

template <typename Entry>
void fill(const LutView& lut, int64_t offset, KernelTable& table) {
    table.entries = AlignedBuffer<uint8_t>(256 * 256 * sizeof(Entry));
    memset(table.entries.data(), 0, table.entries.size());
    auto* entries = reinterpret_cast<Entry*>(table.entries.data());
    for_each_reachable(lut, [&](size_t i, int64_t product) {
        entries[i] = (Entry)(product - offset);
        table.largest = std::max(table.largest, product < offset ? offset - product : product - offset);
    });
}

}  // namespace

LutView::Range LutView::range() const {
    Range range = {INT64_MAX, INT64_MIN};
    for_each_reachable(*this, [&](size_t, int64_t product) {
        range = {std::min(range.min, product), std::max(range.max, product)};
    });
    return range;
}

bool KernelTable::fits_int16(const LutView& lut) {
    const LutView::Range range = lut.range();
    return range.max - range.min <= UINT16_MAX;
}

KernelTable KernelTable::of(const LutView& lut, bool int16) {
    KernelTable table;
    if (int16) {
        table.offset = int16_offset(lut.range());
        fill<int16_t>(lut, table.offset, table);
    } else {
        fill<int32_t>(lut, 0, table);
    }
    return table;
}

WeightBlocks::WeightBlocks(const uint8_t* bytes, size_t rows, size_t taps, uint32_t channels)
    : blocks_((rows + channels - 1) / channels), block_size_(channels * taps), bytes_(blocks_ * block_size_) {
    std::copy_n(bytes, rows * taps, bytes_.data());
}

}  // namespace axnn
