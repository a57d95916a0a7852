// What the opaque handles of axnn.h hold, how they come and go, and the checks of a run.
#pragma once

#include <atomic>
#include <memory>

#include "abi/checks.hpp"
#include "abi/wall.hpp"
#include "axnn/axnn.h"
#include "layers/plan.hpp"
#include "multiplier/multiplier.hpp"
#include "runtime/context.hpp"

// A handle shares what it stands for: plans keep their context, so handles may go in any order.
struct axnn_context {
    std::shared_ptr<const axnn::Context> value;
};
struct axnn_multiplier {
    std::shared_ptr<const axnn::Multiplier> value;
};
struct axnn_plan {
    std::shared_ptr<const axnn::Plan> value;
};

namespace axnn::abi {

extern std::atomic<uint64_t> live_handles;

// Runs make(), which returns what the handle stands for, behind the exception wall.
template <typename Handle, typename Make>
axnn_status create(Handle** out, const Make& make) noexcept {
    return wall([&] {
        check_pointer(out, "out");
        *out = nullptr;
        *out = new Handle{make()};
        live_handles++;
    });
}

template <typename Handle>
void destroy(Handle* handle) noexcept {
    if (!handle) return;
    delete handle;
    live_handles--;
}

inline ConvGeometry geometry_of(const axnn_conv2d_desc* conv) {
    check_desc(conv, "conv");
    return ConvGeometry::of(*conv);
}

inline ConvGeometry geometry_of(const axnn_linear_desc* linear) {
    check_desc(linear, "linear");
    return ConvGeometry::of(*linear);
}

// The checked sizes of a run of n images of h x w: elements of input and output.
struct RunSizes {
    size_t input;
    size_t output;
};

inline RunSizes run_sizes(const axnn_plan* plan, int32_t n, ImageSize image) {
    check_pointer(plan, "plan");
    const ConvGeometry& geometry = plan->value->geometry();
    require(n >= 1, AXNN_ERROR_INVALID_ARGUMENT, "n is ", n, ", allowed: >= 1");
    const ImageSize result = geometry.output(image);
    return {tensor_size(n, geometry.in_channels, image, "the size of x"),
            tensor_size(n, geometry.out_channels, result, "the size of the output")};
}

// Checks the input and output of a run, then calls body(plan, image).
template <typename Output, typename Body>
axnn_status run_plan(const axnn_plan* plan, const float* x, size_t x_bytes, int32_t n, int32_t h, int32_t w,
                     const Output* output, size_t output_bytes, const char* output_name,
                     const Body& body) noexcept {
    return wall([&] {
        const ImageSize image = {h, w};
        const RunSizes sizes = run_sizes(plan, n, image);
        check_buffer(x, x_bytes, sizes.input, "x");
        check_buffer(output, output_bytes, sizes.output, output_name);
        body(*plan->value, image);
    });
}

}  // namespace axnn::abi
