// Functions of an input's codes, summed over the window of each column: what depends on the activations only.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "layers/tiling.hpp"

namespace axnn {

// sums[column] += sum over the window's taps of f(code of that tap), for all columns of a tile. f: a table by
// code. Planes are added up first, into `planes`, one int64_t for each element of the patch's first plane in
// every image.
template <typename Code>
void add_window_sums(const Tiling& tiling, const Tile& tile, const Window& window, const Patch& patch,
                     const Code* codes, const int64_t* f, int64_t* planes, int64_t* sums) {
    const size_t size = patch.plane_size();
    for (size_t image = 0; image < tile.images; image++) {
        int64_t* plane = planes + image * size;
        std::fill_n(plane, size, 0);
        for (size_t p = 0; p < window.planes; p++, codes += size)
            for (size_t i = 0; i < size; i++) plane[i] += f[codes[i]];
    }
    Window one = window;
    one.planes = 1;
    TapOffsets offsets(tiling, one, patch);
    for (size_t tap = 0; tap < one.taps(); tap++) {
        const int64_t* from = planes + offsets.next();
        tiling.for_each_run(tile, one, patch, [&](size_t offset, size_t column, size_t count, size_t stride) {
            for (size_t i = 0; i < count; i++) sums[column + i] += from[offset + i * stride];
        });
    }
}

}  // namespace axnn
