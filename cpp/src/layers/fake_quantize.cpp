#include "layers/fake_quantize.hpp"

#include "runtime/error.hpp"

namespace axnn {

void fake_quantize(const Context&, const axnn_quantization&, const float*, size_t, float*) {
    throw Error(AXNN_ERROR_UNSUPPORTED, "not yet");
}

void fake_quantize_backward(const Context&, const axnn_quantization&, const float*, const float*, size_t,
                            float*) {
    throw Error(AXNN_ERROR_UNSUPPORTED, "not yet");
}

}  // namespace axnn
