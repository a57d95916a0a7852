#include "kernels/avx512/avx512.hpp"
#include "kernels/table_gradient_loops.hpp"

namespace axnn::avx512 {

const TableGradient table_gradient = {table_gradient_inputs, table_gradient_weights};

}  // namespace axnn::avx512
