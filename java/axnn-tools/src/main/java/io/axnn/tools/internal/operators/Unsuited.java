package io.axnn.tools.internal.operators;

/** The error of an arithmetic that a layer cannot use. */
final class Unsuited {
  private Unsuited() {}

  static IllegalArgumentException binary() {
    return new IllegalArgumentException(
        "binary arithmetic needs a convolution of signs whose weights have one magnitude per output"
            + " channel, and this layer is none; use float32 or approximate");
  }
}
