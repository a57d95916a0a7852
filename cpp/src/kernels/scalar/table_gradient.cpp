#include "kernels/scalar/scalar.hpp"
#include "kernels/table_gradient_loops.hpp"

namespace axnn::scalar {

const TableGradient table_gradient = {table_gradient_inputs, table_gradient_weights};

}  // namespace axnn::scalar
