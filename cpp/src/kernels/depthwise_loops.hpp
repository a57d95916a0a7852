// Depthwise sums of exact products and of floats in the compiler's vectors: a tier includes this file in its
// own depthwise.cpp, inside its own anonymous namespace, after <string.h> and after `lanes`, the sums in its
// vector: 8 or 16.
//
// Formula: sums[i][j] += sum_(r, s) weight[r][s] * value(h, w), h and w as in DepthwisePass.
// Operand layout: values in place in the patch; a vector of a row's sums stays in a register while the taps
// pass by, the rest of the row in shorter ones.
// Bound: one load, conversion and multiplication of values for a vector of products.
// Overflow rule: int32 sums wrap modulo 2^32; floats are added in the order of the taps on every tier.

template <typename T, size_t size>
struct VectorOf {
    typedef T type __attribute__((vector_size(size * sizeof(T))));
};
template <typename T, size_t size>
using Vector = typename VectorOf<T, size>::type;

// What a sum is computed in: signed ones must not overflow.
template <typename Sum>
struct LaneOf {
    using type = Sum;
};
template <>
struct LaneOf<int32_t> {
    using type = uint32_t;
};

template <typename Value, size_t size>
void load(const Value* values, size_t step, Vector<Value, size>& v) {
    if (step == 1) memcpy(&v, values, sizeof v);
    else
        for (size_t j = 0; j < size; j++) v[j] = values[j * step];
}

// Adds the taps of some columns of a row, from column j on, and gives their number. Value and Weight: what an
// Element means.
template <size_t columns, typename Weight, typename Value, typename Element, typename Sum>
size_t add_columns(const DepthwisePass<Element, Sum>& pass, const Element* row, Sum* sums, size_t j) {
    using Lane = typename LaneOf<Sum>::type;
    Vector<Lane, columns> total;
    memcpy(&total, sums + j, sizeof total);
    const auto* first = (const Value*)row + j * pass.stride_w;
    const size_t row_step = pass.dilation_h * pass.row_step;
    for (size_t r = 0; r < pass.rs; r++)
        for (size_t s = 0; s < pass.ss; s++) {
            Vector<Value, columns> values;
            load<Value, columns>(first + r * row_step + s * pass.dilation_w, pass.stride_w, values);
            const auto weight = (Lane)(Weight)pass.weights[r * pass.weight_stride + s];
            total += weight * __builtin_convertvector(values, Vector<Lane, columns>);
        }
    memcpy(sums + j, &total, sizeof total);
    return columns;
}

template <typename Weight, typename Value, typename Element, typename Sum>
void add_taps(const DepthwisePass<Element, Sum>& pass) {
    Sum* sums = pass.sums;
    for (size_t b = 0; b < pass.images; b++)
        for (size_t i = 0; i < pass.rows; i++, sums += pass.cols) {
            const Element* values = pass.values + b * pass.image_step + i * pass.stride_h * pass.row_step;
            size_t j = 0;
            while (pass.cols - j >= lanes) j += add_columns<lanes, Weight, Value>(pass, values, sums, j);
            if (lanes > 8 && pass.cols - j >= 8) j += add_columns<8, Weight, Value>(pass, values, sums, j);
            if (pass.cols - j >= 4) j += add_columns<4, Weight, Value>(pass, values, sums, j);
            while (j < pass.cols) j += add_columns<1, Weight, Value>(pass, values, sums, j);
        }
}

void run_int8(const DepthwisePass<uint8_t, int32_t>& pass) {
    if (pass.signed_weights)
        pass.signed_values ? add_taps<int8_t, int8_t>(pass) : add_taps<int8_t, uint8_t>(pass);
    else pass.signed_values ? add_taps<uint8_t, int8_t>(pass) : add_taps<uint8_t, uint8_t>(pass);
}

void run_float(const DepthwisePass<float, float>& pass) { add_taps<float, float>(pass); }
