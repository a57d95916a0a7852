package io.axnn.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The machine that this JVM runs on.
 *
 * @param name the folder of {@code META-INF/native} that would hold its library, as "linux-x86_64"
 */
record Platform(String name) {

  private static final String SHIPPED = "linux-x86_64";
  private static final Path LOADED_LIBRARIES = Path.of("/proc/self/maps");

  static Platform current() {
    String os = operatingSystem(System.getProperty("os.name").toLowerCase(Locale.ROOT));
    String architecture = architecture(System.getProperty("os.arch"));
    boolean musl = os.equals("linux") && usesMusl();
    return new Platform(os + (musl ? "-musl-" : "-") + architecture);
  }

  /** One sentence on what this platform gets and what to do; README.md has the same. */
  String advice() {
    String ownLibrary =
        "build libaxnn.so from source there and name it with"
            + " -Daxnn.library.path=/path/to/libaxnn.so.";
    if (name.equals(SHIPPED)) {
      return "The jar of axnn has a native library for linux-x86_64 with glibc; if yours lacks it, "
          + ownLibrary;
    }
    if (name.startsWith("linux-musl-")) {
      return "The jar of axnn has no native library for musl (" + name + "): " + ownLibrary;
    }
    if (name.startsWith("linux-")) {
      return "The jar of axnn has no native library for "
          + name
          + ", which would run scalar kernels: "
          + ownLibrary;
    }
    return "axnn does not support "
        + name
        + ": its native library is built and tested on Linux only, so run it in a linux-x86_64"
        + " container or virtual machine.";
  }

  private static String operatingSystem(String name) {
    if (name.startsWith("windows")) {
      return "windows";
    }
    return name.startsWith("mac") ? "macos" : name.replace(' ', '-');
  }

  private static String architecture(String name) {
    return switch (name) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64", "arm64" -> "aarch64";
      default -> name;
    };
  }

  /** A glibc system may have musl installed too, so this asks what the running JVM has mapped. */
  private static boolean usesMusl() {
    try (var lines = Files.lines(LOADED_LIBRARIES)) {
      return lines.anyMatch(line -> line.contains("/ld-musl-"));
    } catch (IOException e) {
      return false;
    }
  }
}
