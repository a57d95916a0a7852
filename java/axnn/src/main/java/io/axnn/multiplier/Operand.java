package io.axnn.multiplier;

import io.axnn.internal.Check;

/**
 * One of the two inputs of a multiplier.
 *
 * @param bits width, 1 to 8
 * @param signed two's complement if true
 */
public record Operand(int bits, boolean signed) {

  /** -128..127. */
  public static final Operand SIGNED8 = new Operand(8, true);

  /** 0..255. */
  public static final Operand UNSIGNED8 = new Operand(8, false);

  /**
   * Checks the width.
   *
   * @throws IllegalArgumentException if bits is not in 1..8
   */
  public Operand {
    Check.range("bits", bits, 1, Byte.SIZE);
  }

  /**
   * The smallest value.
   *
   * @return 0 or -2^(bits - 1)
   */
  public int min() {
    return signed ? -(1 << (bits - 1)) : 0;
  }

  /**
   * The largest value.
   *
   * @return 2^bits - 1 or 2^(bits - 1) - 1
   */
  public int max() {
    return signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
  }
}
