package io.axnn.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Runs a program of the machine from the top folder of the checkout. */
public final class Program {

  /** What the program printed on both streams, and its exit code. */
  public record Result(int exitCode, String output) {}

  private Program() {}

  public static Result run(String... command) {
    try {
      Process process =
          new ProcessBuilder(List.of(command))
              .directory(Checkout.root().toFile())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      throw new AssertionError("cannot run " + List.of(command), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Whether a program of this name is on PATH. */
  public static boolean exists(String name) {
    return Stream.of(System.getenv("PATH").split(System.getProperty("path.separator")))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
  }
}
