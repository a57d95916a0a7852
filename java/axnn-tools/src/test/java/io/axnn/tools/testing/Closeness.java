package io.axnn.tools.testing;

import static org.assertj.core.api.Assertions.assertThat;

/** Comparison of floats by the largest magnitude among them. */
public final class Closeness {
  private Closeness() {}

  /** Asserts max |a - b| <= tolerance * max |b|. */
  public static void assertClose(float[] actual, float[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isFinite();
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - (double) expected[i]));
    }
    assertThat(difference)
        .as("largest difference; largest magnitude %s", largest)
        .isLessThanOrEqualTo(tolerance * largest);
  }
}
