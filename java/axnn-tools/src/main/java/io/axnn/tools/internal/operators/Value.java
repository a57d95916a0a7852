package io.axnn.tools.internal.operators;

import io.axnn.PackedBits;
import io.axnn.Tensor;

/** A value of a running network: floats, or the signs of floats as bits. */
public sealed interface Value {

  /** The shape that it has in the model: [n, c, h, w] for images. */
  int[] shape();

  /** Numbers. */
  record Floats(Tensor tensor) implements Value {
    @Override
    public int[] shape() {
      return tensor.shape();
    }
  }

  /** The signs of an image, [n, h, w, c]. */
  record Bits(PackedBits image) implements Value {
    @Override
    public int[] shape() {
      int[] shape = image.shape();
      return new int[] {shape[0], shape[3], shape[1], shape[2]};
    }
  }
}
