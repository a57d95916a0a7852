package io.axnn.multiplier;

import io.axnn.internal.Check;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * How far a multiplier is from the exact product: means and maxima of E = product(a, b) - a * b
 * over pairs of operands. How frequent each pair is was said when the figures were made.
 *
 * <p>The definitions are those of EvoApproxLib's published figures (Mrazek et al., "EvoApprox8b",
 * DATE 2017). Relative errors, |E| / |a * b|, exist where the exact product is not 0; papers differ
 * in what their mean is taken over, so both means are here.
 *
 * @param productBits width of the exact product, the sum of both operands', which percentages of
 *     MAE and WCE refer to
 * @param pairs how many pairs of operands were looked at
 * @param mae mean absolute error, mean |E|
 * @param wce worst-case error, max |E|
 * @param mse mean squared error, mean E^2
 * @param ep error probability, the share of pairs with E != 0
 * @param mre mean relative error over the pairs whose exact product is not 0; 0 if there are none
 * @param mreOfAllPairs mean relative error over all pairs, where a product of 0 counts as no error
 * @param wcre worst-case relative error, over the pairs whose exact product is not 0
 * @param bias mean E; the mean of {@code NOISE} mode
 * @param variance mean (E - bias)^2, over the whole population of pairs
 */
public record ErrorFigures(
    int productBits,
    long pairs,
    double mae,
    double wce,
    double mse,
    double ep,
    double mre,
    double mreOfAllPairs,
    double wcre,
    double bias,
    double variance) {

  /**
   * A sample is drawn in this many parts, each with numbers of its own, on any number of threads.
   */
  private static final int SAMPLE_PARTS = 256;

  /**
   * The figures over all pairs of operands, equally frequent. Above 24 bits of both operands
   * together this is work: 2^32 pairs of 16 bits take a minute or more on all processors. {@link
   * #ofSample} is faster.
   *
   * @param multiplier may be closed
   * @return the figures; the same on every number of threads
   */
  public static ErrorFigures of(Multiplier multiplier) {
    Objects.requireNonNull(multiplier, "multiplier");
    Operand row = multiplier.rowOperand();
    Operand column = multiplier.columnOperand();
    return of(multiplier, row.min(), row.max(), column.min(), column.max());
  }

  /**
   * The figures over some values of the operands, equally frequent.
   *
   * @param multiplier may be closed
   * @param rowMin smallest value of the row operand
   * @param rowMax largest value of the row operand, not below rowMin
   * @param columnMin smallest value of the column operand
   * @param columnMax largest value of the column operand, not below columnMin
   * @return the figures
   * @throws IllegalArgumentException if a range is empty or leaves its operand's
   */
  public static ErrorFigures of(
      Multiplier multiplier, int rowMin, int rowMax, int columnMin, int columnMax) {
    Objects.requireNonNull(multiplier, "multiplier");
    checkRange("row", rowMin, rowMax, multiplier.rowOperand());
    checkRange("column", columnMin, columnMax, multiplier.columnOperand());
    return sum(
        multiplier,
        rowMax - rowMin + 1,
        row -> {
          ErrorSums sums = new ErrorSums();
          int a = rowMin + row;
          for (int b = columnMin; b <= columnMax; b++) {
            sums.add(multiplier.longProduct(a, b), (long) a * b, 1);
          }
          return sums;
        });
  }

  private static void checkRange(String name, int min, int max, Operand operand) {
    Check.range(name + "Min", min, operand.min(), operand.max());
    Check.range(name + "Max", max, min, operand.max());
  }

  /**
   * The figures over all pairs of operands that are as frequent as they are in a network, for
   * example; the operands are independent. A value of weight 0 does not occur, and worst cases are
   * those that do.
   *
   * @param multiplier may be closed
   * @param rowWeights how frequent each value of the row operand is, from its smallest to its
   *     largest; finite, not negative, not all 0; they need not sum to 1
   * @param columnWeights the same of the column operand
   * @return the figures
   * @throws IllegalArgumentException if there are not as many weights as values, or one is bad
   */
  public static ErrorFigures weighted(
      Multiplier multiplier, double[] rowWeights, double[] columnWeights) {
    Objects.requireNonNull(multiplier, "multiplier");
    double[] rows = frequencies("rowWeights", rowWeights, multiplier.rowOperand());
    double[] columns = frequencies("columnWeights", columnWeights, multiplier.columnOperand());
    int rowMin = multiplier.rowOperand().min();
    int columnMin = multiplier.columnOperand().min();
    return sum(
        multiplier,
        rows.length,
        row -> {
          ErrorSums sums = new ErrorSums();
          int a = rowMin + row;
          for (int column = 0; column < columns.length && rows[row] > 0; column++) {
            if (columns[column] > 0) {
              int b = columnMin + column;
              sums.add(multiplier.longProduct(a, b), (long) a * b, rows[row] * columns[column]);
            }
          }
          return sums;
        });
  }

  /** The weights divided by their sum. */
  private static double[] frequencies(String name, double[] weights, Operand operand) {
    Objects.requireNonNull(weights, name);
    if (weights.length != operand.count()) {
      throw new IllegalArgumentException(
          name
              + " has "
              + weights.length
              + " elements, but must have one for each of the "
              + operand.count()
              + " values of its operand");
    }
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0 && weights[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            name + "[" + i + "] is " + weights[i] + ", but must be finite and not negative");
      }
      sum += weights[i];
    }
    if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          name + " sums to " + sum + ", but its sum must be finite and above 0");
    }
    double[] frequencies = new double[weights.length];
    for (int i = 0; i < weights.length; i++) {
      frequencies[i] = weights[i] / sum;
    }
    return frequencies;
  }

  /**
   * The figures over random pairs of operands, all equally likely: an estimate, whose worst cases
   * are those that were drawn. Meant for operands of more than 12 bits.
   *
   * @param multiplier may be closed
   * @param pairs how many are drawn, at least 1; 2^22 give three digits of most figures
   * @param seed of the random numbers; the same seed gives the same figures on every number of
   *     threads
   * @return the figures
   * @throws IllegalArgumentException if pairs is below 1
   */
  public static ErrorFigures ofSample(Multiplier multiplier, int pairs, long seed) {
    Objects.requireNonNull(multiplier, "multiplier");
    Check.positive("pairs", pairs);
    Operand row = multiplier.rowOperand();
    Operand column = multiplier.columnOperand();
    SplittableRandom seeds = new SplittableRandom(seed);
    SplittableRandom[] randoms = new SplittableRandom[SAMPLE_PARTS];
    for (int part = 0; part < SAMPLE_PARTS; part++) {
      randoms[part] = seeds.split();
    }
    return sum(
        multiplier,
        SAMPLE_PARTS,
        part -> {
          ErrorSums sums = new ErrorSums();
          for (int i = part; i < pairs; i += SAMPLE_PARTS) {
            int a = randoms[part].nextInt(row.min(), row.max() + 1);
            int b = randoms[part].nextInt(column.min(), column.max() + 1);
            sums.add(multiplier.longProduct(a, b), (long) a * b, 1);
          }
          return sums;
        });
  }

  /** Parts run in parallel and are added in order, so the threads do not show in the figures. */
  private static ErrorFigures sum(Multiplier multiplier, int parts, IntFunction<ErrorSums> part) {
    ErrorSums total = new ErrorSums();
    IntStream.range(0, parts).parallel().mapToObj(part).forEachOrdered(total::add);
    return total.figures(multiplier.rowOperand().bits() + multiplier.columnOperand().bits());
  }

  /**
   * The standard deviation of the error; the size of the noise in {@code NOISE} mode.
   *
   * @return the root of the variance
   */
  public double standardDeviation() {
    return Math.sqrt(variance);
  }

  /**
   * MAE in percent of the range of products, 2^productBits, as EvoApproxLib gives it (for signed
   * operands too).
   *
   * @return percent
   */
  public double maePercent() {
    return percentOfRange(mae);
  }

  /**
   * WCE in percent of the range of products, 2^productBits.
   *
   * @return percent
   */
  public double wcePercent() {
    return percentOfRange(wce);
  }

  private double percentOfRange(double error) {
    return 100 * error / (1L << productBits);
  }

  /**
   * EP in percent.
   *
   * @return percent
   */
  public double epPercent() {
    return 100 * ep;
  }

  /**
   * MRE in percent, over the pairs whose exact product is not 0.
   *
   * @return percent
   */
  public double mrePercent() {
    return 100 * mre;
  }

  /**
   * WCRE in percent.
   *
   * @return percent
   */
  public double wcrePercent() {
    return 100 * wcre;
  }
}
