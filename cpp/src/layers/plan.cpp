#include "layers/plan.hpp"

#include "runtime/error.hpp"

namespace axnn {

void Plan::execute_sums(const float*, int32_t, ImageSize, int64_t*) const {
    throw Error(AXNN_ERROR_UNSUPPORTED, "a float plan has no integer sums; use axnn_plan_execute");
}

void Plan::execute_scaled(const float*, int32_t, ImageSize, float*) const {
    throw Error(AXNN_ERROR_UNSUPPORTED, "only an approximate plan can run with noise");
}

void Plan::backward(const Gradients&) const {
    throw Error(AXNN_ERROR_UNSUPPORTED,
                "a binary plan has gradients by estimators of sign; use axnn_binary_backward");
}

std::string Plan::explain_jobs(int32_t n, const Tiling& tiling, size_t jobs) const {
    return text(geometry_.out_channels, "/", geometry_.taps(), "/", (size_t)n * tiling.output().pixels(),
                " M/K/N, tiles of ", tiling.max_tile_columns(), " columns, ", tiling.windows(), " windows, ",
                jobs, " jobs on ", context().threads(), " threads, tier ", tier_name(context().tier()));
}

}  // namespace axnn
