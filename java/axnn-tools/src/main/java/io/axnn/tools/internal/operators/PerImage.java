package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Runs a function on float arrays image after image: one image fits a cache, and loops over arrays
 * are what the compiler vectorises best.
 */
final class PerImage {
  /** Computes one image. Both arrays belong to the call. */
  @FunctionalInterface
  interface Function {
    void apply(float[] input, float[] output);
  }

  private PerImage() {}

  static void apply(Tensor x, Tensor y, Function function) {
    int images = x.dimension(0);
    float[] input = new float[Math.toIntExact(x.size() / images)];
    float[] output = new float[Math.toIntExact(y.size() / images)];
    for (int image = 0; image < images; image++) {
      MemorySegment.copy(
          x.memory(),
          ValueLayout.JAVA_FLOAT,
          (long) image * input.length * Float.BYTES,
          input,
          0,
          input.length);
      function.apply(input, output);
      MemorySegment.copy(
          output,
          0,
          y.memory(),
          ValueLayout.JAVA_FLOAT,
          (long) image * output.length * Float.BYTES,
          output.length);
    }
  }
}
