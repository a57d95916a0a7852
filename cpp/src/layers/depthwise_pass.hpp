// What the depthwise kernels read of a patch.
#pragma once

#include "kernels/kernels.hpp"
#include "layers/tiling.hpp"

namespace axnn {

// A window of one input plane, whose values are a patch; weights, sums and what else a kernel needs are still
// to be set.
template <typename Element, typename Sum>
DepthwisePass<Element, Sum> depthwise_pass(const Tiling& tiling, const Tile& tile, const Window& window,
                                           const Patch& patch, const Element* values) {
    const ConvGeometry& g = tiling.geometry();
    DepthwisePass<Element, Sum> pass = {};
    pass.weight_stride = (size_t)g.kernel_w;
    pass.rs = window.rs;
    pass.ss = window.ss;
    pass.values = values;
    pass.stride_h = (size_t)g.stride_h;
    pass.stride_w = (size_t)g.stride_w;
    pass.dilation_h = (size_t)g.dilation_h;
    pass.dilation_w = (size_t)g.dilation_w;
    pass.image_step = patch.plane_size();
    pass.row_step = patch.w;
    pass.images = tile.images;
    pass.rows = tile.rows;
    pass.cols = tile.cols;
    return pass;
}

}  // namespace axnn
