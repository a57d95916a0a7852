package io.axnn.multiplier;

import io.axnn.multiplier.ProductStructure.Term;

/**
 * TOSAM(h, t): with a = 2^ka (1 + fa) and b likewise, the product is 2^(ka + kb) (1 + ta + tb + ha
 * * hb); ta is the fraction fa cut to t bits, ha is fa cut to h bits with a half of the last one
 * added.
 */
final class Tosam {

  private Tosam() {}

  /** The sum is shifted into place at the end, and what falls below the point is lost. */
  static MultiplierModel withOutputFloor(int bits, int h, int t) {
    int pointOfProduct = 2 * (h + 1);
    int point = Math.max(t, pointOfProduct);
    return new UnsignedModel(
        bits,
        text(h, t),
        (a, b) -> {
          if (a == 0 || b == 0) {
            return 0;
          }
          long fractions = cut(a, t) + cut(b, t);
          long product = (long) halfwayUp(a, h) * halfwayUp(b, h);
          long mantissa =
              (1L << point) + (fractions << (point - t)) + (product << (point - pointOfProduct));
          return mantissa << (exponent(a) + exponent(b)) >> point;
        });
  }

  /** The operands are shifted into place before they are multiplied, and lose it there. */
  static MultiplierModel withoutOutputFloor(int bits, int h, int t) {
    return new UnsignedModel(
        bits,
        text(h, t) + " without output floor",
        (a, b) ->
            (long) leading(a) * leading(b)
                + (long) inPlace(a, t) * leading(b)
                + (long) leading(a) * inPlace(b, t)
                + (long) halfwayUpInPlace(a, h) * halfwayUpInPlace(b, h),
        ProductStructure.of(
            new Term(1, a -> leading(a) + inPlace(a, t), Tosam::leading),
            new Term(1, Tosam::leading, b -> inPlace(b, t)),
            new Term(1, a -> halfwayUpInPlace(a, h), b -> halfwayUpInPlace(b, h))));
  }

  private static String text(int h, int t) {
    return "tosam(h=" + h + ",t=" + t + ")";
  }

  private static int leading(int x) {
    return Integer.highestOneBit(x);
  }

  private static int exponent(int x) {
    return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(x);
  }

  /** The first bits of the fraction, as an integer. */
  private static int cut(int x, int bits) {
    return shifted(x - leading(x), bits - exponent(x));
  }

  /** The first bits of the fraction and a one behind them. */
  private static int halfwayUp(int x, int bits) {
    return cut(x, bits) << 1 | 1;
  }

  /** 2^kx times the cut fraction; 0 for 0. */
  private static int inPlace(int x, int bits) {
    return x == 0 ? 0 : shifted(cut(x, bits), exponent(x) - bits);
  }

  private static int halfwayUpInPlace(int x, int bits) {
    return x == 0 ? 0 : shifted(halfwayUp(x, bits), exponent(x) - bits - 1);
  }

  private static int shifted(int x, int left) {
    return left >= 0 ? x << left : x >> -left;
  }
}
