package io.axnn.multiplier;

import io.axnn.multiplier.ProductStructure.Term;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** The two ways to multiply signed numbers with an unsigned multiplier; see {@link Signedness}. */
final class SignedUse {

  private SignedUse() {}

  /**
   * @param unsigned a model of two unsigned operands
   * @throws IllegalArgumentException if the signedness is that of a circuit for two's complement
   */
  static MultiplierModel of(MultiplierModel unsigned, Signedness signedness) {
    return switch (signedness) {
      case UNSIGNED -> unsigned;
      case SIGN_MAGNITUDE -> new SignMagnitude(unsigned);
      case ZERO_POINT -> new ZeroPoint(unsigned);
      case TWOS_COMPLEMENT ->
          throw new IllegalArgumentException(
              "signedness is TWOS_COMPLEMENT, but must be UNSIGNED, SIGN_MAGNITUDE or ZERO_POINT: "
                  + unsigned.text()
                  + " multiplies unsigned numbers");
    };
  }

  /** A model whose operands are as wide as those of an unsigned one, and signed. */
  private interface OfUnsigned extends MultiplierModel {

    MultiplierModel unsigned();

    @Override
    default Operand rowOperand() {
      return Operand.signed(unsigned().rowOperand().bits());
    }

    @Override
    default Operand columnOperand() {
      return Operand.signed(unsigned().columnOperand().bits());
    }
  }

  private record SignMagnitude(MultiplierModel unsigned) implements OfUnsigned {

    @Override
    public long product(int a, int b) {
      long magnitude = unsigned.product(Math.abs(a), Math.abs(b));
      return (a < 0) == (b < 0) ? magnitude : -magnitude;
    }

    @Override
    public String text() {
      return Signedness.SIGN_MAGNITUDE.prefix() + unsigned.text();
    }

    /** Signs go to the factors of a term; a function of one operand alone has no place for both. */
    @Override
    public Optional<ProductStructure> structure() {
      return unsigned
          .structure()
          .filter(ProductStructure::termsOnly)
          .map(
              structure ->
                  ProductStructure.of(
                      structure.terms().stream()
                          .map(
                              term ->
                                  new Term(term.coefficient(), odd(term.row()), odd(term.column())))
                          .toArray(Term[]::new)));
    }

    private static IntUnaryOperator odd(IntUnaryOperator factor) {
      return value -> value < 0 ? -factor.applyAsInt(-value) : factor.applyAsInt(value);
    }
  }

  private record ZeroPoint(MultiplierModel unsigned) implements OfUnsigned {

    private int rowZero() {
      return unsigned.rowOperand().count() / 2;
    }

    private int columnZero() {
      return unsigned.columnOperand().count() / 2;
    }

    @Override
    public long product(int a, int b) {
      return unsigned.product(a + rowZero(), b + columnZero()) + rowPart(a) + columnPart(b);
    }

    private long rowPart(int a) {
      return -(long) columnZero() * a;
    }

    private long columnPart(int b) {
      return -(long) rowZero() * (b + columnZero());
    }

    @Override
    public String text() {
      return Signedness.ZERO_POINT.prefix() + unsigned.text();
    }

    @Override
    public Optional<ProductStructure> structure() {
      int rowZero = rowZero();
      int columnZero = columnZero();
      return unsigned
          .structure()
          .map(
              structure ->
                  new ProductStructure(
                      structure.terms().stream()
                          .map(
                              term ->
                                  new Term(
                                      term.coefficient(),
                                      a -> term.row().applyAsInt(a + rowZero),
                                      b -> term.column().applyAsInt(b + columnZero)))
                          .toList(),
                      a -> structure.rowOnly().applyAsLong(a + rowZero) + rowPart(a),
                      b -> structure.columnOnly().applyAsLong(b + columnZero) + columnPart(b)));
    }
  }
}
