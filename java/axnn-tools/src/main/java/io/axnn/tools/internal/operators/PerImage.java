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
      read(x, image, input);
      function.apply(input, output);
      write(output, y, image);
    }
  }

  /** Combines two tensors of one shape, element by element. */
  static void combine(Tensor a, Tensor b, Tensor y, Strided.Combination combination) {
    int images = a.dimension(0);
    float[] first = new float[Math.toIntExact(a.size() / images)];
    float[] second = new float[first.length];
    for (int image = 0; image < images; image++) {
      read(a, image, first);
      read(b, image, second);
      for (int i = 0; i < first.length; i++) {
        first[i] = combination.of(first[i], second[i]);
      }
      write(first, y, image);
    }
  }

  private static void read(Tensor from, int image, float[] to) {
    long start = (long) image * to.length * Float.BYTES;
    MemorySegment.copy(from.memory(), ValueLayout.JAVA_FLOAT, start, to, 0, to.length);
  }

  private static void write(float[] from, Tensor to, int image) {
    long start = (long) image * from.length * Float.BYTES;
    MemorySegment.copy(from, 0, to.memory(), ValueLayout.JAVA_FLOAT, start, from.length);
  }
}
