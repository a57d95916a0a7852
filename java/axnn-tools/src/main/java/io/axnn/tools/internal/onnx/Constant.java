package io.axnn.tools.internal.onnx;

import io.axnn.Tensor;

/**
 * A float32 tensor that the file holds. The arrays are shared and never written.
 *
 * @param quantization that of the codes that the file holds in its place, or null
 */
public record Constant(String name, int[] shape, float[] values, LinearQuantization quantization) {

  /** A tensor that the file holds as floats. */
  public Constant(String name, int[] shape, float[] values) {
    this(name, shape, values, null);
  }

  public int rank() {
    return shape.length;
  }

  public Tensor toTensor() {
    return Tensor.of(values, shape);
  }
}
