#include "layers/plan.hpp"

#include "runtime/error.hpp"

namespace axnn {

void Plan::execute_sums(const float*, int32_t, ImageSize, int64_t*) const {
    throw Error(AXNN_ERROR_UNSUPPORTED, "a float plan has no integer sums; use axnn_plan_execute");
}

}  // namespace axnn
