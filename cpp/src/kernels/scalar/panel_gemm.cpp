// Panel GEMMs of any CPU: sums[c][n] += sum_k weight[c][k] * value[k][n]. The float tile is that of the
// other tiers on vectors of four, which a compiler maps to what the CPU has.
#include <string.h>

#include "kernels/panel_tile.hpp"
#include "kernels/scalar/scalar.hpp"

namespace axnn::scalar {
namespace {

constexpr uint32_t channels = 4;

struct Float {
    using Sum = float;
    typedef float Vector __attribute__((vector_size(16)));
    static constexpr int lanes = 4;
    static Vector zero() { return Vector{}; }
    static Vector load(const Sum* sums) { return values(sums); }
    static void store(Sum* sums, Vector v) { memcpy(sums, &v, sizeof v); }
    static Vector values(const void* units) {
        Vector v;
        memcpy(&v, units, sizeof v);
        return v;
    }
    static Vector spread(const void* unit) { return *static_cast<const float*>(unit) - Vector{}; }
    static Vector madd(Vector sum, Vector w, Vector x) { return sum + w * x; }
};

void pack_float_weights_4(const float* const* rows, size_t taps, void* packed) {
    pack_float_weights(rows, channels, 0, taps, packed);
}

void run_float(const PanelGemmPass<float>& pass) { panel_tiles<Float, channels, 2>(pass); }

void pack_int8_weights_4(const uint8_t* const* rows, size_t taps, void* packed) {
    pack_integer_weights<int8_t>(rows, channels, 1, 0, taps, packed);
}

void pack_int8_values(const PanelValues<uint8_t>& v) {
    auto* out = static_cast<uint8_t*>(v.packed);
    for (size_t r = 0; r < v.rows; r++)
        for (size_t n = 0; n < v.columns; n++)
            *out++ = (uint8_t)(v.taps[0][r * v.row_stride + n * v.stride] ^ v.flip);
}

void pack_int16_weights_4(const int16_t* const* rows, size_t taps, void* packed) {
    pack_integer_weights<int16_t>(rows, channels, 1, 0, taps, packed);
}

void pack_int16_values(const PanelValues<int16_t>& v) {
    auto* out = static_cast<int16_t*>(v.packed);
    for (size_t r = 0; r < v.rows; r++)
        for (size_t n = 0; n < v.columns; n++) *out++ = v.taps[0][r * v.row_stride + n * v.stride];
}

// Sums are added as uint32_t, which may wrap.
template <typename Weight, typename Value>
void run_integers(const PanelGemmPass<int32_t>& pass) {
    const auto* weights = static_cast<const Weight*>(pass.weights);
    const auto* values = static_cast<const Value*>(pass.values);
    for (size_t c = 0; c < channels; c++) {
        int32_t* sums = pass.sums + c * pass.sum_stride;
        if (!pass.accumulate)
            for (size_t n = 0; n < pass.columns; n++) sums[n] = 0;
        for (size_t k = 0; k < pass.steps; k++)
            for (size_t n = 0; n < pass.columns; n++)
                sums[n] = (int32_t)((uint32_t)sums[n] +
                                    (uint32_t)(weights[k * channels + c] * values[k * pass.columns + n]));
    }
}

}  // namespace

const FloatPanelGemm float_panel = {"mul_4x8_scalar",     channels,          Float::lanes, 1, 4, 4, 4,
                                    pack_float_weights_4, pack_float_values, run_float};
constexpr Int8PanelGemm int8_kernel = {"int8_4_scalar",
                                       channels,
                                       8,
                                       1,
                                       1,
                                       1,
                                       2,
                                       pack_int8_weights_4,
                                       pack_int8_values,
                                       run_integers<int8_t, uint8_t>};
const Int8PanelGemm int8_panel = int8_kernel;
const Int8PanelGemm int8_panel_7bit = int8_kernel;
const Int16PanelGemm int16_panel = {"int16_4_scalar",
                                    channels,
                                    8,
                                    1,
                                    2,
                                    2,
                                    2,
                                    pack_int16_weights_4,
                                    pack_int16_values,
                                    run_integers<int16_t, int16_t>};

}  // namespace axnn::scalar
