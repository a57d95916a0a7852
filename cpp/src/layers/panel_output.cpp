#include "layers/panel_output.hpp"

namespace axnn {
namespace {

template <typename Total>
size_t first_channel(const PanelSums<Total>& sums, const Tiling& tiling) {
    return sums.group * tiling.geometry().group_outputs() + sums.first_row;
}

// Adds the columns' parts, modulo 2^bits of Unsigned.
template <typename Unsigned, typename Total>
void add_columns(const PanelSums<Total>& sums, const Tiling& tiling, const SumParts& parts) {
    const size_t first = first_channel(sums, tiling);
    for (size_t p = 0; p < parts.columns.size(); p++) {
        const int64_t* column = sums.functions + p * sums.stride;
        for (size_t r = 0; r < sums.rows; r++) {
            const auto factor = (Unsigned)parts.columns[p].factors[first + r];
            if (factor == 0) continue;
            Total* row = sums.sums + r * sums.stride;
            for (size_t i = 0; i < sums.tile.columns(); i++)
                row[i] = (Total)((Unsigned)row[i] + factor * (Unsigned)column[i]);
        }
    }
}

// store(output channel, element of the output, sum).
template <typename Store>
void for_each_sum(const PanelSums<int64_t>& sums, const Tiling& tiling, const SumParts& parts,
                  const Store& store) {
    add_columns<uint64_t>(sums, tiling, parts);
    const size_t first = first_channel(sums, tiling), pixels = tiling.output().pixels();
    tiling.for_each_output_run(sums.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
        for (size_t r = 0; r < sums.rows; r++) {
            const size_t channel = first + r;
            const int64_t* row = sums.sums + r * sums.stride + column;
            for (size_t i = 0; i < count; i++)
                store(channel, offset + channel * pixels + i * step, row[i] + parts.constants[channel]);
        }
    });
}

}  // namespace

std::vector<const int64_t*> SumParts::functions() const {
    std::vector<const int64_t*> tables;
    for (const Column& column : columns) tables.push_back(column.function.data());
    return tables;
}

void PanelOutput::dequantize(const PanelSums<int32_t>& sums, float* y) const {
    add_columns<uint32_t>(sums, tiling, parts);
    const size_t first = first_channel(sums, tiling), pixels = tiling.output().pixels();
    tiling.for_each_output_run(sums.tile, [&](size_t offset, size_t column, size_t count, size_t step) {
        context.kernels().dequantize_planar({sums.sums + column, sums.stride, sums.rows, count,
                                             parts.constants_int32.data() + first, scales.data() + first,
                                             epilogue.bias + first, epilogue.lower, epilogue.upper,
                                             y + offset + first * pixels, pixels, step});
    });
}

void PanelOutput::dequantize(const PanelSums<int64_t>& sums, float* y) const {
    for_each_sum(sums, tiling, parts, [&](size_t channel, size_t output, int64_t sum) {
        y[output] = epilogue.limit((float)sum * scales[channel] + epilogue.bias[channel]);
    });
}

void store_sums(const PanelSums<int64_t>& sums, const Tiling& tiling, const SumParts& parts, int64_t* out) {
    for_each_sum(sums, tiling, parts, [&](size_t, size_t output, int64_t sum) { out[output] = sum; });
}

}  // namespace axnn
