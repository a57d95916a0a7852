package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.List;

/**
 * ONNX Softmax along an axis, or, up to opset 12, over all axes from one on. In double.
 *
 * @param first the axis
 * @param end one beyond the last axis that is taken with it
 */
record Softmax(Location location, int first, int end) implements Operator.Plain {

  static Softmax read(NodeReader node) {
    node.requireInputs(1, 1);
    int rank = node.activation(0, "input").length;
    boolean flattened = node.opset() < 13;
    int axis = node.axis("axis", node.attributes().integer("axis", flattened ? 1 : -1), rank);
    if (axis == 0 && node.isOnImages()) {
      throw node.error("axis is 0, which counts the images");
    }
    return new Softmax(node.location(), axis, flattened ? rank : axis + 1);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    return inputs.getFirst();
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    Tensor x = inputs.getFirst();
    int[] shape = x.shape();
    int count = (int) Shapes.product(shape, first, end);
    int step = (int) Shapes.product(shape, end, shape.length);
    float[] values = x.toFloatArray();
    for (int block = 0; block < values.length; block += count * step) {
      for (int i = 0; i < step; i++) {
        softmax(values, block + i, count, step);
      }
    }
    output.copyFrom(values);
  }

  private static void softmax(float[] values, int from, int count, int step) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, values[from + i * step]);
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp(values[from + i * step] - largest);
    }
    for (int i = 0; i < count; i++) {
      values[from + i * step] = (float) (Math.exp(values[from + i * step] - largest) / sum);
    }
  }
}
