package io.axnn.internal;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.Status;
import io.axnn.internal.ffi.AxnnH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** What every call of the C functions needs: status to exception, out parameters, texts. */
public final class NativeCalls {

  private NativeCalls() {}

  /** A C function that copies a text as {@code axnn_last_error} does. */
  @FunctionalInterface
  public interface TextFunction {
    /**
     * @return the length of the whole text without its NUL
     */
    long copy(MemorySegment text, long bytes);
  }

  /** A C function that makes a handle. */
  @FunctionalInterface
  public interface CreateFunction {
    /**
     * @return {@code axnn_status}
     */
    int create(MemorySegment out);
  }

  /**
   * @throws AxnnException if {@code status} is not {@code AXNN_OK}
   */
  public static void check(int status) {
    if (status != Status.OK.code()) {
      throw new AxnnException(Status.ofCode(status), text(AxnnH::axnn_last_error));
    }
  }

  /**
   * Calls with the handle of a context, which stays open until the call ends.
   *
   * @throws IllegalStateException if the context is closed
   */
  public static <T> T call(Context context, Function<MemorySegment, T> call) {
    Lease lease = Access.lease(context);
    MemorySegment handle = lease.acquire();
    try {
      return call.apply(handle);
    } finally {
      lease.release();
    }
  }

  /**
   * {@link #call} of a C function.
   *
   * @param function gives {@code axnn_status}
   * @throws IllegalStateException if the context is closed
   * @throws AxnnException if the function fails
   */
  public static void run(Context context, ToIntFunction<MemorySegment> function) {
    int status = call(context, function::applyAsInt);
    check(status);
  }

  /** Makes a handle; {@code arena} lives at least as long as this call. */
  public static MemorySegment create(Arena arena, CreateFunction function) {
    MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
    check(function.create(out));
    return out.get(ValueLayout.ADDRESS, 0);
  }

  /** The whole text that a C function copies. */
  public static String text(TextFunction function) {
    long bytes = 512;
    while (true) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment text = arena.allocate(bytes);
        long length = function.copy(text, bytes);
        if (length < bytes) {
          return length == 0 ? "" : text.getString(0);
        }
        bytes = length + 1;
      }
    }
  }
}
