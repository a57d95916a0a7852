package io.axnn.multiplier;

import java.util.Optional;

/** A family of unsigned multipliers with its parameters: both operands have the same width. */
record UnsignedModel(
    int bits, String text, Definition definition, Optional<ProductStructure> structure)
    implements MultiplierModel {

  /** The product of two unsigned numbers. */
  interface Definition {
    long product(int a, int b);
  }

  /** A family that has an exact structure by construction. */
  UnsignedModel(int bits, String text, Definition definition, ProductStructure structure) {
    this(bits, text, definition, Optional.of(structure));
  }

  /** A family that has none. */
  UnsignedModel(int bits, String text, Definition definition) {
    this(bits, text, definition, Optional.empty());
  }

  @Override
  public Operand rowOperand() {
    return Operand.unsigned(bits);
  }

  @Override
  public Operand columnOperand() {
    return Operand.unsigned(bits);
  }

  @Override
  public long product(int a, int b) {
    return definition.product(a, b);
  }
}
