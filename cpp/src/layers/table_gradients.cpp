#include "layers/table_gradients.hpp"

#include <algorithm>
#include <vector>

#include "layers/gradient_jobs.hpp"

namespace axnn {
namespace {

// The codes of an operand.
struct CodeRange {
    int32_t min;
    int32_t max;
};

constexpr size_t index_of(int32_t x, int32_t w) { return size_t{256} * (uint8_t)x + (uint8_t)w; }

// differences(v) of a row f(v), v in range, as docs/numerics.md defines D.
class Differences {
  public:
    template <typename Product>
    Differences(CodeRange range, int32_t half_window, const Product& f)
        : range_(range), half_window_(half_window) {
        prefix_[0] = 0;
        for (int32_t v = range.min; v <= range.max; v++)
            prefix_[v - range.min + 1] = prefix_[v - range.min] + f(v);
        ends_ = (float)((double)(int64_t{f(range.max)} - f(range.min)) / (range.max - range.min));
    }

    float operator()(int32_t v) const {
        if (v - 1 - half_window_ < range_.min || v + 1 + half_window_ > range_.max) return ends_;
        return (float)((double)(sum(v + 1) - sum(v - 1)) / (2.0 * (2 * half_window_ + 1)));
    }

  private:
    // Of the smoothing window around v.
    int64_t sum(int32_t v) const {
        const int32_t i = v - range_.min;
        return prefix_[i + half_window_ + 1] - prefix_[i - half_window_];
    }

    CodeRange range_;
    int32_t half_window_;
    int64_t prefix_[257];
    float ends_;
};

// The derivatives of all products, [256][256]: row activation byte, column weight byte.
struct Slopes {
    Slopes(const ApproxDefinition& d, int32_t half_window)
        : inputs(ProductTable::entries), corrections(ProductTable::entries), weights(ProductTable::entries) {
        const ApproxParameters& p = d.parameters;
        const int32_t code_min = p.input.code_min;
        const int32_t pad = code_value(d.padding_byte(), code_min);
        const CodeRange xs = {std::min(code_min, pad), std::max(p.input.code_max, pad)};
        const CodeRange ws = {d.weights->code_min(), d.weights->code_max()};
        const auto product = [&](int32_t w, int32_t x) {
            const ProductTable& table = *d.multiplier->table();
            return p.operand_order == AXNN_WEIGHT_FIRST ? table((uint8_t)w, (uint8_t)x)
                                                        : table((uint8_t)x, (uint8_t)w);
        };
        for (int32_t w = ws.min; w <= ws.max; w++) {
            const Differences of(xs, half_window, [&](int32_t x) { return product(w, x); });
            for (int32_t x = xs.min; x <= xs.max; x++) inputs[index_of(x, w)] = of(x);
        }
        for (int32_t x = xs.min; x <= xs.max; x++) {
            const Differences of(ws, half_window, [&](int32_t w) { return product(w, x); });
            for (int32_t w = ws.min; w <= ws.max; w++) weights[index_of(x, w)] = of(w);
        }
        const bool exact = p.correction == AXNN_CORRECTION_EXACT;
        const int32_t zx = p.input.zero_point;
        for (int32_t w = ws.min; w <= ws.max; w++) {
            const float at_zero = exact ? (float)zx : weights[index_of(zx, w)];
            for (int32_t x = xs.min; x <= xs.max; x++) {
                corrections[index_of(x, w)] = exact ? (float)w : inputs[index_of(x, w)];
                weights[index_of(x, w)] -= at_zero;
            }
        }
    }

    std::vector<float> inputs;       // DX[w][x]
    std::vector<float> corrections;  // CX of a zero point w
    std::vector<float> weights;      // DW[w][x] - CW
};

struct TableProducts {
    using Element = uint8_t;
    static constexpr bool input_columns = true;
    static constexpr size_t max_columns = 1024;
    static constexpr size_t channels = TableGradient::channels;
    static constexpr size_t scratch_bytes = size_t{256} * channels * sizeof(float);

    const Kernels& kernels;
    const ConvGeometry& geometry;
    const ApproxDefinition& definition;
    const Slopes& slopes;

    uint8_t padding() const { return definition.padding_byte(); }

    void convert(const float* source, size_t count, uint8_t* target) const {
        kernels.quantize(source, count, quantize_parameters(definition.parameters.input), target);
    }

    // grads[column][TableGradient::channels], absent channels 0.
    static void gather(const Tiling& tiling, const Tile& tile, const float* grad_out, size_t channel,
                       size_t count, float* grads) {
        const size_t pixels = tiling.output().pixels();
        std::fill_n(grads, tile.columns() * channels, 0.0f);
        tiling.for_each_output_run(tile, [&](size_t offset, size_t column, size_t run, size_t stride) {
            for (size_t i = 0; i < run; i++)
                for (size_t c = 0; c < count; c++)
                    grads[(column + i) * channels + c] =
                        grad_out[offset + (channel + c) * pixels + i * stride];
        });
    }

    // What the kernel reads of one tap; bytes of absent channels are 0.
    struct Tap {
        uint8_t weights[channels] = {};
        uint8_t zero_points[channels] = {};
        float scales[channels] = {};
    };

    Tap tap_of(const GradientBlock& b, size_t tap) const {
        Tap t;
        for (size_t c = 0; c < b.channels; c++) {
            t.weights[c] = definition.weights->codes(b.first_channel + c)[b.first_tap + tap];
            t.zero_points[c] = (uint8_t)definition.weights->zero_point(b.first_channel + c);
            t.scales[c] = definition.weights->scale(b.first_channel + c);
        }
        return t;
    }

    void add_inputs(const GradientBlock& b, const uint8_t* columns, float* dcol) const {
        if (b.first) std::fill_n(dcol, b.taps * b.columns, 0.0f);
        for (size_t tap = 0; tap < b.taps; tap++) {
            const Tap t = tap_of(b, tap);
            kernels.table_gradient.inputs({columns + tap * b.columns, b.columns, b.grads, t.weights,
                                           slopes.inputs.data(), t.zero_points, slopes.corrections.data(),
                                           t.scales, dcol + tap * b.columns, b.scratch});
        }
    }

    void add_weights(const GradientBlock& b, const uint8_t* columns, float* grad_weights) const {
        for (size_t tap = 0; tap < b.taps; tap++) {
            const Tap t = tap_of(b, tap);
            float sums[channels];
            kernels.table_gradient.weights({columns + tap * b.columns, b.columns, b.grads, t.weights,
                                            slopes.weights.data(), nullptr, nullptr, nullptr, sums,
                                            b.scratch});
            for (size_t c = 0; c < b.channels; c++) {
                float& target = grad_weights[(b.first_channel + c) * geometry.taps() + b.first_tap + tap];
                target = (b.first ? 0 : target) + definition.parameters.input.scale * sums[c];
            }
        }
    }
};

}  // namespace

void table_gradients(const Context& context, const ConvGeometry& geometry, const ApproxDefinition& definition,
                     const Gradients& gradients) {
    const Slopes slopes(definition, gradients.half_window);
    const TableProducts products = {context.kernels(), geometry, definition, slopes};
    GradientJobs<TableProducts>(context, geometry, gradients, products).run();
}

}  // namespace axnn
