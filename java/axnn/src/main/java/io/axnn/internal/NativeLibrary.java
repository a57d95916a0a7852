package io.axnn.internal;

import io.axnn.NativeLibraryException;
import io.axnn.internal.ffi.AxnnH;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Loads the native library once, from the first place that has it: the file that {@code
 * -Daxnn.library.path} names, the one inside the jar (extracted into the {@link NativeCache}),
 * {@code System.loadLibrary}. What the user named is not covered up by another place.
 *
 * <p>Then it asks the library for its ABI version, by a handle of its own: the generated classes
 * bind to whatever symbols they find, so they must not be touched before.
 */
public final class NativeLibrary {

  /** {@code AXNN_ABI_VERSION} of the header that the bindings were generated from. */
  static final int ABI_VERSION = 4;

  static final String PATH_PROPERTY = "axnn.library.path";

  private static final String NAME = "axnn";
  private static final String FILE_NAME = System.mapLibraryName(NAME);

  /** Null until the library has been loaded. */
  private static volatile String location;

  /** Why it could not be loaded. A second try would find the symbols of the first. */
  private static NativeLibraryException failure;

  private final Platform platform = Platform.current();
  private final List<String> tried = new ArrayList<>();
  private Throwable lastFailure;

  private NativeLibrary() {}

  /**
   * Loads the library if that has not happened yet.
   *
   * @return the file it came from, or what {@code System.loadLibrary} was given
   * @throws NativeLibraryException if it cannot be used, each time with the same message
   */
  public static String load() {
    String loaded = location;
    return loaded != null ? loaded : loadOnce();
  }

  private static synchronized String loadOnce() {
    if (failure != null) {
      throw new NativeLibraryException(failure.getMessage(), failure);
    }
    if (location == null) {
      try {
        location = new NativeLibrary().loadFirst();
      } catch (NativeLibraryException e) {
        failure = e;
        throw e;
      }
    }
    return location;
  }

  private String loadFirst() {
    try {
      String loaded = find();
      demandAbiVersion(loaded);
      // The message is kept per thread in C. A virtual thread must not have to wait for this class
      // to be initialised, and so change its carrier, between a failed call and its message.
      AxnnH.axnn_last_error(MemorySegment.NULL, 0);
      return loaded;
    } catch (IllegalCallerException e) {
      lastFailure = e;
      tried.add("native access of " + module() + ": denied by this JVM");
      throw failed(
          "Start Java with --enable-native-access="
              + module()
              + " to let axnn call its native library.");
    }
  }

  private String find() {
    String named = System.getProperty(PATH_PROPERTY);
    if (named != null) {
      Path file = Path.of(named).toAbsolutePath();
      if (loaded("-D" + PATH_PROPERTY + "=" + named, file)) {
        return file.toString();
      }
      throw failed("Correct -D" + PATH_PROPERTY + " or leave it away. " + platform.advice());
    }
    tried.add("-D" + PATH_PROPERTY + ": not set");
    Path extracted = extract();
    if (extracted != null && loaded("the jar's library in " + extracted, extracted)) {
      return extracted.toString();
    }
    String path = "System.loadLibrary(\"" + NAME + "\")";
    try {
      System.loadLibrary(NAME);
      return path;
    } catch (UnsatisfiedLinkError e) {
      lastFailure = e;
      tried.add(path + ": " + e.getMessage());
    }
    throw failed(platform.advice());
  }

  private boolean loaded(String place, Path file) {
    try {
      System.load(file.toString());
      return true;
    } catch (UnsatisfiedLinkError e) {
      lastFailure = e;
      tried.add(place + ": " + e.getMessage());
      return false;
    }
  }

  /** The library inside the jar as a file, or null if there is none or it cannot be written. */
  private Path extract() {
    String resource = "META-INF/native/" + platform.name() + "/" + FILE_NAME;
    try (InputStream content = NativeLibrary.class.getResourceAsStream("/" + resource)) {
      if (content == null) {
        tried.add(resource + " in the jar: not there");
        return null;
      }
      return extract(resource, content.readAllBytes());
    } catch (IOException e) {
      lastFailure = e;
      tried.add(resource + " in the jar: " + e);
      return null;
    }
  }

  private Path extract(String resource, byte[] content) {
    NativeCache cache = NativeCache.ofUser();
    try {
      return cache.extract(FILE_NAME, content);
    } catch (IOException e) {
      lastFailure = e;
      tried.add(
          resource
              + " in the jar: cannot be extracted into "
              + cache.folder()
              + " (-D"
              + NativeCache.PROPERTY
              + " names another folder): "
              + e);
      return null;
    }
  }

  private void demandAbiVersion(String loaded) {
    MemorySegment function = SymbolLookup.loaderLookup().find("axnn_abi_version").orElse(null);
    if (function == null) {
      tried.add(loaded + ": loaded, but it has no function axnn_abi_version");
      throw failed("It is no library of axnn.");
    }
    MethodHandle handle =
        Linker.nativeLinker().downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT));
    int version = abiVersion(handle);
    if (version != ABI_VERSION) {
      tried.add(loaded + ": loaded, but its ABI version is " + version + ", not " + ABI_VERSION);
      throw failed("Use the library that was built with this version of the jar.");
    }
  }

  private static int abiVersion(MethodHandle handle) {
    try {
      return (int) handle.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError("a function without arguments throws nothing", e);
    }
  }

  private NativeLibraryException failed(String advice) {
    return new NativeLibraryException(
        "the native library of axnn cannot be used on "
            + platform.name()
            + " (os.arch "
            + System.getProperty("os.arch")
            + ", Java "
            + Runtime.version()
            + "). Tried:\n  - "
            + String.join("\n  - ", tried)
            + "\n"
            + advice,
        lastFailure);
  }

  private static String module() {
    Module module = NativeLibrary.class.getModule();
    return module.isNamed() ? module.getName() : "ALL-UNNAMED";
  }
}
