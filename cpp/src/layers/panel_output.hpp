// From the totals of a panel run to the sums and outputs of a quantised layer.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "layers/panel_run.hpp"
#include "layers/quantized_layer.hpp"
#include "layers/tiling.hpp"
#include "runtime/context.hpp"

namespace axnn {

// What a total lacks of the sum wanted:
//   sum[o][n] = total[o][n] + constants[o] + sum over p of columns[p].factors[o] * columns[p].sums[n]
// where the sums are those of the run's column function p.
struct SumParts {
    struct Column {
        std::vector<int64_t> function;  // by code
        std::vector<int64_t> factors;   // one an output channel
    };
    std::vector<int64_t> constants;        // one an output channel
    std::vector<int32_t> constants_int32;  // the same modulo 2^32
    std::vector<Column> columns;

    void add_constant(int64_t constant) {
        constants.push_back(constant);
        constants_int32.push_back((int32_t)(uint32_t)constant);
    }
    // As PanelOperands takes them.
    std::vector<const int64_t*> functions() const;
};

// Outputs; sums in 32 bits are modulo 2^32 and changed in their place.
struct PanelOutput {
    const Context& context;
    const Tiling& tiling;
    const SumParts& parts;
    const std::vector<float>& scales;
    const Epilogue& epilogue;

    void dequantize(const PanelSums<int32_t>& sums, float* y) const;
    void dequantize(const PanelSums<int64_t>& sums, float* y) const;
};

// The sums themselves.
void store_sums(const PanelSums<int64_t>& sums, const Tiling& tiling, const SumParts& parts, int64_t* out);

}  // namespace axnn
