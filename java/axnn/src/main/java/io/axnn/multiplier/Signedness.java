package io.axnn.multiplier;

/**
 * How a multiplier treats signs. Most families of the literature multiply unsigned numbers; there
 * is more than one way to use them for signed ones, and they give different products.
 */
public enum Signedness {
  /** Operands 0..2^bits - 1. */
  UNSIGNED(""),

  /**
   * Operands -2^(bits - 1)..2^(bits - 1) - 1, multiplied by a circuit for two's complement: its
   * uppermost partial products count negative (Baugh and Wooley, "A Two's Complement Parallel Array
   * Multiplication Algorithm", 1973). Only families that are made of partial products have this.
   */
  TWOS_COMPLEMENT(""),

  /**
   * Operands -2^(bits - 1)..2^(bits - 1) - 1; T multiplies the magnitudes and the sign is put on
   * afterwards: {@code sgn(a) * sgn(b) * T(|a|, |b|)} with {@code sgn(0) = +1}. The magnitude of
   * the smallest operand is 2^(bits - 1), which fits the unsigned operand of the same width.
   */
  SIGN_MAGNITUDE("sign-magnitude "),

  /**
   * Operands -2^(bits - 1)..2^(bits - 1) - 1, made unsigned by adding z = 2^(bits - 1), whose part
   * in the product is taken out again exactly: {@code T(a + z, b + z) - z * (a + z) - z * (b + z) +
   * z * z}. A multiplier without error gives a * b.
   */
  ZERO_POINT("zero-point ");

  private final String prefix;

  Signedness(String prefix) {
    this.prefix = prefix;
  }

  /** What stands before the name of an unsigned multiplier that is used in this way. */
  String prefix() {
    return prefix;
  }
}
