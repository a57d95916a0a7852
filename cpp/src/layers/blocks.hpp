// An elementwise pass over an array: in parallel, in blocks that are the same on every thread count.
#pragma once

#include <stddef.h>

#include <algorithm>

#include "layers/tiling.hpp"
#include "runtime/context.hpp"

namespace axnn {

// Calls part(first, count) for all blocks of [0, count); asks for no memory and so cannot fail.
template <typename Part>
void for_each_block(const Context& context, size_t count, const Part& part) {
    constexpr size_t block = 4096;
    context.run_without_workspace(ceil_div(count, block),
                                  [&](size_t b) { part(b * block, std::min(block, count - b * block)); });
}

}  // namespace axnn
