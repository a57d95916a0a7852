package io.axnn.multiplier;

import io.axnn.internal.NativeCalls;
import io.axnn.internal.ffi.AxnnH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import java.util.function.IntUnaryOperator;

/** {@link ProductStructure} as the C functions take and give it: tables by the operand's bits. */
final class NativeStructure {

  private NativeStructure() {}

  /** Makes a multiplier of a structure, and of a table where there is one. */
  static MemorySegment create(
      Arena arena,
      MemorySegment desc,
      MemorySegment tableOrNull,
      ProductStructure structure,
      Operand row,
      Operand column) {
    List<ProductStructure.Term> terms = structure.terms();
    long[] coefficients = new long[terms.size()];
    MemorySegment rows = arena.allocate(ValueLayout.JAVA_INT, (long) terms.size() * row.count());
    MemorySegment columns =
        arena.allocate(ValueLayout.JAVA_INT, (long) terms.size() * column.count());
    for (int t = 0; t < coefficients.length; t++) {
      coefficients[t] = terms.get(t).coefficient();
      fill(rows, t, terms.get(t).row(), row);
      fill(columns, t, terms.get(t).column(), column);
    }
    MemorySegment factors = arena.allocateFrom(ValueLayout.JAVA_LONG, coefficients);
    MemorySegment rowOnly = function(arena, structure.rowOnly(), row);
    MemorySegment columnOnly = function(arena, structure.columnOnly(), column);
    return NativeCalls.create(
        arena,
        out ->
            AxnnH.axnn_multiplier_create_structured(
                desc,
                tableOrNull,
                tableOrNull.byteSize(),
                coefficients.length,
                factors,
                factors.byteSize(),
                rows,
                rows.byteSize(),
                columns,
                columns.byteSize(),
                rowOnly,
                rowOnly.byteSize(),
                columnOnly,
                columnOnly.byteSize(),
                out));
  }

  private static void fill(MemorySegment to, int term, IntUnaryOperator feature, Operand operand) {
    long first = (long) term * operand.count();
    for (int i = 0; i < operand.count(); i++) {
      to.setAtIndex(ValueLayout.JAVA_INT, first + i, feature.applyAsInt(operand.value(i)));
    }
  }

  /** NULL with 0 bytes for 0. */
  private static MemorySegment function(Arena arena, IntToLongFunction function, Operand operand) {
    if (function == ProductStructure.ZERO) {
      return MemorySegment.NULL;
    }
    long[] values = new long[operand.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = function.applyAsLong(operand.value(i));
    }
    return arena.allocateFrom(ValueLayout.JAVA_LONG, values);
  }

  /** The structure of a multiplier, searched if it was not before. */
  static Optional<ProductStructure> of(MemorySegment multiplier, Operand row, Operand column) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
      NativeCalls.check(AxnnH.axnn_multiplier_terms(multiplier, count));
      int terms = count.get(ValueLayout.JAVA_INT, 0);
      if (terms < 0) {
        return Optional.empty();
      }
      MemorySegment coefficients = arena.allocate(ValueLayout.JAVA_LONG, terms);
      MemorySegment rows = arena.allocate(ValueLayout.JAVA_INT, (long) terms * row.count());
      MemorySegment columns = arena.allocate(ValueLayout.JAVA_INT, (long) terms * column.count());
      MemorySegment rowOnly = arena.allocate(ValueLayout.JAVA_LONG, row.count());
      MemorySegment columnOnly = arena.allocate(ValueLayout.JAVA_LONG, column.count());
      NativeCalls.check(
          AxnnH.axnn_multiplier_structure(
              multiplier,
              coefficients,
              coefficients.byteSize(),
              rows,
              rows.byteSize(),
              columns,
              columns.byteSize(),
              rowOnly,
              rowOnly.byteSize(),
              columnOnly,
              columnOnly.byteSize()));
      List<ProductStructure.Term> list = new ArrayList<>();
      for (int t = 0; t < terms; t++) {
        list.add(
            new ProductStructure.Term(
                coefficients.getAtIndex(ValueLayout.JAVA_LONG, t),
                feature(rows, t, row),
                feature(columns, t, column)));
      }
      return Optional.of(
          new ProductStructure(list, function(rowOnly, row), function(columnOnly, column)));
    }
  }

  private static IntUnaryOperator feature(MemorySegment features, int term, Operand operand) {
    long bytes = (long) operand.count() * Integer.BYTES;
    int[] values = features.asSlice(term * bytes, bytes).toArray(ValueLayout.JAVA_INT);
    return value -> values[operand.code(value)];
  }

  private static IntToLongFunction function(MemorySegment function, Operand operand) {
    long[] values = function.toArray(ValueLayout.JAVA_LONG);
    for (long value : values) {
      if (value != 0) {
        return operandValue -> values[operand.code(operandValue)];
      }
    }
    return ProductStructure.ZERO;
  }
}
