package io.axnn.multiplier;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/** Compiles C with the {@code cc} of the PATH, in a folder that is gone afterwards. */
final class CSource {

  private static final String COMPILER = "cc";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** As many bytes of what the compiler says as a message shows. */
  private static final int MAX_SHOWN = 4000;

  private CSource() {}

  /** Calls with the shared library that a source becomes; it is deleted when the call ends. */
  static <T> T compiled(Path source, Function<Path, T> use) {
    return compiled(source, LIMIT, use);
  }

  /** {@link #compiled(Path, Function)} with another limit to the time that the compiler takes. */
  static <T> T compiled(Path source, Duration limit, Function<Path, T> use) {
    Objects.requireNonNull(source, "source");
    if (!Files.isRegularFile(source)) {
      throw new IllegalArgumentException("source " + source + " is not a file");
    }
    try {
      // Only this user may enter it.
      Path folder = Files.createTempDirectory("axnn-multiplier-");
      try {
        return use.apply(compile(source, folder, limit));
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compile " + source + ": " + e.getMessage(), e);
    }
  }

  private static Path compile(Path source, Path folder, Duration limit) throws IOException {
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
    Process process = start(command, folder, said);
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalArgumentException(
            "compiling " + source + " took more than " + limit.toSeconds() + " seconds");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + source + " was compiled", e);
    } finally {
      end(process);
    }
    if (process.exitValue() != 0) {
      throw new IllegalArgumentException(source + " does not compile:\n" + shown(said));
    }
    return library;
  }

  private static Process start(List<String> command, Path folder, Path output) {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    // What a compiler that is stopped leaves behind goes with the folder.
    builder.environment().put("TMPDIR", folder.toString());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IllegalStateException(
          "no C compiler: '" + COMPILER + "' of the PATH cannot be run (" + e.getMessage() + ")",
          e);
    }
  }

  /** The compiler proper is a child of cc; nothing may write any more when this returns. */
  private static void end(Process process) {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(one -> one.onExit().join());
  }

  private static String shown(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      byte[] bytes = stream.readNBytes(MAX_SHOWN + 1);
      int length = Math.min(bytes.length, MAX_SHOWN);
      String text = new String(bytes, 0, length, Charset.defaultCharset()).strip();
      return bytes.length > MAX_SHOWN ? text + " ..." : text;
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> content = Files.walk(folder)) {
      for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
