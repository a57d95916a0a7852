package io.axnn.multiplier;

import io.axnn.multiplier.ProductStructure.Term;
import java.util.function.IntUnaryOperator;

/**
 * Unsigned multipliers whose error is a product itself: each is a * b - c * r(a) * r(b), whatever
 * its circuit, where r(x) is the part of an operand that the circuit does not see.
 */
final class ResidueProducts {

  private ResidueProducts() {}

  /** With A and B the operands rounded to powers of two: A * b + B * a - A * B. */
  static MultiplierModel roba(int bits) {
    return new UnsignedModel(
        bits,
        "roba",
        (a, b) -> {
          long roundA = rounded(a);
          long roundB = rounded(b);
          return roundA * b + roundB * a - roundA * roundB;
        },
        structure(1, x -> rounded(x) - x));
  }

  /** The nearest power of two; the upper one for 1.5 times a power of two but for 3. */
  private static int rounded(int x) {
    int leading = Integer.highestOneBit(x);
    return x != 3 && 2 * x >= 3 * leading ? 2 * leading : leading;
  }

  /** Stage by stage, the product of what is left of the operands without that of their rests. */
  static MultiplierModel iterativeLogarithmic(int bits, int stages) {
    return new UnsignedModel(
        bits,
        "ilm(stages=" + stages + ")",
        (a, b) -> {
          long sum = 0;
          int x = a;
          int y = b;
          for (int stage = 0; stage < stages && x != 0 && y != 0; stage++) {
            int leadingX = Integer.highestOneBit(x);
            int leadingY = Integer.highestOneBit(y);
            sum += (long) leadingX * y + (long) (x - leadingX) * leadingY;
            x -= leadingX;
            y -= leadingY;
          }
          return sum;
        },
        structure(1, x -> withoutLeadingOnes(x, stages)));
  }

  private static int withoutLeadingOnes(int x, int count) {
    int rest = x;
    for (int i = 0; i < count; i++) {
      rest -= Integer.highestOneBit(rest);
    }
    return rest;
  }

  /** Blocks of two by two bits, in which 3 * 3 is 7. */
  static MultiplierModel underdesigned(int bits) {
    return new UnsignedModel(
        bits,
        "udm",
        (a, b) -> {
          long sum = 0;
          for (int i = 0; i < bits; i += 2) {
            for (int j = 0; j < bits; j += 2) {
              int x = a >> i & 3;
              int y = b >> j & 3;
              sum += (long) (x == 3 && y == 3 ? 7 : x * y) << (i + j);
            }
          }
          return sum;
        },
        structure(2, ResidueProducts::threes));
  }

  /** A one for each block of two bits that is 3. */
  private static int threes(int x) {
    return x & x >> 1 & 0x5555;
  }

  private static ProductStructure structure(int coefficient, IntUnaryOperator residue) {
    return ProductStructure.of(
        new Term(1, IntUnaryOperator.identity(), IntUnaryOperator.identity()),
        new Term(-coefficient, residue, residue));
  }
}
