// What an approximate layer multiplies: its weights, tables and corrections in the form that a kernel
// wants, worked out once from floats and a multiplier.
#pragma once

#include <stdint.h>

#include <memory>
#include <vector>

#include "axnn/axnn.h"
#include "kernels/kernels.hpp"
#include "layers/conv_geometry.hpp"
#include "layers/lut_operands.hpp"
#include "layers/quantized_layer.hpp"
#include "multiplier/product_table.hpp"

namespace axnn {

// One way to make the sums of a layer: a kernel, and the weights in its blocks.
struct TableGemm {
    LutGemm kernel;
    size_t pass_taps;                  // taps whose sum fits the kernel's int32
    std::vector<WeightBlocks> blocks;  // one a group
    WeightBlocks correction_blocks;    // zero points as weights; none where B is always 0
};

// For output channel o with weight codes w, zero point zw, K taps, and the input's zero point zx:
//   acc = sum_k T[w_k][x_k]
//   y   = clamp((float)(acc - A[o] - B[zw] + C[o]) * (sx * sw[o]) + bias[o])
// A and C are constants of the channel, B depends on the column: a row of sums over its codes, one for
// each different zero point of the weights. With P[z][x] = z * x (AXNN_CORRECTION_EXACT) or T[z][x]
// (AXNN_CORRECTION_TABLE): A[o] = sum_k P[w_k][zx], C[o] = K * P[zw][zx], and the rows
// B[z] = sum_k P[z][x_k] are themselves a table GEMM, whose weights are the zero points.
class ApproxOperands {
  public:
    // The definition has a multiplier. Throws where codes and operands do not fit; kernels: those of the
    // tier that will run the layer.
    ApproxOperands(const Kernels& kernels, const ConvGeometry& geometry, const ApproxDefinition& definition);

    // How the sums of so many columns are made: making a vector table costs as much as some 250 columns,
    // so few columns are better served by one load for each product.
    const TableGemm& gemm(size_t columns) const;
    // Sums need 64 bits; then no more than pass_taps of them may be added in the kernel's 32.
    bool wide() const { return wide_; }
    bool int16_entries() const { return int16_entries_; }
    // All bytes of activations, padding included, are below it.
    size_t code_end() const {
        return parameters_.input.code_min < 0 ? 256 : (size_t)parameters_.input.code_max + 1;
    }
    const char* entry_type() const { return int16_entries_ ? "int16" : "int32"; }

    // Of acc, but for table().offset in each product, and of B, but for its offset.
    const KernelTable& table() const { return table_; }
    const KernelTable& correction_table() const { return correction_table_; }
    // Where channel o finds its B: a row of the correction blocks.
    size_t correction_row(size_t o) const { return correction_row_[o]; }

    // What turns the kernel's sum for channel o, minus that of B, into the sum to dequantise; one array a
    // channel, and the same modulo 2^32.
    const int64_t* offsets() const { return offsets_.data(); }
    const int32_t* offsets_int32() const { return offsets_int32_.data(); }

  private:
    // T and P with weights as rows; `corrections` views the rows of P that are zero points.
    struct Products {
        std::vector<int32_t> t;
        std::vector<int32_t> p;
        LutView lut;
        LutView corrections;
        std::vector<uint8_t> zero_points;  // the different ones, as bytes
        bool corrected;                    // some reachable P is not 0
    };

    void check(const ProductTable& multiplier) const;
    Products make_products(const ProductTable& multiplier) const;
    void make_tables(const Products& products);
    TableGemm make_gemm(const Kernels& kernels, const Products& products) const;
    void make_offsets(const Products& products);

    void make_input_sums(const Products& products);
    double largest_sum(const Products& products) const;

    uint8_t zero_point_byte(size_t channel) const;

    ConvGeometry geometry_;
    ApproxParameters parameters_;
    std::shared_ptr<const QuantizedWeights> weights_;
    uint8_t padding_byte_;
    std::vector<int64_t> input_sums_;  // A
    bool wide_;
    bool int16_entries_;  // of both tables, so that they share packed codes
    KernelTable table_;
    KernelTable correction_table_;
    std::vector<uint8_t> correction_row_;
    std::vector<TableGemm> gemms_;  // the tier's; the scalar one for few columns, where it is another
    std::vector<int64_t> offsets_;
    std::vector<int32_t> offsets_int32_;
};

}  // namespace axnn
