package io.axnn.tools;

import io.axnn.multiplier.Multiplier;
import java.util.Objects;

/** How a layer with weights computes its products. */
public sealed interface Arithmetic {

  /**
   * Ordinary float32, what the network was trained with.
   *
   * @return the arithmetic
   */
  static Arithmetic float32() {
    return Float32.INSTANCE;
  }

  /**
   * 8-bit codes, every product an entry of a multiplier's table. Weights are quantised per output
   * channel, symmetric; activations by the range that calibration saw: codes 0..127 where no value
   * is negative, else -127..127, both with zero point 0.
   *
   * @param multiplier stays the caller's, who closes it after the networks that use it
   * @return the arithmetic
   */
  static Arithmetic approximate(Multiplier multiplier) {
    return new Approximate(multiplier);
  }

  /**
   * One bit a weight and one bit an activation. Only for a binary layer: a convolution of signs
   * whose weights have one magnitude per output channel. A bit has no zero: where ONNX's Sign makes
   * 0 of an exact 0.0, a bit stands for +1.
   *
   * @return the arithmetic
   */
  static Arithmetic binary() {
    return Binary.INSTANCE;
  }

  /** Ordinary float32. */
  enum Float32 implements Arithmetic {
    /** The only one. */
    INSTANCE;

    @Override
    public String toString() {
      return "float32";
    }
  }

  /**
   * 8-bit codes and a table of products.
   *
   * @param multiplier the table
   */
  record Approximate(Multiplier multiplier) implements Arithmetic {
    /** Refuses null. */
    public Approximate {
      Objects.requireNonNull(multiplier, "multiplier");
    }

    @Override
    public String toString() {
      return "8-bit " + multiplier.name();
    }
  }

  /** Bits. */
  enum Binary implements Arithmetic {
    /** The only one. */
    INSTANCE;

    @Override
    public String toString() {
      return "binary";
    }
  }
}
