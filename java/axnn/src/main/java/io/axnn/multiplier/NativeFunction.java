package io.axnn.multiplier;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
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
    Objects.requireNonNull(library, "library");
    Objects.requireNonNull(symbol, "symbol");
    Objects.requireNonNull(prototype, "prototype");
    Objects.requireNonNull(progress, "progress");
    // The library is unloaded when the arena closes.
    try (Arena arena = Arena.ofShared()) {
      MemorySegment address = SharedLibrary.find(library, symbol, arena);
      MethodHandle function =
          MethodHandles.explicitCastArguments(
              Linker.nativeLinker().downcallHandle(address, prototype.descriptor()),
              MethodType.methodType(long.class, long.class, long.class));
      int[] products = new int[EDGE * EDGE];
      Work work = new Work(row.count(), progress);
      IntStream.rangeClosed(row.min(), row.max())
          .parallel()
          .forEach(
              a ->
                  work.row(
                      () -> {
                        for (int b = column.min(); b <= column.max(); b++) {
                          products[(a & 0xFF) * EDGE + (b & 0xFF)] =
                              entry(symbol, a, b, product(function, prototype, row, a, column, b));
                        }
                      }));
      work.throwFailure();
      return products;
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

  /**
   * Rows that several threads do: counts them and tells, one thread at a time, until one fails. A
   * stream would throw the failure while other threads are still inside the library.
   */
  private static final class Work {
    private final int rows;
    private final DoubleConsumer listener;
    private int done;
    private volatile Throwable failureOrNull;

    Work(int rows, DoubleConsumer listener) {
      this.rows = rows;
      this.listener = listener;
    }

    void row(Runnable row) {
      if (failureOrNull != null) {
        return;
      }
      try {
        row.run();
        tell();
      } catch (RuntimeException | Error e) {
        fail(e);
      }
    }

    private synchronized void tell() {
      if (failureOrNull == null) {
        try {
          listener.accept((double) ++done / rows);
        } catch (RuntimeException | Error e) {
          fail(e);
        }
      }
    }

    private synchronized void fail(Throwable failure) {
      if (failureOrNull == null) {
        failureOrNull = failure;
      }
    }

    /** The first failure, once all threads are done. */
    void throwFailure() {
      switch (failureOrNull) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new AssertionError(failureOrNull);
      }
    }
  }
}
