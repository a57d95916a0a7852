// How a run of a binary layer is divided into jobs, and which operand of its GEMM the weights are.
//
// The kernel multiplies the few rows of a block by the many columns of a panel. Mostly weights are the blocks
// and pixels the panels. Where there are few pixels they would leave most of a panel empty: there pixels are
// the blocks, and the weights become panels, anew in each job.
#pragma once

#include <stddef.h>

#include <algorithm>

#include "kernels/kernels.hpp"
#include "layers/bit_layout.hpp"
#include "layers/padding_classes.hpp"
#include "layers/tiling.hpp"

namespace axnn {

class BinaryJobs {
  public:
    // The division that takes the busiest thread least time.
    static BinaryJobs choose(const BinaryGemm& kernel, const BitLayout& layout, ZeroPadding zero_padding,
                             size_t threads, const ConvGeometry& geometry, int32_t n, ImageSize image);

    const JobGrid& grid() const { return grid_; }
    bool weights_in_panels() const { return weights_in_panels_; }
    // Output channels of a job: whole blocks or panels, as far as the group has them.
    size_t channels() const { return channels_; }
    // Words of a window, at most.
    size_t words() const { return words_; }

    // Words that a panel's part has, so that it stays in the first cache while blocks pass by.
    size_t part_words() const { return std::max<size_t>(near_bytes / kernel_.panel_bytes, 1); }
    // Channels whose sums are finished together, where there is one window.
    size_t finished_channels() const { return words_ <= part_words() ? near_channels : far_channels; }

    // Scratch of a job, the patch apart: at most 256 KiB, but for kernels of more than 128 positions.
    size_t scratch_bytes() const;

  private:
    static constexpr size_t near_bytes = size_t{24} << 10;
    static constexpr size_t near_channels = 64;
    static constexpr size_t far_channels = 256;

    BinaryJobs(const BinaryGemm& kernel, const Tiling& tiling, const BitLayout& layout,
               ZeroPadding zero_padding, size_t max_classes, size_t threads, bool weights_in_panels,
               bool shared);
    double cycles() const;
    double job_cycles() const;
    size_t most_channels() const;
    // Of a tile, those of padding classes among them.
    size_t columns() const {
        return (zero_padding_ == ZeroPadding::columns ? max_classes_ : 0) + grid_.tiling().max_tile_columns();
    }

    BinaryGemm kernel_;
    JobGrid grid_;
    size_t threads_;
    bool weights_in_panels_;
    size_t channels_;
    ZeroPadding zero_padding_;
    size_t max_classes_;  // in a tile; see PaddingClasses::max_columns
    size_t words_;
    size_t all_words_;
};

}  // namespace axnn
