package io.axnn.tools.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder testdata of the checkout, found upwards from where the tests run. */
public final class TestData {
  private TestData() {}

  public static Path folder() {
    Path start = Path.of("").toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve("testdata/models"))) {
        return folder.resolve("testdata");
      }
    }
    throw new IllegalStateException("no folder testdata/models above " + start);
  }

  public static Path model(String name) {
    return folder().resolve("models").resolve(name);
  }
}
