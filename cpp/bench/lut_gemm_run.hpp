// The table GEMM kernels of a tier, each alone on packed operands.
#pragma once

#include <string.h>

#include <algorithm>
#include <vector>

#include "kernels/kernels.hpp"
#include "runtime/aligned_buffer.hpp"
#include "table_work.hpp"

namespace axnn::bench {

struct LutCandidate {
    LutGemm kernel;
    size_t entry_size;  // of its table
};

// The kernels that can serve a class of tables.
inline std::vector<LutCandidate> lut_candidates(TableClass table_class, const Kernels& kernels) {
    if (table_class == TableClass::int32) return {{kernels.lut_gemm_int32, 4}};
    return {{kernels.lut_gemm_int16, 2}};
}

// A kernel on all channels and columns, codes packed beforehand. The kernel's entries are the table's minus
// an offset, which `correct` puts back.
struct LutGemmRun {
    LutGemmRun(const TableWork& table_work, const LutCandidate& candidate)
        : work(table_work),
          kernel(candidate.kernel),
          entry_size(candidate.entry_size),
          blocks((work.shape.m + kernel.channels - 1) / kernel.channels),
          codes(work.code_min < 0 ? 256 : 128),
          table(table_entries * entry_size),
          weights(work.weight_codes),
          packed((work.shape.k + kernel.step - 1) / kernel.step * kernel.step * work.shape.n),
          sums(blocks * kernel.channels * work.shape.n),
          scratch(kernel.scratch_bytes) {
        if (entry_size == 2 && *std::max_element(work.products.begin(), work.products.end()) > 32767)
            offset = 32768;
        for (size_t i = 0; i < table_entries; i++) {
            const int32_t entry = work.products[i] - offset;  // its low bytes come first
            memcpy(table.data() + i * entry_size, &entry, entry_size);
        }
        weights.resize(blocks * kernel.channels * work.shape.k);
        std::vector<const uint8_t*> taps(kernel.step);
        for (size_t k = 0; k < work.shape.k; k += kernel.step) {
            for (size_t j = 0; j < kernel.step; j++)
                taps[j] =
                    k + j < work.shape.k ? work.activation_codes.data() + (k + j) * work.shape.n : nullptr;
            kernel.pack(taps.data(), work.shape.n, 1, packed.data() + k * work.shape.n);
        }
    }
    void run() {
        const auto [m, k, n] = work.shape;
        std::fill_n(sums.data(), sums.size(), 0);
        for (size_t b = 0; b < blocks; b++)
            kernel.run({table.data(), weights.data() + b * kernel.channels * k, k, packed.data(), k, n,
                        sums.data() + b * kernel.channels * n, scratch.data(), codes});
    }
    bool correct() const {
        const auto [m, k, n] = work.shape;
        for (size_t row = 0; row < m; row++)
            for (size_t column = 0; column < n; column++) {
                const size_t block = row / kernel.channels, channel = row % kernel.channels;
                const int32_t sum = sums.data()[(block * n + column) * kernel.channels + channel];
                if (sum + (int32_t)k * offset != work.expected[row * n + column]) return false;
            }
        return true;
    }
    // The vector tables that it makes: an entry for each code, of each channel, at each tap.
    double bytes() const { return (double)(blocks * kernel.channels * work.shape.k * codes * entry_size); }

    const TableWork& work;
    LutGemm kernel;
    size_t entry_size;
    int32_t offset = 0;
    size_t blocks;
    size_t codes;
    AlignedBuffer<uint8_t> table;
    std::vector<uint8_t> weights;  // of whole blocks
    AlignedBuffer<uint16_t> packed;
    AlignedBuffer<int32_t> sums;
    AlignedBuffer<uint8_t> scratch;
};

}  // namespace axnn::bench
