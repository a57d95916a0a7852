#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {

Kernels kernels() {
#define AXNN_SCALAR_KERNEL(type, name) .name = name,
    return {AXNN_KERNELS(AXNN_SCALAR_KERNEL)};
#undef AXNN_SCALAR_KERNEL
}

}  // namespace axnn::scalar
