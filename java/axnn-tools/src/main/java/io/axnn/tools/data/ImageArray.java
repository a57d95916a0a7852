package io.axnn.tools.data;

import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Sizes of arrays of images, which files claim and which are not believed. */
final class ImageArray {
  /** Below what every JVM can allocate as one array. */
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  private ImageArray() {}

  /** The product of factors of 1 or more; Long.MAX_VALUE where it does not fit. */
  static long product(LongStream factors) {
    return factors.reduce(1, (a, b) -> a > Long.MAX_VALUE / b ? Long.MAX_VALUE : a * b);
  }

  /**
   * How many pixels some images have.
   *
   * @param source file or folder, for errors
   * @param shape channels, height and width
   * @param bytes of one pixel in memory
   * @throws DataException if that is more than an array, or than the memory that Java may use
   */
  static int length(Path source, int images, int[] shape, int bytes) {
    long pixels =
        product(LongStream.concat(LongStream.of(images), IntStream.of(shape).asLongStream()));
    long memory = Runtime.getRuntime().maxMemory();
    if (pixels > LONGEST || pixels > memory / bytes) {
      throw new DataException(
          source,
          "%d images of %s need %.1f GB; possible are %.1f GB (an array has at most 2^31 pixels,"
                  .formatted(
                      images,
                      text(shape),
                      pixels * (double) bytes / (1 << 30),
                      Math.min((double) LONGEST * bytes, memory) / (1 << 30))
              + " and Java's option -Xmx says how much memory it may use): take fewer images");
    }
    return (int) pixels;
  }

  /** Such as 3 x 32 x 32, with * for -1, which stands for any size. */
  static String text(int[] shape) {
    return String.join(
        " x ",
        IntStream.of(shape).mapToObj(size -> size < 0 ? "*" : Integer.toString(size)).toList());
  }
}
