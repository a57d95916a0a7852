// A multiplier's structure cut to the numbers that an integer GEMM takes.
//
// For the codes that a layer's weights w and activations x can have,
//   product(w, x) = weight_part[w] + activation_part[x] + sum over t of c_t * u_t[w] * v_t[x]
// where every u_t and v_t is in the range that the kernel multiplies. Terms of the structure become terms
// here by steps that keep the sum:
//   common divisors of u and of v move into c;
//   v is moved by a constant to where it fits, c * constant * u becomes part of the weight;
//   what is still too large is cut: v = 2^s * high + low, and u likewise;
//   c moves into u or v where that still fits, so that fewer different c are left.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <memory>
#include <vector>

#include "multiplier/product_structure.hpp"

namespace axnn {

// The codes that an operand of a layer has, all within the range of the multiplier's operand.
struct CodeOperand {
    Operand operand;
    int32_t min;
    int32_t max;
    size_t count() const { return (size_t)(max - min) + 1; }
};

// A multiplier's structure as a layer sees it.
struct LayerStructure {
    std::shared_ptr<const ProductStructure> structure;
    bool weight_is_row;
    CodeOperand weight;
    CodeOperand activation;

    int64_t product(int32_t w, int32_t x) const {
        const size_t wi = weight.operand.index(w), xi = activation.operand.index(x);
        return weight_is_row ? structure->product(wi, xi) : structure->product(xi, wi);
    }
    // Of |product|, over all codes; not the least one.
    double bound() const;
};

// What a kernel takes.
struct FeatureLimits {
    int32_t u_min;
    int32_t u_max;
    int32_t v_min;
    int32_t v_max;
    int64_t product;  // largest |u * v|
    uint32_t cut;     // s
    bool from_v_min;  // v begins at v_min, else it is moved only where its sign does not change
};

struct FeatureProducts {
    struct Term {
        int64_t coefficient;
        std::vector<int32_t> u;  // by code of the weight, from the lowest
        std::vector<int32_t> v;  // likewise of the activation
    };
    std::vector<int64_t> weight_part;
    std::vector<int64_t> activation_part;
    std::vector<Term> terms;

    FeatureProducts(const LayerStructure& layer, const FeatureLimits& limits);

  private:
    void add(Term term, const FeatureLimits& limits);
    void cut(const Term& term, std::vector<int32_t> Term::* feature, const FeatureLimits& limits);
};

}  // namespace axnn
