package io.axnn.multiplier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/** Compiles C with the {@code cc} of the PATH, in a folder that is gone afterwards. */
final class CSource {

  private static final String COMPILER = "cc";
  private static final int MAX_SECONDS = 120;

  /** As much of what the compiler says as a message shows. */
  private static final int MAX_SHOWN = 4000;

  private CSource() {}

  /** Calls with the shared library that a source becomes; it is deleted when the call ends. */
  static <T> T compiled(Path source, Function<Path, T> use) {
    if (!Files.isRegularFile(source)) {
      throw new IllegalArgumentException("source " + source + " is not a file");
    }
    try {
      // Only this user may enter it.
      Path folder = Files.createTempDirectory("axnn-multiplier-");
      try {
        return use.apply(compile(source, folder));
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compile " + source + ": " + e.getMessage(), e);
    }
  }

  private static Path compile(Path source, Path folder) throws IOException {
    Path library = folder.resolve("libmodel.so");
    Path said = folder.resolve("compiler.txt");
    List<String> command =
        List.of(
            COMPILER,
            "-O2",
            "-shared",
            "-fPIC",
            "-o",
            library.toString(),
            source.toAbsolutePath().toString(),
            "-lm");
    Process process = start(command, said);
    try {
      if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalArgumentException(
            "compiling " + source + " took more than " + MAX_SECONDS + " seconds");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + source + " was compiled", e);
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IllegalArgumentException(source + " does not compile:\n" + shown(said));
    }
    return library;
  }

  private static Process start(List<String> command, Path output) {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
    } catch (IOException e) {
      throw new IllegalStateException(
          "no C compiler: '" + COMPILER + "' of the PATH cannot be run (" + e.getMessage() + ")",
          e);
    }
  }

  private static String shown(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), Charset.defaultCharset()).strip();
    return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + " ..." : text;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> content = Files.walk(folder)) {
      for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
