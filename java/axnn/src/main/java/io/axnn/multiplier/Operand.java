package io.axnn.multiplier;

import io.axnn.internal.Check;

/**
 * One of the two inputs of a multiplier.
 *
 * @param bits width, 1 to 16
 * @param signed two's complement if true
 */
public record Operand(int bits, boolean signed) {

  /** The largest width, in bits. */
  public static final int MAX_BITS = 16;

  /** The largest width whose products are held as a table, in bits. */
  public static final int MAX_TABLE_BITS = Byte.SIZE;

  /** -128..127. */
  public static final Operand SIGNED8 = new Operand(8, true);

  /** 0..255. */
  public static final Operand UNSIGNED8 = new Operand(8, false);

  /**
   * Checks the width.
   *
   * @throws IllegalArgumentException if bits is not in 1..16
   */
  public Operand {
    Check.range("bits", bits, 1, MAX_BITS);
  }

  /**
   * An operand of two's complement.
   *
   * @param bits width, 1 to 16
   * @return -2^(bits - 1)..2^(bits - 1) - 1
   */
  public static Operand signed(int bits) {
    return new Operand(bits, true);
  }

  /**
   * An operand without a sign.
   *
   * @param bits width, 1 to 16
   * @return 0..2^bits - 1
   */
  public static Operand unsigned(int bits) {
    return new Operand(bits, false);
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

  /**
   * How many values there are.
   *
   * @return 2^bits
   */
  public int count() {
    return 1 << bits;
  }

  /**
   * The value of a pattern of bits.
   *
   * @param code 0..2^bits - 1, checked
   * @return the code itself, or read as two's complement
   * @throws IllegalArgumentException if the code is outside that range
   */
  public int value(int code) {
    Check.range("code", code, 0, count() - 1);
    return code > max() ? code - count() : code;
  }

  /**
   * The bits of a value, the inverse of {@link #value}.
   *
   * @param value min..max, checked
   * @return 0..2^bits - 1
   * @throws IllegalArgumentException if the value is outside that range
   */
  public int code(int value) {
    return Check.range("value", value, min(), max()) & (count() - 1);
  }
}
