// The operands of a table GEMM as a kernel wants them: the table in the kernel's entry type, the
// weight bytes in blocks of the kernel's channels.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <array>
#include <vector>

#include "kernels/kernels.hpp"
#include "runtime/aligned_buffer.hpp"

namespace axnn {

// Which bytes an operand can take.
using ReachableBytes = std::array<bool, 256>;

// Products by (row byte, column byte), 256 x 256, of which only the reachable ones count.
struct LutView {
    const int32_t* products;
    ReachableBytes rows;
    ReachableBytes columns;

    struct Range {
        int64_t min;
        int64_t max;
    };
    // Over the reachable entries; at least one row and one column is reachable.
    Range range() const;
};

// A table's reachable entries minus `offset`, in int16 where that is wanted, else in int32 with offset
// 0; the others are 0.
struct KernelTable {
    AlignedBuffer<uint8_t> entries;
    int64_t offset = 0;
    int64_t largest = 0;  // |entry - offset|

    // Whether the reachable entries fit int16 after some offset has been taken out.
    static bool fits_int16(const LutView& lut);
    static KernelTable of(const LutView& lut, bool int16);
};

// Rows of weight bytes, [rows][taps], in blocks of `channels` rows; the last block is filled with zeros.
class WeightBlocks {
  public:
    WeightBlocks() = default;
    WeightBlocks(const uint8_t* bytes, size_t rows, size_t taps, uint32_t channels);

    size_t blocks() const { return blocks_; }
    const uint8_t* block(size_t index) const { return bytes_.data() + index * block_size_; }

  private:
    size_t blocks_ = 0;
    size_t block_size_ = 0;
    std::vector<uint8_t> bytes_;
};

}  // namespace axnn
