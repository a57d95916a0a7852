// Random operands and the matrix form of a convolution.
#pragma once

#include <random>
#include <vector>

#include "shape.hpp"

namespace axnn::bench {

// The same numbers in every run: times may differ between runs, the work may not.
inline std::mt19937 random_source() { return std::mt19937(20240607); }

template <typename T, typename Draw>
std::vector<T> random_values(size_t count, const Draw& draw) {
    std::vector<T> values(count);
    for (T& value : values) value = (T)draw();
    return values;
}

// image [in_channels][edge][edge] to [K][N], taps in the order (channel, kernel row, kernel column).
template <typename T>
std::vector<T> im2col(const ConvShape& shape, const std::vector<T>& image, T padding) {
    const size_t edge = shape.edge;
    std::vector<T> columns;
    columns.reserve(shape.gemm().k * shape.gemm().n);
    for (size_t c = 0; c < shape.in_channels; c++)
        for (size_t r = 0; r < ConvShape::kernel; r++)
            for (size_t s = 0; s < ConvShape::kernel; s++)
                for (size_t row = r; row < edge + r; row++)
                    for (size_t column = s; column < edge + s; column++) {
                        const size_t h = row - ConvShape::padding, w = column - ConvShape::padding;
                        // An index left of or above the image wraps to a huge one.
                        columns.push_back(h < edge && w < edge ? image[(c * edge + h) * edge + w] : padding);
                    }
    return columns;
}

}  // namespace axnn::bench
