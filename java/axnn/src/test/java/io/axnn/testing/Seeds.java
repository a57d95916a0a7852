package io.axnn.testing;

import java.util.Random;

/** Random numbers of a test; the seed is printed, {@code -Daxnn.test.seed} repeats a run. */
public final class Seeds {

  private static final String PROPERTY = "axnn.test.seed";

  private Seeds() {}

  public static Random random(String test) {
    long seed = Long.getLong(PROPERTY, System.nanoTime());
    System.out.printf("%s: -D%s=%d%n", test, PROPERTY, seed);
    return new Random(seed);
  }

  /** Values of about [-1, 1] with both zeros among them. */
  public static float[] floats(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (random.nextInt(16)) {
            case 0 -> 0.0f;
            case 1 -> -0.0f;
            default -> 2 * random.nextFloat() - 1;
          };
    }
    return values;
  }
}
