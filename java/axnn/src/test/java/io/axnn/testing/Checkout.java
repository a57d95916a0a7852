package io.axnn.testing;

import io.axnn.Axnn;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of the repository that the tests run in, found from where their classes lie. */
public final class Checkout {

  private Checkout() {}

  /** The top folder: the one that holds the C header. */
  public static Path root() {
    Path start = testClasses();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve("cpp/include/axnn/axnn.h"))) {
        return folder;
      }
    }
    throw new IllegalStateException("no checkout of axnn above " + start);
  }

  /** Where the compiled classes and resources of the library are. */
  public static Path mainClasses() {
    return codeSource(Axnn.class);
  }

  /** Where the compiled test classes are. */
  public static Path testClasses() {
    Path location = codeSource(Checkout.class);
    // Patched into the module of the library they report its location.
    return location.getFileName().toString().equals("classes")
        ? location.resolveSibling("test-classes")
        : location;
  }

  private static Path codeSource(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
