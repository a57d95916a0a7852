package io.axnn.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder of golden vectors: {@code AXNN_GOLDEN_DIR}, else {@code testdata/golden}. Listed when
 * the tests run, so that another folder of the same format needs no change.
 */
public final class GoldenFiles {

  private GoldenFiles() {}

  public static Path folder() {
    String other = System.getenv("AXNN_GOLDEN_DIR");
    return Checkout.root().resolve(other == null ? "testdata/golden" : other);
  }

  /**
   * All files of one kind.
   *
   * @throws AssertionError if there are none: a golden test that runs nothing must not pass
   */
  public static List<Path> list(Path folder, String kind) {
    Path of = folder.resolve(kind);
    if (!Files.isDirectory(of)) {
      throw new AssertionError("no folder of golden vectors: " + of);
    }
    try (Stream<Path> files = Files.list(of)) {
      List<Path> vectors =
          files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
      if (vectors.isEmpty()) {
        throw new AssertionError("no golden vectors in " + of);
      }
      return vectors;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
