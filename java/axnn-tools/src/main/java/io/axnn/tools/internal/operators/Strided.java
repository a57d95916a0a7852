package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Numbers of an array that lie a stride apart along each of some axes. */
record Strided(float[] values, int offset, int[] strides) {

  /** All of a tensor, row by row. */
  static Strided of(Tensor tensor) {
    return new Strided(tensor.toFloatArray(), 0, strides(tensor.shape()));
  }

  /** Room for a tensor. */
  static Strided room(Tensor tensor) {
    return new Strided(new float[Math.toIntExact(tensor.size())], 0, strides(tensor.shape()));
  }

  void copyTo(Tensor tensor) {
    MemorySegment.copy(values, 0, tensor.memory(), ValueLayout.JAVA_FLOAT, 0, values.length);
  }

  /** How far the elements of a shape lie apart along each axis. */
  static int[] strides(int[] shape) {
    int[] strides = new int[shape.length];
    int next = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = next;
      next *= shape[axis];
    }
    return strides;
  }

  /** The part that begins at an index along each axis. */
  Strided from(int[] starts) {
    int begin = offset;
    for (int axis = 0; axis < starts.length; axis++) {
      begin += starts[axis] * strides[axis];
    }
    return new Strided(values, begin, strides);
  }

  /** The same numbers with other strides. */
  Strided withStrides(int[] newStrides) {
    return new Strided(values, offset, newStrides);
  }

  /** A shape as NumPy broadcasts it to a larger one: axes of one element, and new ones, repeat. */
  Strided broadcast(int[] shape, int[] larger) {
    int[] repeated = new int[larger.length];
    int added = larger.length - shape.length;
    for (int axis = added; axis < larger.length; axis++) {
      repeated[axis] = shape[axis - added] == 1 ? 0 : strides[axis - added];
    }
    return withStrides(repeated);
  }

  /** From one number, or from two, to one. */
  @FunctionalInterface
  interface Combination {
    float of(float a, float b);
  }

  /** to = combination(a, b), element by element of a shape. */
  static void combine(Strided a, Strided b, int[] shape, Strided to, Combination combination) {
    combine(a, a.offset, b, b.offset, to, to.offset, shape, 0, combination);
  }

  private static void combine(
      Strided a,
      int ai,
      Strided b,
      int bi,
      Strided to,
      int ti,
      int[] shape,
      int axis,
      Combination combination) {
    if (axis == shape.length) {
      to.values[ti] = combination.of(a.values[ai], b.values[bi]);
      return;
    }
    int as = a.strides[axis];
    int bs = b.strides[axis];
    int ts = to.strides[axis];
    for (int i = 0; i < shape[axis]; i++) {
      if (axis == shape.length - 1) {
        to.values[ti + i * ts] = combination.of(a.values[ai + i * as], b.values[bi + i * bs]);
      } else {
        combine(a, ai + i * as, b, bi + i * bs, to, ti + i * ts, shape, axis + 1, combination);
      }
    }
  }

  /** to = from, element by element of a shape. */
  static void copy(Strided from, int[] shape, Strided to) {
    combine(from, from, shape, to, (a, same) -> a);
  }
}
