package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.List;

/** ONNX operators that change each number by itself: LeakyRelu, Sigmoid, Identity, Dropout. */
record Elementwise(Function function) implements Operator.Plain {

  /** From one number to another. */
  @FunctionalInterface
  interface Function {
    float apply(float x);
  }

  /** y = x where x is not negative, else alpha * x. */
  static Elementwise readLeakyRelu(NodeReader node) {
    node.requireInputs(1, 1);
    node.activation(0, "X");
    float alpha = node.attributes().real("alpha", 0.01f);
    return new Elementwise(x -> x < 0 ? alpha * x : x);
  }

  /** y = 1 / (1 + exp(-x)), in double. */
  static Elementwise readSigmoid(NodeReader node) {
    node.requireInputs(1, 1);
    node.activation(0, "X");
    return new Elementwise(x -> (float) (1 / (1 + Math.exp(-(double) x))));
  }

  /** y = x. */
  static Elementwise readIdentity(NodeReader node) {
    node.requireInputs(1, 1);
    node.activation(0, "input");
    return new Elementwise(x -> x);
  }

  /** In inference the same. */
  static Elementwise readDropout(NodeReader node) {
    node.requireInputs(1, 3);
    node.activation(0, "data");
    node.attributes().real("ratio", 0.5f);
    node.attributes().integer("seed", 0);
    if (node.hasInput(1)) {
      node.number(1, "ratio");
    }
    if (node.hasInput(2) && node.integers(2, "training_mode")[0] != 0) {
      throw node.error("input training_mode is true; supported: false, inference");
    }
    return new Elementwise(x -> x);
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
            y[i] = function.apply(x[i]);
          }
        });
  }
}
