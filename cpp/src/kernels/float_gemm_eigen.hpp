// Float GEMM by Eigen: y = w * x. Each tier includes this file in its own float_gemm.cpp, compiled
// with that tier's flags and with the namespace Eigen renamed per tier (-DEigen=Eigen_<tier>), so that
// no template instance of one tier can be linked into another.
//
// The product is cut into pieces whose packed operands Eigen keeps on the stack (at most 128 KiB each),
// so it never asks for memory. (Without the cut 1x64x56x56 by 64 filters 3x3 asks 28 times, for 7 MB; the
// speed is the same within the noise.) The order of a sum depends on the shape only, never on threads:
// callers keep tile shapes fixed.
#pragma once

#include <Eigen/Core>

#include "kernels/kernels.hpp"

namespace axnn {

template <bool w_transposed, bool x_transposed>
static inline void eigen_float_gemm_of(const FloatGemm& g) {
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Strides = Eigen::OuterStride<>;
    using Operand = Eigen::Map<const Matrix, 0, Strides>;
    using Index = Eigen::Index;
    constexpr Index piece_m = 256, piece_k = 128, piece_n = 256;
    const auto m = (Index)g.m, k = (Index)g.k, n = (Index)g.n, w_stride = (Index)g.w_stride;
    const Index y_stride = g.y_stride ? (Index)g.y_stride : n;
    const auto piece = [](Index from, Index whole, Index largest) {
        return whole - from < largest ? whole - from : largest;
    };
    if (!g.accumulate) Eigen::Map<Matrix, 0, Strides>(g.y, m, n, Strides(y_stride)).setZero();
    for (Index k0 = 0; k0 < k; k0 += piece_k) {
        for (Index n0 = 0; n0 < n; n0 += piece_n) {
            const Index ks = piece(k0, k, piece_k), ns = piece(n0, n, piece_n);
            for (Index m0 = 0; m0 < m; m0 += piece_m) {
                const Index ms = piece(m0, m, piece_m);
                Eigen::Map<Matrix, 0, Strides> y(g.y + m0 * y_stride + n0, ms, ns, Strides(y_stride));
                const auto add = [&](const auto& w) {
                    if constexpr (x_transposed)
                        y.noalias() += w * Operand(g.x + n0 * k + k0, ns, ks, Strides(k)).transpose();
                    else y.noalias() += w * Operand(g.x + k0 * n + n0, ks, ns, Strides(n));
                };
                if constexpr (w_transposed)
                    add(Operand(g.w + k0 * w_stride + m0, ks, ms, Strides(w_stride)).transpose());
                else add(Operand(g.w + m0 * w_stride + k0, ms, ks, Strides(w_stride)));
            }
        }
    }
}

static inline void eigen_float_gemm(const FloatGemm& g) {
    if (g.w_transposed) {
        if (g.x_transposed) eigen_float_gemm_of<true, true>(g);
        else eigen_float_gemm_of<true, false>(g);
    } else {
        if (g.x_transposed) eigen_float_gemm_of<false, true>(g);
        else eigen_float_gemm_of<false, false>(g);
    }
}

}  // namespace axnn
