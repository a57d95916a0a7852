package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.List;

/** ONNX Clip, and Relu, which is one from 0 on. */
public record Clip(Limits limits) implements Operator.Plain {

  /** y = min(max(x, min), max); the limits are attributes up to opset 10, constants from 11 on. */
  static Clip read(NodeReader node) {
    node.requireInputs(1, 3);
    node.activation(0, "input");
    return new Clip(
        node.opset() < 11
            ? new Limits(
                node.attributes().real("min", -Float.MAX_VALUE),
                node.attributes().real("max", Float.MAX_VALUE))
            : new Limits(
                limit(node, 1, "min", Float.NEGATIVE_INFINITY),
                limit(node, 2, "max", Float.POSITIVE_INFINITY)));
  }

  private static float limit(NodeReader node, int index, String name, float ifAbsent) {
    return node.hasInput(index) ? node.number(index, name) : ifAbsent;
  }

  /** y = max(x, 0). */
  static Clip readRelu(NodeReader node) {
    node.requireInputs(1, 1);
    node.activation(0, "X");
    return new Clip(new Limits(0, Float.POSITIVE_INFINITY));
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    return inputs.getFirst();
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    limits.apply(inputs.getFirst(), output);
  }
}
