package io.axnn.layers;

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
}
