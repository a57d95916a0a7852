package io.axnn.multiplier;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * The C prototype of a multiplier, {@code result f(first, second)}. EvoApproxLib's models have
 * integers of 8 to 64 bits in every mixture.
 *
 * <p>A parameter gets the operand's value, cut to the operand's bits where the parameter is
 * unsigned and the operand is not. Of a result only the bits of a product count where it is
 * unsigned but an operand is signed: bit (row bits + column bits - 1) is its sign, as
 * EvoApproxLib's signed models with unsigned types mean it.
 *
 * @param result type of the result
 * @param first type of the first parameter, the row operand
 * @param second type of the second parameter, the column operand
 */
public record Prototype(Type result, Type first, Type second) {

  /** An integer type of {@code stdint.h}. */
  public enum Type {
    /** {@code int8_t}. */
    INT8(ValueLayout.JAVA_BYTE, 8, true),
    /** {@code uint8_t}. */
    UINT8(ValueLayout.JAVA_BYTE, 8, false),
    /** {@code int16_t}. */
    INT16(ValueLayout.JAVA_SHORT, 16, true),
    /** {@code uint16_t}. */
    UINT16(ValueLayout.JAVA_SHORT, 16, false),
    /** {@code int32_t} and {@code int}. */
    INT32(ValueLayout.JAVA_INT, 32, true),
    /** {@code uint32_t} and {@code unsigned}. */
    UINT32(ValueLayout.JAVA_INT, 32, false),
    /** {@code int64_t}. */
    INT64(ValueLayout.JAVA_LONG, 64, true),
    /** {@code uint64_t}. */
    UINT64(ValueLayout.JAVA_LONG, 64, false);

    private final MemoryLayout layout;
    private final int bits;
    private final boolean signed;

    Type(MemoryLayout layout, int bits, boolean signed) {
      this.layout = layout;
      this.bits = bits;
      this.signed = signed;
    }
  }

  /** Refuses null. */
  public Prototype {
    Objects.requireNonNull(result, "result");
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(second, "second");
  }

  /**
   * A function whose result and parameters are those.
   *
   * @param result type of the result
   * @param operands type of both parameters
   * @return the prototype
   */
  public static Prototype of(Type result, Type operands) {
    return new Prototype(result, operands, operands);
  }

  FunctionDescriptor descriptor() {
    return FunctionDescriptor.of(result.layout, first.layout, second.layout);
  }

  /** What is passed for a value of an operand; only the parameter's lowest bits matter. */
  static long argument(Type type, Operand operand, int value) {
    return type.signed ? value : operand.code(value);
  }

  /** The product that a result stands for, sign-extended from its type to 64 bits. */
  long product(long value, Operand row, Operand column) {
    int significant = Math.min(result.bits, row.bits() + column.bits());
    if (!result.signed && (row.signed() || column.signed())) {
      return value << (Long.SIZE - significant) >> (Long.SIZE - significant);
    }
    boolean unsignedOf64 = result.signed || result.bits == Long.SIZE;
    return unsignedOf64 ? value : value & (1L << result.bits) - 1;
  }
}
