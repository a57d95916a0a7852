package io.axnn.tools.command;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Whether somebody watches. {@link java.io.Console} does not tell of standard error, and asks for
 * standard input, which nothing here reads.
 */
final class Terminal {
  private static final int STANDARD_OUTPUT = 1;
  private static final int STANDARD_ERROR = 2;

  private Terminal() {}

  /** Whether standard output and standard error are both on a terminal. */
  static boolean isWatched() {
    return isTerminal(STANDARD_OUTPUT) && isTerminal(STANDARD_ERROR);
  }

  /** POSIX isatty(3). */
  private static boolean isTerminal(int fileDescriptor) {
    Linker linker = Linker.nativeLinker();
    MethodHandle isatty =
        linker.downcallHandle(
            linker.defaultLookup().find("isatty").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try {
      return (int) isatty.invokeExact(fileDescriptor) == 1;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // it throws nothing
    }
  }
}
