// Depthwise sums of exact products and of floats, as plain loops that the compiler vectorises: each tier
// includes this file in its own depthwise.cpp, inside its own anonymous namespace.
//
// Formula: sums[i][j] += sum_(r, s) weight[r][s] * value[i * row_step + j * col_step + tap].
// Operand layout: values in place in the patch; a row of sums stays in the first cache level while the taps
// pass by. Bound: one vector multiplication, load and store of sums for a vector of products.
// Overflow rule: int32 sums wrap modulo 2^32; floats are added in the order of the taps on every tier.

inline int32_t multiply_add(int32_t sum, int32_t w, int32_t v) {
    return (int32_t)((uint32_t)sum + (uint32_t)(w * v));
}
inline float multiply_add(float sum, float w, float v) { return sum + w * v; }

template <typename Value, typename Sum>
void add_tap(const Value* values, size_t step, size_t cols, Sum weight, Sum* sums) {
    if (step == 1)
        for (size_t j = 0; j < cols; j++) sums[j] = multiply_add(sums[j], weight, (Sum)values[j]);
    else
        for (size_t j = 0; j < cols; j++) sums[j] = multiply_add(sums[j], weight, (Sum)values[j * step]);
}

// Value and Weight: what an Element means.
template <typename Weight, typename Value, typename Element, typename Sum>
void add_taps(const DepthwisePass<Element, Sum>& pass) {
    for (size_t i = 0; i < pass.rows; i++)
        for (size_t r = 0; r < pass.rs; r++)
            for (size_t s = 0; s < pass.ss; s++)
                add_tap((const Value*)pass.values + i * pass.row_step + r * pass.tap_row_step +
                            s * pass.tap_col_step,
                        pass.col_step, pass.cols, (Sum)(Weight)pass.weights[r * pass.weight_stride + s],
                        pass.sums + i * pass.cols);
}

void run_int8(const DepthwisePass<uint8_t, int32_t>& pass) {
    if (pass.signed_weights)
        pass.signed_values ? add_taps<int8_t, int8_t>(pass) : add_taps<int8_t, uint8_t>(pass);
    else pass.signed_values ? add_taps<uint8_t, int8_t>(pass) : add_taps<uint8_t, uint8_t>(pass);
}

void run_float(const DepthwisePass<float, float>& pass) { add_taps<float, float>(pass); }
