package io.axnn.tools.internal.onnx;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Shapes whose dimensions may be open, as those that a file declares. */
public final class Shapes {
  /** A dimension that the file leaves open, as the number of images of a batch. */
  public static final int UNKNOWN = -1;

  private Shapes() {}

  /** The number of elements, an open dimension counted once; Long.MAX_VALUE if it overflows. */
  public static long elements(int... shape) {
    long elements = 1;
    for (int dimension : shape) {
      if (dimension == UNKNOWN) {
        continue;
      }
      try {
        elements = Math.multiplyExact(elements, (long) dimension);
      } catch (ArithmeticException overflow) {
        return Long.MAX_VALUE;
      }
    }
    return elements;
  }

  /** The product of some dimensions, open if one of them is. */
  public static long product(int[] shape, int from, int to) {
    int[] part = Arrays.copyOfRange(shape, from, to);
    return Arrays.stream(part).anyMatch(dimension -> dimension == UNKNOWN)
        ? UNKNOWN
        : elements(part);
  }

  /** True if the two dimensions can be the same. */
  public static boolean compatible(int left, int right) {
    return left == UNKNOWN || right == UNKNOWN || left == right;
  }

  /** True if a shape without open dimensions, none of them empty, is one that is declared. */
  public static boolean fits(int[] shape, int[] declared) {
    return shape.length == declared.length
        && IntStream.range(0, shape.length)
            .allMatch(axis -> shape[axis] > 0 && compatible(declared[axis], shape[axis]));
  }
}
