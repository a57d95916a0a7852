package io.axnn.multiplier;

import io.axnn.multiplier.ProductStructure.Term;
import java.util.function.IntUnaryOperator;

/** Unsigned multipliers that shorten each operand and multiply exactly: u(a) * u(b). */
final class OperandSegments {

  private OperandSegments() {}

  /** Keeps k bits from the leading one and sets the last of them where bits were cut off. */
  static MultiplierModel drum(int bits, int k) {
    return of(
        bits,
        "drum(k=" + k + ")",
        x -> {
          int cut = bitsBelowSegment(x, k);
          return cut == 0 ? x : (x >> cut | 1) << cut;
        });
  }

  /** Keeps the lower m bits where the others are 0, else the upper m bits. */
  static MultiplierModel staticSegment(int bits, int m) {
    int cut = bits - m;
    return of(bits, "ssm(m=" + m + ")", x -> x >> m == 0 ? x : x >> cut << cut);
  }

  /** Keeps m bits from the leading one. */
  static MultiplierModel dynamicSegment(int bits, int m) {
    return of(
        bits,
        "dsm(m=" + m + ")",
        x -> {
          int cut = bitsBelowSegment(x, m);
          return x >> cut << cut;
        });
  }

  private static int bitsBelowSegment(int x, int segment) {
    int length = Integer.SIZE - Integer.numberOfLeadingZeros(x);
    return Math.max(length - segment, 0);
  }

  private static MultiplierModel of(int bits, String text, IntUnaryOperator segment) {
    return new UnsignedModel(
        bits,
        text,
        (a, b) -> (long) segment.applyAsInt(a) * segment.applyAsInt(b),
        ProductStructure.of(new Term(1, segment, segment)));
  }
}
