package io.axnn.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a main class in a JVM of its own: library, environment and flags are those of the test. */
public final class ChildJvm {

  /** What the child printed on both streams, and its exit code. */
  public record Result(int exitCode, String output) {}

  private static final int TIMEOUT_SECONDS = 120;

  private final List<String> flags = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();
  private Path mainClasses = Checkout.mainClasses();
  private Path workingDirectory = Checkout.root();

  /** Adds flags of the JVM, before the main class. */
  public ChildJvm flags(String... more) {
    flags.addAll(List.of(more));
    return this;
  }

  public ChildJvm environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Replaces the folder of the library's classes and native resources. */
  public ChildJvm mainClasses(Path folder) {
    mainClasses = folder;
    return this;
  }

  public ChildJvm workingDirectory(Path folder) {
    workingDirectory = folder;
    return this;
  }

  /** Starts {@code main} with library and test classes on the class path, and waits for its end. */
  public Result run(Class<?> main, String... arguments) {
    return finish(start(main, arguments));
  }

  /** Starts the child without waiting. */
  public Running start(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add("-cp");
    command.add(
        mainClasses + System.getProperty("path.separator") + Checkout.testClasses().toString());
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return launch(command);
  }

  /** Compiles and runs one source file against the module, as a user would. */
  public Result runSource(Path source) {
    return finish(
        launch(
            List.of(
                "--module-path",
                mainClasses.toString(),
                "--add-modules",
                "io.axnn",
                "--enable-native-access=io.axnn",
                source.toString())));
  }

  /** A child that has been started. */
  public record Running(Process process, Path output) {}

  private Running launch(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(arguments);
    try {
      Path output = Files.createTempFile("axnn-child", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(workingDirectory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().remove("AXNN_MAX_ISA");
      builder.environment().remove("AXNN_NUM_THREADS");
      builder.environment().putAll(environment);
      return new Running(builder.start(), output);
    } catch (IOException e) {
      throw new AssertionError("cannot start " + command, e);
    }
  }

  /** Waits for a child; one that hangs is killed and fails the test. */
  public static Result finish(Running child) {
    try {
      if (!child.process().waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        child.process().destroyForcibly();
        throw new AssertionError(
            "the child JVM hangs; it printed:\n" + Files.readString(child.output()));
      }
      Result result =
          new Result(child.process().exitValue(), Files.readString(child.output()).strip());
      Files.delete(child.output());
      return result;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
