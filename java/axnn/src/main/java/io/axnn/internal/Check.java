package io.axnn.internal;

import io.axnn.DataType;
import io.axnn.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/** Checks of arguments, so that no bad one reaches native code. */
public final class Check {

  private Check() {}

  /**
   * @throws IllegalArgumentException if {@code value} is outside [min, max]
   */
  public static int range(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " is " + value + ", but must be in " + min + ".." + max);
    }
    return value;
  }

  /**
   * @throws IllegalArgumentException if {@code value} is below 1
   */
  public static int positive(String name, int value) {
    return atLeast(name, value, 1);
  }

  /**
   * @throws IllegalArgumentException if {@code value} is below {@code min}
   */
  public static int atLeast(String name, int value, int min) {
    if (value < min) {
      throw new IllegalArgumentException(name + " is " + value + ", but must be at least " + min);
    }
    return value;
  }

  /** Whether a number can be a scale: finite and above 0. */
  public static boolean isScale(float scale) {
    return scale > 0 && !Float.isInfinite(scale);
  }

  /**
   * @throws IllegalArgumentException if {@code scale} is not finite and above 0
   */
  public static float scale(String name, float scale) {
    if (!isScale(scale)) {
      throw new IllegalArgumentException(
          name + " is " + scale + ", but must be finite and greater than 0");
    }
    return scale;
  }

  /**
   * @throws IllegalArgumentException if {@code value} is NaN or infinite
   */
  public static float finite(String name, float value) {
    if (!Float.isFinite(value)) {
      throw new IllegalArgumentException(name + " is " + value + ", but must be finite");
    }
    return value;
  }

  /** A tensor of one type. */
  public static Tensor type(String name, Tensor tensor, DataType type) {
    Objects.requireNonNull(tensor, name);
    if (tensor.dataType() != type) {
      throw new IllegalArgumentException(
          name + " is " + tensor.dataType() + ", but must be " + type);
    }
    return tensor;
  }

  /** A tensor of one type and shape. */
  public static Tensor shape(String name, Tensor tensor, DataType type, int... shape) {
    type(name, tensor, type);
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw new IllegalArgumentException(
          name
              + " has shape "
              + Arrays.toString(tensor.shape())
              + ", but must have shape "
              + Arrays.toString(shape));
    }
    return tensor;
  }

  /**
   * The memory of a tensor that native code is about to read.
   *
   * @throws IllegalStateException if its arena is closed
   * @throws IllegalArgumentException if its arena belongs to another thread
   */
  public static MemorySegment readable(String name, Tensor tensor) {
    MemorySegment memory = tensor.memory();
    if (!memory.scope().isAlive()) {
      throw new IllegalStateException("the arena of " + name + " is closed");
    }
    if (!memory.isAccessibleBy(Thread.currentThread())) {
      throw new IllegalArgumentException(
          name + " is in an arena that is confined to another thread");
    }
    return memory;
  }

  /**
   * The memory of a tensor that native code is about to write while it reads {@code input}.
   *
   * @throws IllegalStateException if its arena is closed
   * @throws IllegalArgumentException if it overlaps {@code input} or its arena belongs to another
   *     thread
   */
  public static MemorySegment writable(String name, Tensor tensor, MemorySegment input) {
    MemorySegment memory = readable(name, tensor);
    if (memory.address() < input.address() + input.byteSize()
        && input.address() < memory.address() + memory.byteSize()) {
      throw new IllegalArgumentException(name + " overlaps the input, but must not");
    }
    return memory;
  }
}
