package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.Arrays;
import java.util.List;

/** ONNX Concat of computed values along an axis that is not that of the images. */
record Concat(Location location, int axis) implements Operator.Plain {

  static Concat read(NodeReader node) {
    node.requireInputs(1, Integer.MAX_VALUE);
    int rank = node.activation(0, "inputs[0]").length;
    for (int i = 1; i < node.inputs(); i++) {
      node.activation(i, "inputs[%d]".formatted(i));
    }
    if (!node.attributes().contains("axis")) {
      throw node.error("attribute 'axis' is missing");
    }
    int axis = node.axis("axis", node.attributes().integer("axis", 0), rank);
    if (axis == 0) {
      throw node.error("axis is 0, which counts the images");
    }
    return new Concat(node.location(), axis);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] shape = inputs.getFirst().clone();
    long sum = 0;
    for (int[] input : inputs) {
      boolean fits = input.length == shape.length;
      for (int other = 0; fits && other < shape.length; other++) {
        fits = other == axis || Shapes.compatible(input[other], shape[other]);
        if (fits && other != axis && shape[other] == Shapes.UNKNOWN) {
          shape[other] = input[other];
        }
      }
      if (!fits) {
        throw location.error(
            "its inputs have shapes %s and %s, which differ in another axis than %d"
                .formatted(Arrays.toString(inputs.getFirst()), Arrays.toString(input), axis));
      }
      sum =
          sum == Shapes.UNKNOWN || input[axis] == Shapes.UNKNOWN
              ? Shapes.UNKNOWN
              : sum + input[axis];
    }
    if (sum > Integer.MAX_VALUE) {
      throw location.error("its output is too large");
    }
    shape[axis] = (int) sum;
    return shape;
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    Strided y = Strided.room(output);
    int[] starts = new int[output.shape().length];
    for (Tensor input : inputs) {
      Strided.copy(Strided.of(input), input.shape(), y.from(starts));
      starts[axis] += input.dimension(axis);
    }
    y.copyTo(output);
  }
}
