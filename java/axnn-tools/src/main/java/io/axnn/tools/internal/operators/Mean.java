package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX ReduceMean and GlobalAveragePool: the mean over some axes, in double.
 *
 * @param reduced for each axis of the input, whether it is one of them; never the first, which
 *     counts the images
 * @param keep whether they stay, as axes of one element
 */
record Mean(Location location, boolean[] reduced, boolean keep) implements Operator.Plain {

  static Mean readGlobalAveragePool(NodeReader node) {
    node.requireInputs(1, 1);
    int rank = node.activation(0, "X").length;
    if (rank < 3) {
      throw node.error("input X has rank %d; supported: 3 and more".formatted(rank));
    }
    boolean[] reduced = new boolean[rank];
    for (int axis = 2; axis < rank; axis++) {
      reduced[axis] = true;
    }
    return new Mean(node.location(), reduced, true);
  }

  /** The axes are an attribute up to opset 17, a constant from 18 on. */
  static Mean readReduceMean(NodeReader node) {
    node.requireInputs(1, 2);
    int rank = node.activation(0, "data").length;
    boolean keep = node.attributes().flag("keepdims", true);
    boolean nothing = node.attributes().flag("noop_with_empty_axes", false);
    long[] axes =
        node.opset() >= 18 && node.hasInput(1)
            ? node.integers(1, "axes")
            : Arrays.stream(node.attributes().integers("axes", new int[0]))
                .asLongStream()
                .toArray();
    boolean[] reduced = new boolean[rank];
    for (long axis : axes) {
      reduced[node.axis("axes", axis, rank)] = true;
    }
    if (axes.length == 0 && !nothing) {
      throw node.error("it reduces all axes, the images too; name the axes");
    }
    if (reduced[0]) {
      throw node.error("axes hold 0, which counts the images");
    }
    return new Mean(node.location(), reduced, keep);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] input = inputs.getFirst();
    return keep ? kept(input) : dropped(input);
  }

  private int[] kept(int[] input) {
    int[] shape = input.clone();
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = reduced[axis] ? 1 : shape[axis];
    }
    return shape;
  }

  private int[] dropped(int[] input) {
    int next = 0;
    int[] shape = new int[input.length];
    for (int axis = 0; axis < input.length; axis++) {
      if (!reduced[axis]) {
        shape[next++] = input[axis];
      }
    }
    return Arrays.copyOf(shape, next);
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    Tensor x = inputs.getFirst();
    int[] shape = x.shape();
    int[] sumStrides = Strided.strides(kept(shape));
    for (int axis = 0; axis < shape.length; axis++) {
      sumStrides[axis] = reduced[axis] ? 0 : sumStrides[axis];
    }
    double[] sums = new double[Math.toIntExact(output.size())];
    add(x.toFloatArray(), 0, Strided.strides(shape), shape, sums, 0, sumStrides, 0);
    double count = (double) Shapes.elements(shape) / sums.length;
    float[] means = new float[sums.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) (sums[i] / count);
    }
    output.copyFrom(means);
  }

  private static void add(
      float[] x,
      int from,
      int[] strides,
      int[] shape,
      double[] sums,
      int to,
      int[] sumStrides,
      int axis) {
    if (axis == shape.length - 1) {
      for (int i = 0; i < shape[axis]; i++) {
        sums[to + i * sumStrides[axis]] += x[from + i * strides[axis]];
      }
      return;
    }
    for (int i = 0; i < shape[axis]; i++) {
      add(
          x,
          from + i * strides[axis],
          strides,
          shape,
          sums,
          to + i * sumStrides[axis],
          sumStrides,
          axis + 1);
    }
  }
}
