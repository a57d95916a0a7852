package io.axnn.tools.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Axnn;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive that users unpack: it runs from any folder, and says which Java it needs. */
class DistributionIT {
  /** Set by the build, which makes the archive before this test runs. */
  private static final Path ARCHIVE = Path.of(System.getProperty("axnn.archive"));

  @TempDir private static Path folder;
  private static Path unpacked;
  private static Path command;

  private record Result(int exitCode, String out, String err) {}

  @BeforeAll
  static void unpack() throws Exception {
    unpacked = Files.createDirectories(folder.resolve("with some spaces"));
    Result tar = run(Map.of(), "tar", "-xzf", ARCHIVE.toString(), "-C", unpacked.toString());
    assertThat(tar).isEqualTo(new Result(0, "", ""));
    String name = ARCHIVE.getFileName().toString().replace(".tar.gz", "");
    command = unpacked.resolve(name).resolve("bin/axnn");
  }

  private static Result run(Map<String, String> environment, String... arguments) throws Exception {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(arguments)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Result(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private static Result axnn(Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> all = new ArrayList<>(List.of(command.toString()));
    all.addAll(List.of(arguments));
    return run(environment, all.toArray(String[]::new));
  }

  @Test
  void aNetworkIsEvaluated() throws Exception {
    Result result =
        axnn(
            Map.of(),
            "evaluate",
            TestData.model("fashion-mnist-cnn.onnx").toString(),
            "--data",
            TestData.folder().resolve("fashion-mnist").toString(),
            "--images",
            "20",
            "-m",
            "mul8s_1KVA",
            "--tables",
            "summary");
    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
    assertThat(result.out().lines().filter(line -> line.matches("8-bit mul8s_1KVA .* %.* %.*")))
        .hasSize(1);
  }

  @Test
  void picturesAndReportsNeedNothingElse() throws Exception {
    assertThat(axnn(Map.of(), "inspect", "exact", "--pictures", "a b").exitCode()).isZero();
    assertThat(folder.resolve("a b/exact-heat.svg")).isNotEmptyFile();
  }

  @Test
  void linksLeadToIt() throws Exception {
    Path relative = Files.createSymbolicLink(folder.resolve("axnn"), folder.relativize(command));
    Path again = Files.createSymbolicLink(folder.resolve("also axnn"), relative);
    Result direct = axnn(Map.of(), "info");
    assertThat(direct.exitCode()).isZero();
    assertThat(direct.out()).contains(Axnn.version());
    assertThat(run(Map.of(), again.toString(), "info")).isEqualTo(direct);
  }

  @Test
  void everythingIsInTheArchive() {
    assertThat(command).isExecutable();
    assertThat(unpacked).isDirectoryRecursivelyContaining("glob:**/LICENSE");
    assertThat(unpacked).isDirectoryRecursivelyContaining("glob:**/lib/axnn-tools-*.jar");
    assertThat(unpacked).isDirectoryNotContaining("glob:**/junit*");
  }

  /** A java that says what an older one says. */
  @Test
  void anOldJavaIsRefused() throws Exception {
    Path home = folder.resolve("old java");
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho '    java.specification.version = 17' >&2\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Result byHome = axnn(Map.of("JAVA_HOME", home.toString()), "info");
    assertThat(byHome)
        .isEqualTo(
            new Result(
                2,
                "",
                "axnn needs Java 22 or newer; '%s' is 17. Set JAVA_HOME.\n".formatted(java)));
    String path = java.getParent() + ":" + System.getenv("PATH");
    Result byPath = axnn(Map.of("JAVA_HOME", "", "PATH", path), "info");
    assertThat(byPath)
        .isEqualTo(
            new Result(2, "", "axnn needs Java 22 or newer; 'java' is 17. Set JAVA_HOME.\n"));
  }

  @Test
  void noJavaIsRefused() throws Exception {
    Result result = axnn(Map.of("JAVA_HOME", "/nowhere"), "info");
    assertThat(result)
        .isEqualTo(
            new Result(
                2,
                "",
                "axnn needs Java 22 or newer; '/nowhere/bin/java' is none. Set JAVA_HOME.\n"));
  }

  @Test
  void optionsForJavaArePassedOn() throws Exception {
    Result result =
        axnn(Map.of("AXNN_JAVA_OPTIONS", "-Xmx256m -Daxnn.cache.dir=" + cache()), "info");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains(cache().toString());
  }

  private static Path cache() throws IOException {
    return Files.createDirectories(folder.resolve("own-cache"));
  }
}
