package io.axnn.multiplier;

/**
 * Unsigned multipliers that add logarithms: with a = 2^ka (1 + fa), log2(a) is taken as ka + fa,
 * and the sum is turned back in the same way. Logarithms are fixed-point numbers with bits - 1 bits
 * of fraction, which is all that an operand has. A product is cut to an integer.
 */
final class LogarithmicMultipliers {

  /** Saadat's constant 0.0833 in the six bits of fraction that his circuit adds. */
  private static final long MBM_CORRECTION = 5;

  private static final int MBM_CORRECTION_BITS = 6;

  /** The sum of two logarithms. */
  private interface LogarithmAdder {
    long sum(long x, long y);
  }

  private LogarithmicMultipliers() {}

  static MultiplierModel mitchell(int bits) {
    return new UnsignedModel(bits, "mitchell", (a, b) -> product(bits, a, b, Long::sum));
  }

  /** Mitchell's product and 5/64 of 2^(ka + kb). */
  static MultiplierModel minimallyBiased(int bits) {
    return new UnsignedModel(
        bits,
        "mbm",
        (a, b) -> {
          long correction = a == 0 || b == 0 ? 0 : MBM_CORRECTION << (exponent(a) + exponent(b));
          return product(bits, a, b, Long::sum) + (correction >> MBM_CORRECTION_BITS);
        });
  }

  /**
   * The lower m bits of a sum are ones, and the carry into the upper ones is the AND of the two
   * bits below them.
   */
  static MultiplierModel setOneAdder(int bits, int m) {
    LogarithmAdder adder =
        m == 0
            ? Long::sum
            : (x, y) -> {
              long carry = x >> (m - 1) & y >> (m - 1) & 1;
              long upper = (x >> m) + (y >> m) + carry;
              return upper << m | (1L << m) - 1;
            };
    return new UnsignedModel(bits, "alm-soa(m=" + m + ")", (a, b) -> product(bits, a, b, adder));
  }

  private static long product(int bits, int a, int b, LogarithmAdder adder) {
    if (a == 0 || b == 0) {
      return 0;
    }
    int fractionBits = bits - 1;
    long sum = adder.sum(logarithm(a, fractionBits), logarithm(b, fractionBits));
    long one = 1L << fractionBits;
    long mantissa = one | sum & (one - 1);
    return mantissa << (sum >> fractionBits) >> fractionBits;
  }

  private static long logarithm(int x, int fractionBits) {
    int exponent = exponent(x);
    long fraction = (long) (x - Integer.highestOneBit(x)) << (fractionBits - exponent);
    return ((long) exponent << fractionBits) + fraction;
  }

  private static int exponent(int x) {
    return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(x);
  }
}
