package io.axnn.internal;

import io.axnn.DataType;
import java.util.Arrays;
import java.util.Objects;

/** Arithmetic on tensor shapes that refuses what does not fit instead of wrapping. */
public final class Shapes {

  private Shapes() {}

  /**
   * The number of elements of a shape.
   *
   * @throws IllegalArgumentException if there is no dimension, one is below 1 or the elements
   *     exceed a long
   */
  public static long size(int... shape) {
    Objects.requireNonNull(shape, "shape");
    if (shape.length == 0) {
      throw new IllegalArgumentException("shape is [], but must have at least one dimension");
    }
    long size = 1;
    for (int dimension : shape) {
      if (dimension < 1) {
        throw new IllegalArgumentException(
            "shape is " + Arrays.toString(shape) + ", but every dimension must be at least 1");
      }
      size = product("shape " + Arrays.toString(shape), size, dimension);
    }
    return size;
  }

  /**
   * The number of bytes of a shape's elements.
   *
   * @throws IllegalArgumentException as {@link #size}, or if the bytes exceed a long
   */
  public static long bytes(DataType type, int... shape) {
    return product("shape " + Arrays.toString(shape), size(shape), type.bytes());
  }

  /**
   * The number of bytes of signs whose last axis is packed, every row on a byte of its own.
   *
   * @throws IllegalArgumentException as {@link #size}, or if there are 2^31 rows or more
   */
  public static long bitBytes(int... shape) {
    return bitRows(shape) * bytesOfBits(shape[shape.length - 1]);
  }

  /**
   * The number of rows of signs: the product of all dimensions but the last.
   *
   * @throws IllegalArgumentException as {@link #size}, or if there are 2^31 rows or more
   */
  public static int bitRows(int... shape) {
    long rows = size(shape) / shape[shape.length - 1];
    if (rows > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "shape "
              + Arrays.toString(shape)
              + " has "
              + rows
              + " rows, but bits must have less than 2^31");
    }
    return (int) rows;
  }

  /** The bytes that hold one row of bits. */
  public static long bytesOfBits(long bits) {
    return Math.ceilDiv(bits, Byte.SIZE);
  }

  /**
   * a * b.
   *
   * @throws IllegalArgumentException if it exceeds a long; {@code what} is the subject of the
   *     message
   */
  public static long product(String what, long a, long b) {
    try {
      return Math.multiplyExact(a, b);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(what + " has more bytes than memory can address", e);
    }
  }
}
