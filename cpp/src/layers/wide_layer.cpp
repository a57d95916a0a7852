#include "layers/wide_layer.hpp"

#include <stdint.h>

#include <algorithm>

#include "runtime/error.hpp"

namespace axnn {

WideLayer::WideLayer(std::shared_ptr<const Context> context, const ConvGeometry& geometry,
                     ApproxDefinition definition)
    : QuantizedLayer(std::move(context), geometry, std::move(definition)),
      structure_(this->definition().structure()),
      wide_(sums_are_wide()),
      sums_(this->context(), this->geometry(), this->definition(), structure_, wide_) {
    require(
        !this->definition().approximate() ||
            this->definition().parameters.structure_use != AXNN_STRUCTURE_NEVER,
        AXNN_ERROR_UNSUPPORTED,
        "approx->structure_use is AXNN_STRUCTURE_NEVER, but a multiplier of more than 8 bits has no table");
}

// By a bound of |acc| and of the corrections' three parts, which are sums of K products each.
bool WideLayer::sums_are_wide() const {
    const double exact =
        (double)std::max(-(int64_t)structure_.weight.min, (int64_t)structure_.weight.max) *
        (double)std::max(-(int64_t)structure_.activation.min, (int64_t)structure_.activation.max);
    const double largest = 4 * (double)geometry().taps() * std::max(structure_.bound(), exact);
    require(largest < 0x1p62, AXNN_ERROR_SIZE_OVERFLOW, "sums of ", geometry().taps(),
            " products of this multiplier can exceed 64 bits");
    return largest > INT32_MAX;
}

void WideLayer::execute(const float* x, int32_t n, ImageSize image, float* y) const {
    sums_.execute(x, n, image, scales(), epilogue(), y);
}

void WideLayer::execute_scaled(const float* x, int32_t n, ImageSize image, float* y) const {
    sums_.execute(x, n, image, scales(), scaled_epilogue(), y);
}

void WideLayer::execute_sums(const float* x, int32_t n, ImageSize image, int64_t* sums) const {
    sums_.execute_sums(x, n, image, sums);
}

std::string WideLayer::explain(int32_t n, ImageSize image) const {
    return text(definition().approximate() ? "structured" : "integer", " GEMM ", sums_.kernel_name(), ", ",
                sums_.passes(), " passes, ", wide_ ? "64" : "32", "-bit sums, ",
                explain_jobs(n, sums_.grid(n, image)));
}

}  // namespace axnn
