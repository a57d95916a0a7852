package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.List;

/**
 * ONNX Flatten: a matrix of the same numbers, the dimensions before {@code axis} making its rows. A
 * negative axis counts from the end.
 */
record Flatten(Location location, int axis) implements Operator.Plain {
  static Flatten read(NodeReader node) {
    node.requireInputs(1, 1);
    int rank = node.activation(0, "input").length;
    int axis = node.attributes().integer("axis", 1);
    int fromStart = axis < 0 ? axis + rank : axis;
    if (fromStart < 0 || fromStart > rank || (axis < 0 && node.opset() < 11)) {
      throw node.error("axis is %d for an input of rank %d".formatted(axis, rank));
    }
    return new Flatten(node.location(), fromStart);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] shape = inputs.getFirst();
    return new int[] {part(shape, 0, axis), part(shape, axis, shape.length)};
  }

  private int part(int[] shape, int from, int to) {
    long product = Shapes.product(shape, from, to);
    if (product > Integer.MAX_VALUE) {
      throw location.error("its output is too large");
    }
    return (int) product;
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    output.memory().copyFrom(inputs.getFirst().memory());
  }
}
