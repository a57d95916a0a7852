#include "kernels/avx2/avx2.hpp"
#include "kernels/table_gradient_loops.hpp"

namespace axnn::avx2 {

const TableGradient table_gradient = {table_gradient_inputs, table_gradient_weights};

}  // namespace axnn::avx2
