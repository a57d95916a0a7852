package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * ONNX Transpose of all axes but that of the images.
 *
 * @param permutation for each axis of the output, that of the input
 */
record Transpose(int[] permutation) implements Operator.Plain {

  static Transpose read(NodeReader node) {
    node.requireInputs(1, 1);
    int rank = node.activation(0, "data").length;
    int[] reversed = IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray();
    int[] permutation = node.attributes().integers("perm", reversed);
    int[] sorted = permutation.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, IntStream.range(0, rank).toArray())) {
      throw node.error(
          "attribute 'perm' is %s for an input of rank %d"
              .formatted(Arrays.toString(permutation), rank));
    }
    if (permutation[0] != 0) {
      throw node.error(
          "attribute 'perm' is %s; supported: the images' axis, 0, stays the first"
              .formatted(Arrays.toString(permutation)));
    }
    return new Transpose(permutation);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    return permuted(inputs.getFirst());
  }

  private int[] permuted(int[] numbers) {
    return Arrays.stream(permutation).map(axis -> numbers[axis]).toArray();
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    Strided x = Strided.of(inputs.getFirst());
    Strided y = Strided.room(output);
    Strided.copy(x.withStrides(permuted(x.strides())), output.shape(), y);
    y.copyTo(output);
  }
}
