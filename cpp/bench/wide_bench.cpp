// Layers of more than 8 bits: multipliers that nobody can hold as a table, beside exact products.
#include <stdlib.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "layer.hpp"
#include "suites.hpp"
#include "workload.hpp"

namespace axnn::bench {
namespace {

// A signed multiplier as the sum of c * u(a) * v(b).
struct WideMultiplier {
    struct Term {
        int64_t coefficient;
        int32_t (*u)(int32_t);
        int32_t (*v)(int32_t);
    };
    std::string name;
    uint32_t bits;
    std::vector<Term> terms;  // none: exact products

    int64_t product(int32_t a, int32_t b) const {
        if (terms.empty()) return int64_t{a} * b;
        int64_t sum = 0;
        for (const Term& t : terms) sum += t.coefficient * t.u(a) * t.v(b);
        return sum;
    }

    std::shared_ptr<axnn_multiplier> create() const {
        if (terms.empty()) return nullptr;
        const size_t count = size_t{1} << bits;
        std::vector<int64_t> coefficients;
        std::vector<int32_t> u, v;
        for (const Term& t : terms) {
            coefficients.push_back(t.coefficient);
            for (size_t i = 0; i < count; i++) {
                const auto value = (int32_t)(i < count / 2 ? i : i - count);
                u.push_back(t.u(value));
                v.push_back(t.v(value));
            }
        }
        const axnn_multiplier_desc desc = {sizeof desc, bits, 1, bits, 1};
        axnn_multiplier* created = nullptr;
        if (axnn_multiplier_create_structured(
                &desc, nullptr, 0, (uint32_t)terms.size(), coefficients.data(),
                coefficients.size() * sizeof(int64_t), u.data(), u.size() * sizeof(int32_t), v.data(),
                v.size() * sizeof(int32_t), nullptr, 0, nullptr, 0, &created) != AXNN_OK)
            throw std::runtime_error(name + " was refused");
        return {created, axnn_multiplier_destroy};
    }
};

int32_t itself(int32_t a) { return a; }
// Sign and magnitude of a function of magnitudes.
template <typename Function>
int32_t odd(int32_t a, const Function& f) {
    return a < 0 ? -f(-a) : f(a);
}
int32_t leading_one(int32_t a) { return a == 0 ? 0 : 1 << (31 - __builtin_clz((unsigned)a)); }
// DRUM: six bits from the leading one, the last one set.
int32_t drum6(int32_t a) {
    return odd(a, [](int32_t m) {
        const int32_t unit = leading_one(m) >> 5;
        return unit < 2 ? m : (m / unit | 1) * unit;
    });
}
// RoBA: the nearest power of two.
int32_t nearest_power(int32_t a) {
    return odd(a, [](int32_t m) {
        const int32_t power = leading_one(m);
        return m >= power + power / 2 && power > 2 ? 2 * power : m == 3 ? 2 : power;
    });
}
int32_t from_nearest_power(int32_t a) { return a - nearest_power(a); }
// Of a broken array without the columns i + j < 4: bit i of a, and what it must not be multiplied by.
template <int i>
int32_t bit(int32_t a) {
    return a >> i & 1;
}
template <int i>
int32_t lost(int32_t b) {
    return b & ((1 << (4 - i)) - 1);
}

std::vector<WideMultiplier> multipliers() {
    const std::vector<WideMultiplier::Term> broken_array = {{1, itself, itself},
                                                            {-1, bit<0>, lost<0>},
                                                            {-2, bit<1>, lost<1>},
                                                            {-4, bit<2>, lost<2>},
                                                            {-8, bit<3>, lost<3>}};
    return {{"exact16", 16, {}},
            {"exact12", 12, {}},
            {"broken_array16", 16, broken_array},
            {"broken_array12", 12, broken_array},
            {"drum16", 16, {{1, drum6, drum6}}},
            {"roba16", 16, {{1, nearest_power, from_nearest_power}, {1, itself, nearest_power}}}};
}

struct WideRun {
    WideRun(const WideMultiplier& wide_multiplier, const ConvShape& conv, axnn_tier tier,
            const std::vector<float>& weights, const std::vector<float>& wide_image)
        : multiplier(wide_multiplier),
          shape(conv),
          scale((float)(1 << (multiplier.bits - 1))),
          image(wide_image),
          w(weights),
          layer(Layer::wide(tier, conv, weights, multiplier.bits, multiplier.create().get())),
          y(shape.gemm().m * shape.gemm().n) {}
    void run() { layer.execute(image, y); }
    // Some outputs of the middle, whose windows meet no padding.
    bool correct() const {
        const std::vector<int64_t> sums = layer.sums(image);
        const size_t edge = shape.edge, middle = edge / 2;
        for (size_t o = 0; o < shape.out_channels; o += 7) {
            int64_t sum = 0;
            for (size_t i = 0; i < shape.in_channels; i++)
                for (size_t r = 0; r < 3; r++)
                    for (size_t s = 0; s < 3; s++)
                        sum += multiplier.product(
                            code(w[((o * shape.in_channels + i) * 3 + r) * 3 + s]),
                            code(image[(i * edge + middle - 1 + r) * edge + middle - 1 + s]));
            if (sums[o * edge * edge + middle * edge + middle] != sum) return false;
        }
        return true;
    }
    int32_t code(float value) const { return (int32_t)(value * scale); }

    WideMultiplier multiplier;
    ConvShape shape;
    float scale;
    const std::vector<float>& image;
    const std::vector<float>& w;
    Layer layer;
    std::vector<float> y;
};

}  // namespace

std::vector<Result> bench_wide(const ConvShape& conv, const std::vector<Tier>& tiers, const Wanted& wanted) {
    std::mt19937 random = random_source();
    // Twelve bits: the codes are whole numbers in both widths.
    std::uniform_int_distribution<int> code(-2047, 2047);
    const auto draw = [&] { return (float)code(random) / 2048; };
    const GemmShape gemm = conv.gemm();
    const std::vector<float> image = random_values<float>(conv.input_size(), draw);
    const std::vector<float> weights = random_values<float>(gemm.m * gemm.k, draw);
    std::vector<Result> all;
    for (const Tier& tier : tiers) {
        const auto name = [](const WideMultiplier& m) { return "wide_conv2d/" + m.name; };
        bool any = false;
        for (const WideMultiplier& m : multipliers()) any |= wanted(name(m), conv.text());
        if (!any) continue;
        // The baseline's name is that of its kernel: the exact layer is one without a row.
        Group group("exact16", gemm.products(), wanted);
        group.add_baseline<WideRun>(multipliers()[0], conv, tier.id, weights, image);
        for (const WideMultiplier& m : multipliers()) {
            const std::string kernel = Layer::wide(tier.id, conv, weights, m.bits, m.create().get()).kernel();
            group.add<WideRun>({name(m), kernel, tier.name, conv.text(), tier.id == tiers.back().id}, m, conv,
                               tier.id, weights, image);
        }
        for (Result& result : group.measure()) all.push_back(std::move(result));
    }
    return all;
}

}  // namespace axnn::bench
