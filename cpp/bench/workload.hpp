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

// images [batch][in_channels][edge][edge] to [taps][N], taps in the order (channel, kernel row, kernel
// column), columns in the order (image, row, column).
template <typename T>
std::vector<T> im2col(const ConvShape& shape, const std::vector<T>& images, T padding) {
    const size_t edge = shape.edge;
    std::vector<T> columns;
    columns.reserve(shape.in_channels * shape.kernel * shape.kernel * shape.gemm().n);
    for (size_t c = 0; c < shape.in_channels; c++)
        for (size_t r = 0; r < shape.kernel; r++)
            for (size_t s = 0; s < shape.kernel; s++)
                for (size_t b = 0; b < shape.batch; b++)
                    for (size_t i = 0; i < shape.out_edge(); i++)
                        for (size_t j = 0; j < shape.out_edge(); j++) {
                            // An index left of or above the image wraps to a huge one.
                            const size_t h = i * shape.stride + r - shape.padding;
                            const size_t w = j * shape.stride + s - shape.padding;
                            columns.push_back(
                                h < edge && w < edge
                                    ? images[((b * shape.in_channels + c) * edge + h) * edge + w]
                                    : padding);
                        }
    return columns;
}

// A matrix [M][N] as a layer orders it: [batch][M][pixels].
template <typename T>
std::vector<T> nchw(const ConvShape& shape, const std::vector<T>& matrix) {
    const size_t pixels = shape.out_pixels(), channels = shape.out_channels;
    std::vector<T> ordered;
    ordered.reserve(matrix.size());
    for (size_t b = 0; b < shape.batch; b++)
        for (size_t m = 0; m < channels; m++) {
            const auto first = matrix.begin() + (ptrdiff_t)((m * shape.batch + b) * pixels);
            ordered.insert(ordered.end(), first, first + (ptrdiff_t)pixels);
        }
    return ordered;
}

}  // namespace axnn::bench
