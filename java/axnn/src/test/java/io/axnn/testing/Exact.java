package io.axnn.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Context;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Equality of the results of integer layers. */
public final class Exact {

  private Exact() {}

  /** Every value equals (==, so that -0 is 0) the expected one. */
  public static void assertEqual(float[] actual, float[] expected, String description) {
    assertThat(withoutNegativeZeros(actual))
        .as(description)
        .isEqualTo(withoutNegativeZeros(expected));
  }

  /**
   * As {@link #assertEqual} on each tier; among the tiers the bits are the same, signs of 0 too.
   */
  public static void assertEqualOnEveryTier(
      List<Context> tiers, Function<Context, float[]> run, float[] expected, String description) {
    float[] first = null;
    for (Context tier : tiers) {
      float[] actual = run.apply(tier);
      assertEqual(actual, expected, description + " on " + tier.tier());
      first = first == null ? actual : first;
      assertThat(actual).as("bits of %s on %s", description, tier.tier()).isEqualTo(first);
    }
  }

  private static float[] withoutNegativeZeros(float[] values) {
    float[] copy = Arrays.copyOf(values, values.length);
    for (int i = 0; i < copy.length; i++) {
      copy[i] += 0f;
    }
    return copy;
  }
}
