package io.axnn.tools.internal.onnx;

import io.axnn.Tensor;

/** A float32 tensor that the file holds. The arrays are shared and never written. */
public record Constant(String name, int[] shape, float[] values) {
  public int rank() {
    return shape.length;
  }

  public Tensor toTensor() {
    return Tensor.of(values, shape);
  }
}
