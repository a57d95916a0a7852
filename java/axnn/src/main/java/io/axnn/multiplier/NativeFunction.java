package io.axnn.multiplier;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;

/** Products of a function of a shared library. */
final class NativeFunction {

  private static final int EDGE = 256;

  private NativeFunction() {}

  /** All products, 256 x 256 by the operands' bytes. */
  static int[] tabulate(
      Path library,
      String symbol,
      Prototype prototype,
      Operand row,
      Operand column,
      DoubleConsumer progress) {
    Objects.requireNonNull(symbol, "symbol");
    Objects.requireNonNull(prototype, "prototype");
    Objects.requireNonNull(progress, "progress");
    if (!Files.isRegularFile(library)) {
      throw new IllegalArgumentException("library " + library + " is not a file");
    }
    // The library is unloaded when the arena closes.
    try (Arena arena = Arena.ofShared()) {
      MemorySegment address =
          lookup(library, arena)
              .find(symbol)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "library " + library + " has no symbol '" + symbol + "'"));
      MethodHandle function =
          MethodHandles.explicitCastArguments(
              Linker.nativeLinker().downcallHandle(address, prototype.descriptor()),
              MethodType.methodType(long.class, long.class, long.class));
      int[] products = new int[EDGE * EDGE];
      Progress done = new Progress(row.count(), progress);
      IntStream.rangeClosed(row.min(), row.max())
          .parallel()
          .forEach(
              a -> {
                for (int b = column.min(); b <= column.max(); b++) {
                  products[(a & 0xFF) * EDGE + (b & 0xFF)] =
                      entry(symbol, a, b, product(function, prototype, row, a, column, b));
                }
                done.one();
              });
      return products;
    }
  }

  private static SymbolLookup lookup(Path library, Arena arena) {
    try {
      return SymbolLookup.libraryLookup(library.toAbsolutePath(), arena);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "library " + library + " cannot be loaded: " + e.getMessage(), e);
    }
  }

  private static long product(
      MethodHandle function, Prototype prototype, Operand row, int a, Operand column, int b) {
    long result;
    try {
      result =
          (long)
              function.invokeExact(
                  Prototype.argument(prototype.first(), row, a),
                  Prototype.argument(prototype.second(), column, b));
    } catch (Throwable e) {
      throw new AssertionError("a C function throws nothing", e);
    }
    return prototype.product(result, row, column);
  }

  private static int entry(String symbol, int a, int b, long product) {
    if (product != (int) product) {
      throw new IllegalArgumentException(
          symbol + " gives " + product + " for " + a + " and " + b + ", but must fit 32 bits");
    }
    return (int) product;
  }

  /** Counts rows and tells, one thread at a time. */
  private static final class Progress {
    private final int rows;
    private final DoubleConsumer listener;
    private int done;

    Progress(int rows, DoubleConsumer listener) {
      this.rows = rows;
      this.listener = listener;
    }

    synchronized void one() {
      listener.accept((double) ++done / rows);
    }
  }
}
