package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.List;

/** ONNX Sign: -1, 0 or 1. */
public record Sign() implements Operator.Plain {
  private static final Elementwise SIGNUM = new Elementwise(Math::signum);

  static Sign read(NodeReader node) {
    node.requireInputs(1, 1);
    node.activation(0, "input");
    return new Sign();
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    return inputs.getFirst();
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    SIGNUM.apply(inputs, output);
  }
}
