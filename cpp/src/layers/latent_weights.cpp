#include "layers/latent_weights.hpp"

#include <math.h>

#include "layers/blocks.hpp"
#include "layers/double_sum.hpp"

namespace axnn {

void mean_magnitudes(const Context& context, const float* x, size_t rows, size_t row_elements, float* alpha) {
    context.run_without_workspace(rows, [&](size_t row) {
        const float* values = x + row * row_elements;
        DoubleSum sum;
        sum.add(row_elements, [values](size_t i) { return fabsf(values[i]); });
        alpha[row] = (float)(sum.total() / (double)row_elements);
    });
}

void clip(const Context& context, float limit, const float* x, size_t count, float* y) {
    for_each_block(context, count, [&](size_t first, size_t n) {
        for (size_t i = first; i < first + n; i++) {
            // Comparisons that a NaN fails.
            const float above = x[i] < -limit ? -limit : x[i];
            y[i] = above > limit ? limit : above;
        }
    });
}

}  // namespace axnn
