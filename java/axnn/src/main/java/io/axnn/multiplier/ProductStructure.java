package io.axnn.multiplier;

import java.util.List;
import java.util.Objects;
import java.util.function.IntToLongFunction;
import java.util.function.IntUnaryOperator;

/**
 * A multiplier as a sum in which no part depends on both operands but by a product of integers:
 *
 * <pre>product(a, b) = f(a) + g(b) + sum over r of c_r * u_r(a) * v_r(b)</pre>
 *
 * <p>A layer of such a multiplier is one exact integer matrix product a term, and f and g are sums
 * over one operand only.
 *
 * @param terms one for each r, copied
 * @param rowOnly f, or {@link #ZERO}
 * @param columnOnly g, or {@link #ZERO}
 */
public record ProductStructure(
    List<Term> terms, IntToLongFunction rowOnly, IntToLongFunction columnOnly) {

  /** The function that is 0 everywhere, for f and g that are not there. */
  public static final IntToLongFunction ZERO = operand -> 0;

  /**
   * One product of functions of one operand each.
   *
   * @param coefficient c, not 0
   * @param row u, asked for every value of the row operand; at most 17 bits and a sign
   * @param column v, asked for every value of the column operand; at most 17 bits and a sign
   */
  public record Term(long coefficient, IntUnaryOperator row, IntUnaryOperator column) {

    /**
     * Checks the coefficient.
     *
     * @throws IllegalArgumentException if it is 0
     */
    public Term {
      Objects.requireNonNull(row, "row");
      Objects.requireNonNull(column, "column");
      if (coefficient == 0) {
        throw new IllegalArgumentException("coefficient is 0, but must be another number");
      }
    }
  }

  /** Copies the list. */
  public ProductStructure {
    terms = List.copyOf(terms);
    Objects.requireNonNull(rowOnly, "rowOnly");
    Objects.requireNonNull(columnOnly, "columnOnly");
  }

  /**
   * A sum of terms alone, f = g = 0.
   *
   * @param terms one for each r
   * @return the structure
   */
  public static ProductStructure of(Term... terms) {
    return new ProductStructure(List.of(terms), ZERO, ZERO);
  }

  /**
   * Whether the terms are all there is.
   *
   * @return f and g are {@link #ZERO}
   */
  public boolean termsOnly() {
    return rowOnly == ZERO && columnOnly == ZERO;
  }

  /**
   * The sum.
   *
   * @param a value of the row operand
   * @param b value of the column operand
   * @return f(a) + g(b) + sum of the terms
   */
  public long product(int a, int b) {
    long sum = rowOnly.applyAsLong(a) + columnOnly.applyAsLong(b);
    for (Term term : terms) {
      sum += term.coefficient() * term.row().applyAsInt(a) * term.column().applyAsInt(b);
    }
    return sum;
  }
}
