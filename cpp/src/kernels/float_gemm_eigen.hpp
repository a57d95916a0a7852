// Float GEMM by Eigen: y = w * x. Each tier includes this file in its own float_gemm.cpp, compiled
// with that tier's flags and with the namespace Eigen renamed per tier (-DEigen=Eigen_<tier>), so that
// no template instance of one tier can be linked into another.
//
// The k order of a sum depends on the shape only, never on threads: callers keep tile shapes fixed.
#pragma once

#include <Eigen/Core>

#include "kernels/kernels.hpp"

namespace axnn {

static inline void eigen_float_gemm(const FloatGemm& g) {
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Strided = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;
    const Strided w(g.w, (Eigen::Index)g.m, (Eigen::Index)g.k,
                    Eigen::OuterStride<>((Eigen::Index)g.w_stride));
    const Eigen::Map<const Matrix> x(g.x, (Eigen::Index)g.k, (Eigen::Index)g.n);
    Eigen::Map<Matrix> y(g.y, (Eigen::Index)g.m, (Eigen::Index)g.n);
    if (g.accumulate) y.noalias() += w * x;
    else y.noalias() = w * x;
}

}  // namespace axnn
