// The columns of one job of a binary layer as words: those that find what padding lacks
// (padding_classes.hpp), then those of its tile.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "layers/bit_layout.hpp"
#include "layers/padding_classes.hpp"
#include "layers/tiling.hpp"

namespace axnn {

class BinaryColumns {
  public:
    static constexpr size_t max_width = 64;

    // classes: null unless padding is a true zero.
    BinaryColumns(const Tiling& tiling, const Tile& tile, const BitLayout& layout,
                  const PaddingClasses* classes)
        : tiling_(tiling), tile_(tile), layout_(layout), classes_(classes) {}

    size_t of_classes() const { return classes_ ? classes_->columns() : 0; }
    size_t count() const { return of_classes() + tile_.columns(); }

    // Calls use(i, row) for every word i of a window, row[n] being that of column first + n for n < width, 0
    // beyond the last column. patch_data: the words of the window's patch.
    template <typename Use>
    void for_each_word(const Window& window, const Patch& patch, const uint64_t* patch_data, size_t first,
                       size_t width, const Use& use) const {
        const Source source(*this, window, patch, first, width);
        const size_t tail_taps = layout_.compact_tail(window) ? layout_.positions() : 0;
        const size_t word_taps = window.taps() - tail_taps;
        uint64_t row[max_width] = {};
        TapOffsets offsets(tiling_, window, patch);
        size_t word = 0;
        for (size_t tap = 0; tap < word_taps; tap++) {
            source.gather(tap, patch_data + offsets.next(), row);
            use(word++, row);
        }
        if (tail_taps == 0) return;
        // The positions of the tail, one after the other.
        uint64_t bits[max_width] = {};
        uint32_t used = 0;
        for (size_t tap = word_taps; tap < window.taps(); tap++) {
            source.gather(tap, patch_data + offsets.next(), row);
            for (size_t n = 0; n < width; n++) bits[n] |= row[n] << used;
            used += layout_.tail();
            if (used < BitLayout::word_bits) continue;
            use(word++, bits);
            used -= BitLayout::word_bits;
            const uint32_t packed = layout_.tail() - used;
            for (size_t n = 0; n < width; n++) bits[n] = used ? row[n] >> packed : 0;
        }
        if (used > 0) use(word, bits);
    }

  private:
    // Where some columns' words of a window come from.
    class Source {
      public:
        Source(const BinaryColumns& columns, const Window& window, const Patch& patch, size_t first,
               size_t width)
            : columns_(columns), window_(window) {
            const size_t classes = columns.of_classes();
            const size_t last = std::min(first + width, columns.count());
            first_class_ = std::min(first, classes);
            last_class_ = std::min(last, classes);
            if (last <= classes) return;
            columns.tiling_.for_each_run(
                columns.tile_, window, patch, std::max(first, classes) - classes, last - classes,
                [&](size_t offset, size_t column, size_t count, size_t stride) {
                    runs_[run_count_++] = {offset, column + classes - first, count, stride};
                });
        }

        // The words of one tap, which lies at `data` in the patch.
        void gather(size_t tap, const uint64_t* data, uint64_t* row) const {
            for (size_t column = first_class_; column < last_class_; column++)
                row[column - first_class_] = of_class(tap, column);
            for (size_t i = 0; i < run_count_; i++) {
                const Run& run = runs_[i];
                const uint64_t* source = data + run.offset;
                uint64_t* target = row + run.column;
                if (run.stride == 1) {
                    for (size_t n = 0; n < run.count; n++) target[n] = source[n];
                } else {
                    for (size_t n = 0; n < run.count; n++) target[n] = source[n * run.stride];
                }
            }
        }

      private:
        struct Run {
            size_t offset;
            size_t column;
            size_t count;
            size_t stride;
        };

        uint64_t of_class(size_t tap, size_t column) const {
            const size_t plane = window_.first_plane + tap / (window_.rs * window_.ss);
            const size_t r = window_.first_r + tap / window_.ss % window_.rs;
            const size_t s = window_.first_s + tap % window_.ss;
            return columns_.classes_->padded(column, r, s) ? columns_.layout_.mask(plane) : 0;
        }

        const BinaryColumns& columns_;
        const Window& window_;
        size_t first_class_;
        size_t last_class_;
        Run runs_[max_width];
        size_t run_count_ = 0;
    };

    const Tiling& tiling_;
    const Tile& tile_;
    const BitLayout& layout_;
    const PaddingClasses* classes_;
};

}  // namespace axnn
