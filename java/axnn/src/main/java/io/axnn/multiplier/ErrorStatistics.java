package io.axnn.multiplier;

import io.axnn.internal.Check;
import java.util.Objects;

/**
 * Mean and standard deviation of a multiplier's error, {@code product(a, b) - a * b}, where all
 * pairs of operands of some ranges are equally frequent.
 *
 * @param mean of the error
 * @param standardDeviation of the error, over the whole population of pairs
 */
public record ErrorStatistics(double mean, double standardDeviation) {

  /**
   * The statistics over all values of both operands.
   *
   * @param multiplier may be closed
   * @return mean and standard deviation
   */
  public static ErrorStatistics of(Multiplier multiplier) {
    Operand row = multiplier.rowOperand();
    Operand column = multiplier.columnOperand();
    return of(multiplier, row.min(), row.max(), column.min(), column.max());
  }

  /**
   * The statistics over some values of the operands.
   *
   * @param multiplier may be closed
   * @param rowMin smallest value of the row operand
   * @param rowMax largest value of the row operand, not below rowMin
   * @param columnMin smallest value of the column operand
   * @param columnMax largest value of the column operand, not below columnMin
   * @return mean and standard deviation
   * @throws IllegalArgumentException if a range is empty or leaves its operand's
   */
  public static ErrorStatistics of(
      Multiplier multiplier, int rowMin, int rowMax, int columnMin, int columnMax) {
    Objects.requireNonNull(multiplier, "multiplier");
    Check.range("rowMax", rowMax, rowMin, multiplier.rowOperand().max());
    Check.range("columnMax", columnMax, columnMin, multiplier.columnOperand().max());
    double pairs = (rowMax - rowMin + 1.0) * (columnMax - columnMin + 1.0);
    double mean = 0;
    for (int a = rowMin; a <= rowMax; a++) {
      for (int b = columnMin; b <= columnMax; b++) {
        mean += error(multiplier, a, b) / pairs;
      }
    }
    double variance = 0;
    for (int a = rowMin; a <= rowMax; a++) {
      for (int b = columnMin; b <= columnMax; b++) {
        double deviation = error(multiplier, a, b) - mean;
        variance += deviation * deviation / pairs;
      }
    }
    return new ErrorStatistics(mean, Math.sqrt(variance));
  }

  private static double error(Multiplier multiplier, int a, int b) {
    return (double) multiplier.product(a, b) - a * b;
  }
}
