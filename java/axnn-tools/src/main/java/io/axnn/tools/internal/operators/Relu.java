package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.List;

/** ONNX Relu: y = max(x, 0). */
record Relu() implements Operator.Plain {
  static Relu read(NodeReader node) {
    node.requireInputs(1, 1);
    node.activation(0, "X");
    return new Relu();
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    return inputs.getFirst();
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    PerImage.apply(
        inputs.getFirst(),
        output,
        (x, y) -> {
          for (int i = 0; i < x.length; i++) {
            y[i] = Math.max(x[i], 0f);
          }
        });
  }
}
