package io.axnn.multiplier;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A shared library of the user's: its symbols, and why it cannot be loaded. {@link SymbolLookup}
 * keeps the reason to itself, so the system's loader is asked once more.
 */
final class SharedLibrary {

  private static final int RTLD_LAZY = 1;

  private static final AddressLayout TEXT =
      ValueLayout.ADDRESS.withTargetLayout(
          MemoryLayout.sequenceLayout(Long.MAX_VALUE, ValueLayout.JAVA_BYTE));

  private SharedLibrary() {}

  /**
   * Address of a symbol.
   *
   * @param arena the library is unloaded when it closes
   * @throws IllegalArgumentException if there is none
   */
  static MemorySegment find(Path library, String symbol, Arena arena) {
    if (!Files.isRegularFile(library)) {
      throw new IllegalArgumentException("library " + library + " is not a file");
    }
    return lookup(library, arena)
        .find(symbol)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "library " + library + " has no symbol '" + symbol + "'"));
  }

  private static SymbolLookup lookup(Path library, Arena arena) {
    try {
      return SymbolLookup.libraryLookup(library.toAbsolutePath(), arena);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "library " + library + " cannot be loaded: " + reason(library, e.getMessage()), e);
    }
  }

  private static String reason(Path library, String otherwise) {
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle dlopen =
          linker.downcallHandle(
              linker.defaultLookup().find("dlopen").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
      MethodHandle dlerror =
          linker.downcallHandle(
              linker.defaultLookup().find("dlerror").orElseThrow(), FunctionDescriptor.of(TEXT));
      MemorySegment path = arena.allocateFrom(library.toAbsolutePath().toString());
      MemorySegment handle = (MemorySegment) dlopen.invokeExact(path, RTLD_LAZY);
      return handle.equals(MemorySegment.NULL)
          ? ((MemorySegment) dlerror.invokeExact()).getString(0)
          : otherwise;
    } catch (Throwable e) {
      throw new AssertionError("the C library has dlopen and dlerror, which throw nothing", e);
    }
  }
}
