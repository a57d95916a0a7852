package io.axnn.multiplier;

import java.util.Optional;

/**
 * A multiplier by its definition: a function of two operand values. {@link Multipliers} has those
 * of the literature; a class of one's own makes another.
 *
 * <p>A model is immutable and safe for use by many threads; asked twice, it gives the same answer.
 */
public interface MultiplierModel {

  /**
   * The first operand, which chooses the row of a table.
   *
   * @return width and signedness
   */
  Operand rowOperand();

  /**
   * The second operand, which chooses the column of a table.
   *
   * @return width and signedness
   */
  Operand columnOperand();

  /**
   * What the multiplier gives.
   *
   * @param a value of the row operand, in its range
   * @param b value of the column operand, in its range
   * @return any number of less than 48 bits
   */
  long product(int a, int b);

  /**
   * The function in words: family and every parameter that changes a product, as {@code drum(k=6)
   * sign-magnitude}. Above 8 bits, where there is no table to compare, two multipliers are equal if
   * and only if this text and their operands are.
   *
   * @return one line
   */
  String text();

  /**
   * Sums of products of functions of one operand each that this function is equal to, where they
   * are known by construction. A layer of more than 8 bits runs through them.
   *
   * @return empty if none is known
   */
  default Optional<ProductStructure> structure() {
    return Optional.empty();
  }
}
