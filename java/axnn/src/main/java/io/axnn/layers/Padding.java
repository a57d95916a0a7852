package io.axnn.layers;

import io.axnn.internal.Check;

/**
 * Rows and columns that a convolution adds around its input.
 *
 * @param top rows above, 0 or more
 * @param bottom rows below, 0 or more
 * @param left columns to the left, 0 or more
 * @param right columns to the right, 0 or more
 */
public record Padding(int top, int bottom, int left, int right) {

  /** No padding. */
  public static final Padding NONE = new Padding(0, 0, 0, 0);

  /** {@link #NONE} by the name of TensorFlow, PyTorch and ONNX. */
  public static final Padding VALID = NONE;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public Padding {
    Check.atLeast("padding top", top, 0);
    Check.atLeast("padding bottom", bottom, 0);
    Check.atLeast("padding left", left, 0);
    Check.atLeast("padding right", right, 0);
  }

  /**
   * The same on all four sides.
   *
   * @param all rows and columns, 0 or more
   * @return that padding
   */
  public static Padding of(int all) {
    return of(all, all);
  }

  /**
   * The same above and below, and the same left and right.
   *
   * @param height rows above and rows below, 0 or more
   * @param width columns to the left and columns to the right, 0 or more
   * @return that padding
   */
  public static Padding of(int height, int width) {
    return new Padding(height, height, width, width);
  }
}
