#include "layers/binary_jobs.hpp"

#include <initializer_list>
#include <optional>

#include "runtime/workspace.hpp"

namespace axnn {
namespace {

constexpr size_t max_columns = 4096;         // of a tile
constexpr size_t max_block_columns = 256;    // where pixels are the blocks
constexpr size_t max_window_columns = 64;    // where there are several windows: their sums are all kept
constexpr size_t max_window_channels = 128;  // likewise
constexpr size_t max_panel_bytes = size_t{128} << 10;
constexpr size_t max_patch_bytes = size_t{2} << 20;
constexpr size_t max_class_bytes = size_t{48} << 10;
constexpr size_t max_scratch_bytes = size_t{256} << 10;

// Cycles, measured on Zen 3.
constexpr double pack_element = 0.4;    // a float to a bit
constexpr double gather_word = 60;      // a word of a panel's columns, from the patch
constexpr double pack_block_word = 12;  // a word of a block
constexpr double share_job = 2000;      // to begin a job
constexpr double wake_thread = 10'000;

TileCost tile_cost(const BinaryGemm& kernel, const BitLayout& layout, size_t columns) {
    TileCost cost = {};
    cost.planes = layout.planes();
    cost.patch_element = sizeof(uint64_t);
    cost.tap_multiple = 1;
    cost.column_multiple = 1;
    cost.column = 1;
    cost.max_columns = columns;
    cost.max_taps = std::max(max_panel_bytes / kernel.panel_bytes, layout.compact() ? layout.positions() : 1);
    cost.whole_kernels = layout.compact();
    cost.budget = max_patch_bytes;
    return cost;
}

// Tiles of about `columns` columns, fewer where there are several windows.
Tiling tiling_of(const BinaryGemm& kernel, const BitLayout& layout, const ConvGeometry& geometry, int32_t n,
                 ImageSize image, size_t columns) {
    const Tiling tiling(geometry, n, image, tile_cost(kernel, layout, std::min(columns, max_columns)));
    if (tiling.windows() == 1) return tiling;
    return Tiling(geometry, n, image, tile_cost(kernel, layout, std::min(columns, max_window_columns)));
}

}  // namespace

BinaryJobs::BinaryJobs(const BinaryGemm& kernel, const Tiling& tiling, const BitLayout& layout,
                       ZeroPadding zero_padding, size_t max_classes, size_t threads, bool weights_in_panels,
                       bool shared)
    : kernel_(kernel),
      grid_(tiling, 1),
      threads_(threads),
      weights_in_panels_(weights_in_panels),
      zero_padding_(zero_padding),
      max_classes_(max_classes),
      words_(tiling.windows() == 1 ? layout.words() : tiling.max_window_taps()),
      all_words_(layout.words()) {
    const size_t unit = weights_in_panels ? kernel.columns : kernel.rows;
    const size_t outputs = tiling.geometry().group_outputs();
    const size_t units = ceil_div(outputs, unit);
    const size_t jobs = tiling.tiles() * (size_t)tiling.geometry().groups;
    const size_t most = std::max<size_t>(most_channels() / unit, 1);
    const size_t splits =
        std::max(ceil_div(units, most), shared ? balanced_splits(jobs, units, threads) : size_t{1});
    const size_t share = ceil_div(units, splits);
    channels_ = share * unit;
    grid_ = JobGrid(tiling, ceil_div(units, share));
}

size_t BinaryJobs::most_channels() const {
    if (weights_in_panels_) return SIZE_MAX;
    size_t most = grid_.tiling().windows() > 1 ? max_window_channels : SIZE_MAX;
    if (max_classes_ > 0) most = std::min(most, max_class_bytes / (max_classes_ * sizeof(int32_t)));
    return most;
}

size_t BinaryJobs::scratch_bytes() const {
    const Tiling& tiling = grid_.tiling();
    const size_t edges =
        max_classes_ > 0 ? PaddingClasses::edge_bytes * (tiling.max_tile_rows() + tiling.max_tile_cols()) : 0;
    if (weights_in_panels_) {
        const size_t rows = round_up(columns(), kernel_.rows);
        return edges + std::min(words_, part_words()) * kernel_.panel_bytes +
               words_ * kernel_.block_bytes * (1 + rows / kernel_.rows) +
               words_ * kernel_.columns * sizeof(uint64_t) +
               (rows + max_classes_) * kernel_.columns * sizeof(int32_t);
    }
    const size_t panel = words_ * kernel_.panel_bytes;
    const size_t summed_columns =
        tiling.windows() > 1 ? round_up(columns(), kernel_.columns) : kernel_.columns;
    const size_t summed_channels =
        tiling.windows() > 1 ? channels_ : std::min(channels_, finished_channels());
    return edges + panel + words_ * kernel_.block_bytes +
           (summed_columns * summed_channels + max_classes_ * channels_) * sizeof(int32_t);
}

double BinaryJobs::job_cycles() const {
    const auto words = (double)all_words_;
    const auto panels = (double)ceil_div(columns(), kernel_.columns);
    const double bits = (double)grid_.tiling().max_patch_size() * BitLayout::word_bits * pack_element;
    double rows, width, pack = panels * words * gather_word;
    if (weights_in_panels_) {
        rows = (double)round_up(columns(), kernel_.rows);
        width = (double)channels_;
        pack +=
            words * (width / kernel_.columns * kernel_.spread_cycles + rows / kernel_.rows * pack_block_word);
    } else {
        rows = (double)channels_;
        width = panels * kernel_.columns;
        pack += panels * words * kernel_.pack_cycles;
    }
    return share_job + bits + pack + rows * width * words * BitLayout::word_bits / kernel_.products_per_cycle;
}

double BinaryJobs::cycles() const {
    const size_t jobs = grid_.count();
    return (double)ceil_div(jobs, threads_) * job_cycles() + (jobs > 1 && threads_ > 1 ? wake_thread : 0);
}

BinaryJobs BinaryJobs::choose(const BinaryGemm& kernel, const BitLayout& layout, ZeroPadding zero_padding,
                              size_t threads, const ConvGeometry& geometry, int32_t n, ImageSize image) {
    const size_t columns = (size_t)n * geometry.output(image).pixels();
    const size_t classes = zero_padding == ZeroPadding::none ? 0 : PaddingClasses::count(geometry, image);
    std::optional<BinaryJobs> best;
    const auto consider = [&](const Tiling& tiling, bool weights_in_panels, bool shared) {
        const size_t max_classes =
            classes > 0 ? PaddingClasses::max_columns(classes, tiling.max_tile_columns()) : 0;
        const BinaryJobs jobs(kernel, tiling, layout, zero_padding, max_classes, threads, weights_in_panels,
                              shared);
        if (weights_in_panels && jobs.scratch_bytes() > max_scratch_bytes) return;
        if (!best || jobs.cycles() < best->cycles()) best = jobs;
    };
    for (const size_t tiles : {size_t{1}, threads, 2 * threads, 4 * threads}) {
        const Tiling tiling = tiling_of(kernel, layout, geometry, n, image, ceil_div(columns, tiles));
        for (const bool shared : {false, true}) {
            consider(tiling, false, shared);
            if (tiling.windows() == 1 && tiling.max_tile_columns() <= max_block_columns)
                consider(tiling, true, shared);
        }
    }
    return *best;
}

}  // namespace axnn
