#include "layers/binary_gradients.hpp"

#include "runtime/error.hpp"

namespace axnn {

void binary_gradients(const BinaryLayer&, const BinaryGradients&) {
    throw Error(AXNN_ERROR_INTERNAL, "to be written");
}

}  // namespace axnn
