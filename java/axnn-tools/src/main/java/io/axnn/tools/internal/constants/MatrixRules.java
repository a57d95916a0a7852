package io.axnn.tools.internal.constants;

import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.Arrays;
import java.util.Map;

/** Products of matrices, summed in double. */
final class MatrixRules {
  static final Map<String, ConstantRule> RULES =
      Map.of("Gemm", MatrixRules::gemm, "MatMul", MatrixRules::matMul);

  /** More work is an error in the file, or an attack. */
  private static final long MOST_MULTIPLICATIONS = 1L << 30;

  private MatrixRules() {}

  /** alpha * A * B + beta * C, A and B transposed or not. */
  private static ConstantTensor gemm(NodeReader node) {
    node.requireInputs(2, 3);
    double alpha = node.attributes().real("alpha", 1);
    double beta = node.attributes().real("beta", 1);
    ConstantTensor product =
        product(node, matrix(node, 0, "A", "transA"), matrix(node, 1, "B", "transB"));
    ConstantTensor c = node.hasInput(2) ? node.tensor(2, "C") : null;
    if (c != null
        && !Arrays.equals(Broadcast.shape(node, product.shape(), c.shape()), product.shape())) {
      throw node.error(
          "input C has shape %s, which does not broadcast to %s"
              .formatted(Arrays.toString(c.shape()), Arrays.toString(product.shape())));
    }
    return ConstantTensor.fill(
        node.location(),
        product.type(),
        product.shape(),
        index -> product.rounded(alpha * product.at(index) + (c == null ? 0 : beta * c.at(index))));
  }

  private static ConstantTensor matrix(
      NodeReader node, int input, String formalName, String attribute) {
    ConstantTensor matrix = node.tensor(input, formalName);
    if (matrix.rank() != 2) {
      throw node.error(
          "input %s has shape %s; expected a matrix"
              .formatted(formalName, Arrays.toString(matrix.shape())));
    }
    if (!node.attributes().flag(attribute, false)) {
      return matrix;
    }
    int[] turned = {matrix.shape()[1], matrix.shape()[0]};
    return ConstantTensor.fill(
        node.location(),
        matrix.type(),
        turned,
        index -> matrix.values()[matrix.flat(axis -> index[1 - axis])]);
  }

  /** A vector is a row on the left and a column on the right. */
  private static ConstantTensor matMul(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor a = node.tensor(0, "A");
    ConstantTensor b = node.tensor(1, "B");
    if (a.rank() == 0 || b.rank() == 0) {
      throw node.error("an input is a single number; expected: vectors and matrices");
    }
    boolean row = a.rank() == 1;
    boolean column = b.rank() == 1;
    ConstantTensor product =
        product(
            node,
            row ? a.withShape(1, a.shape()[0]) : a,
            column ? b.withShape(b.shape()[0], 1) : b);
    int[] shape = product.shape();
    int stacked = shape.length - 2;
    int[] kept = Arrays.copyOf(shape, stacked + (row ? 0 : 1) + (column ? 0 : 1));
    if (row && !column) {
      kept[stacked] = shape[stacked + 1];
    }
    return product.withShape(kept);
  }

  /** Of matrices, or of stacks of them, which broadcast. */
  private static ConstantTensor product(NodeReader node, ConstantTensor a, ConstantTensor b) {
    OpenDimensions.requireDecided(node, a);
    OpenDimensions.requireDecided(node, b);
    int depth = a.shape()[a.rank() - 1];
    int columns = b.shape()[b.rank() - 1];
    if (b.shape()[b.rank() - 2] != depth) {
      throw node.error(
          "its inputs have shapes %s and %s, which do not fit"
              .formatted(Arrays.toString(a.shape()), Arrays.toString(b.shape())));
    }
    int[] stack =
        Broadcast.shape(
            node, Arrays.copyOf(a.shape(), a.rank() - 2), Arrays.copyOf(b.shape(), b.rank() - 2));
    int[] shape = Arrays.copyOf(stack, stack.length + 2);
    shape[stack.length] = a.shape()[a.rank() - 2];
    shape[stack.length + 1] = columns;
    double multiplications = depth;
    for (int dimension : shape) {
      multiplications *= dimension;
    }
    if (multiplications > MOST_MULTIPLICATIONS) {
      throw node.error(
          "it has %.0f multiplications; supported among constants: at most %d"
              .formatted(multiplications, MOST_MULTIPLICATIONS));
    }
    return ConstantTensor.fill(
        node.location(),
        a.type(),
        shape,
        index -> {
          int left = depth == 0 ? 0 : a.flat(axis -> at(a, index, axis, a.rank() - 1));
          int right = depth == 0 ? 0 : b.flat(axis -> at(b, index, axis, b.rank() - 2));
          double sum = 0;
          for (int k = 0; k < depth; k++) {
            sum += a.values()[left + k] * b.values()[right + k * columns];
          }
          return a.rounded(sum);
        });
  }

  /** Where the sum for an element begins along an axis of an operand. */
  private static int at(ConstantTensor operand, int[] index, int axis, int summed) {
    return axis == summed || operand.shape()[axis] == 1
        ? 0
        : index[axis + index.length - operand.rank()];
  }
}
