package io.axnn.layers;

import io.axnn.internal.Check;

/**
 * Gaussian noise in the place of a multiplier's error, as in TorchApprox: {@code N(0, 1) * std(y) *
 * stdev + mean} is added to every value of y, the output before bias.
 *
 * @param stdev relative to the standard deviation of y, finite and not negative
 * @param mean absolute, finite
 */
public record Noise(float stdev, float mean) {

  /** No noise. */
  public static final Noise NONE = new Noise(0, 0);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is not finite or stdev is negative
   */
  public Noise {
    Check.finite("stdev", stdev);
    Check.finite("mean", mean);
    if (stdev < 0) {
      throw new IllegalArgumentException("stdev is " + stdev + ", but must not be negative");
    }
  }
}
