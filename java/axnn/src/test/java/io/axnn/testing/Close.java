package io.axnn.testing;

import static org.assertj.core.api.Assertions.assertThat;

/** The float tolerance of docs/numerics.md: 1e-5 of the largest magnitude. */
public final class Close {

  private static final double RELATIVE_TO_LARGEST = 1e-5;

  private Close() {}

  public static void assertClose(float[] actual, double[] expected, String description) {
    assertClose(actual, expected, 0, description);
  }

  /**
   * @param summand the largest magnitude of what was added up: sums that cancel are no more exact
   *     than their summands
   */
  public static void assertClose(
      float[] actual, double[] expected, double summand, String description) {
    assertThat(actual).as(description).hasSize(expected.length);
    double largest = summand;
    for (double value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs(actual[i] - expected[i]))
          .as("%s: value %d is %s, not %s", description, i, actual[i], expected[i])
          .isLessThanOrEqualTo(RELATIVE_TO_LARGEST * largest);
    }
  }

  public static void assertClose(float[] actual, float[] expected, String description) {
    double[] doubles = new double[expected.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = expected[i];
    }
    assertClose(actual, doubles, description);
  }
}
