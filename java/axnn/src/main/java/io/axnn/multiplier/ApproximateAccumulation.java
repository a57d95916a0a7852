package io.axnn.multiplier;

/**
 * Unsigned array multipliers that have all partial products and add them up with less logic in the
 * lower columns.
 */
final class ApproximateAccumulation {

  private ApproximateAccumulation() {}

  /** Row after row is added by lower-part-OR adders with this many columns in the lower part. */
  static MultiplierModel lowerPartOr(int bits, int columns) {
    return new UnsignedModel(
        bits,
        "loa(columns=" + columns + ")",
        (a, b) -> {
          long sum = 0;
          for (int j = 0; j < bits; j++) {
            long row = partialProducts(a, b, j);
            sum = j == 0 ? row : lowerPartOrSum(sum, row, columns);
          }
          return sum;
        });
  }

  /** Row j of the array: a times bit j of b. */
  private static long partialProducts(int a, int b, int j) {
    return (b >> j & 1) == 0 ? 0 : (long) a << j;
  }

  private static long lowerPartOrSum(long x, long y, int columns) {
    if (columns == 0) {
      return x + y;
    }
    long lower = (x | y) & ((1L << columns) - 1);
    long carry = x >> (columns - 1) & y >> (columns - 1) & 1;
    long upper = (x >> columns) + (y >> columns) + carry;
    return upper << columns | lower;
  }

  /** In the lower columns the partial products are ORed, and nothing is carried out of them. */
  static MultiplierModel orColumns(int bits, int columns) {
    long below = (1L << columns) - 1;
    return new UnsignedModel(
        bits,
        "or-columns(columns=" + columns + ")",
        (a, b) -> {
          long sum = 0;
          long ored = 0;
          for (int j = 0; j < bits; j++) {
            long row = partialProducts(a, b, j);
            sum += row & ~below;
            ored |= row & below;
          }
          return sum + ored;
        });
  }
}
