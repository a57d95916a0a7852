#include "layers/latent_weights.hpp"

#include "runtime/error.hpp"

namespace axnn {

void mean_magnitudes(const Context&, const float*, size_t, size_t, float*) {
    throw Error(AXNN_ERROR_INTERNAL, "to be written");
}

void clip(const Context&, float, const float*, size_t, float*) {
    throw Error(AXNN_ERROR_INTERNAL, "to be written");
}

}  // namespace axnn
