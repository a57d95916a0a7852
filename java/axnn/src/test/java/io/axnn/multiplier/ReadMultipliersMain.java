package io.axnn.multiplier;

import java.nio.file.Path;

/** The child of {@link HostileFilesTest}: reads each file and prints one line on how that went. */
final class ReadMultipliersMain {

  private static final int MAX_MILLIS = 10_000;

  private ReadMultipliersMain() {}

  public static void main(String[] files) {
    for (String file : files) {
      long start = System.nanoTime();
      System.out.println(read(Path.of(file)));
      long millis = (System.nanoTime() - start) / 1_000_000;
      if (millis > MAX_MILLIS) {
        throw new AssertionError(file + " took " + millis + " ms");
      }
    }
  }

  private static String read(Path file) {
    try (Multiplier multiplier = Multiplier.read(file)) {
      return "read " + multiplier;
    } catch (Throwable refusal) {
      return refusal.toString().replace('\n', ' ');
    }
  }
}
