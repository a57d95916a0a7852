package io.axnn.layers;

/** What {@link BinaryLayer} has gradients for. */
public enum Gradient {
  /** The input. */
  INPUT,
  /** The float weights. */
  WEIGHTS,
  /** The scale, as it was given. */
  SCALE,
  /** The bias. */
  BIAS
}
