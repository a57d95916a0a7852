package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX Reshape to a constant shape, whose first axis stays that of the images.
 *
 * @param target with 0 for a dimension that is taken over, and at most one -1, which follows
 */
record Reshape(Location location, int[] target) implements Operator.Plain {
  private static final int INFERRED = -1;
  private static final long OPEN = Long.MIN_VALUE;

  static Reshape read(NodeReader node) {
    node.requireInputs(2, 2);
    int rank = node.activation(0, "data").length;
    boolean allowZero = node.attributes().flag("allowzero", false);
    long[] shape = node.integers(1, "shape", OPEN);
    int[] target = new int[shape.length];
    for (int axis = 0; axis < target.length; axis++) {
      // An open dimension in front is the number of images; elsewhere it follows from the rest.
      long size = shape[axis] == OPEN ? (axis == 0 ? 0 : INFERRED) : shape[axis];
      boolean zero = shape[axis] == 0 && (allowZero || axis >= rank);
      if (size < INFERRED || size > Integer.MAX_VALUE || zero) {
        throw node.error(
            "input shape is %s for an input of rank %d".formatted(Arrays.toString(shape), rank));
      }
      target[axis] = (int) size;
    }
    if (target.length == 0 || Arrays.stream(target).filter(n -> n == INFERRED).count() > 1) {
      throw node.error(
          "input shape is %s; expected one axis or more, and one -1 at most"
              .formatted(Arrays.toString(shape)));
    }
    return new Reshape(node.location(), target);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] input = inputs.getFirst();
    int[] shape = target.clone();
    int inferred = -1;
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] == 0) {
        shape[axis] = input[axis];
      } else if (shape[axis] == INFERRED) {
        inferred = axis;
      }
    }
    if (inferred == 0) {
      shape[0] = input[0];
    }
    long numbers = Shapes.product(input, 1, input.length);
    if (inferred > 0) {
      shape[inferred] = 1;
      long rest = Shapes.product(shape, 1, shape.length);
      boolean open = numbers == Shapes.UNKNOWN || rest == Shapes.UNKNOWN;
      if (!open && numbers % rest != 0) {
        throw mismatch(input);
      }
      shape[inferred] = open ? Shapes.UNKNOWN : Math.toIntExact(numbers / rest);
    }
    long reshaped = Shapes.product(shape, 1, shape.length);
    boolean fits = numbers == reshaped || numbers == Shapes.UNKNOWN || reshaped == Shapes.UNKNOWN;
    if (!fits || !Shapes.compatible(shape[0], input[0])) {
      throw mismatch(input);
    }
    return shape;
  }

  private RuntimeException mismatch(int[] input) {
    return location.error(
        "it cannot make %s of %s; supported: shapes whose first axis still counts the images"
            .formatted(Arrays.toString(target), Arrays.toString(input)));
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    output.memory().copyFrom(inputs.getFirst().memory());
  }
}
