package io.axnn.layers;

import io.axnn.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Limits of a layer's output; infinities for none. */
record OutputRange(float min, float max) {

  static final OutputRange UNLIMITED =
      new OutputRange(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

  OutputRange {
    if (!(min <= max)) {
      throw new IllegalArgumentException(
          "outputRange is " + min + ".." + max + ", but must not be NaN and min not above max");
    }
  }

  /** Limits the values of a tensor in place; NaN stays. */
  void clamp(Tensor y) {
    if (equals(UNLIMITED)) {
      return;
    }
    MemorySegment memory = y.memory();
    for (long i = 0; i < y.size(); i++) {
      float value = memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, Math.min(Math.max(value, min), max));
    }
  }
}
