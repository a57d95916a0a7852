package io.axnn.tools.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code axnn sweep} as a process of its own, which is ended in its middle by a signal. */
class InterruptedSweepTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** float32, exact products, and 13 multipliers in all layers and in each of five. */
  private static final int ALL_ROWS = 2 + 13 * 6;

  @TempDir private Path folder;
  private Path output;
  private Path errors;
  private Path results;

  private Process start(String... more) throws IOException {
    output = folder.resolve("output");
    errors = folder.resolve("errors");
    results = folder.resolve("results");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                // A shell without job control ignores SIGINT for what it runs in the background.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Daxnn.cache.dir=" + System.getProperty("axnn.cache.dir"),
                "--enable-native-access=ALL-UNNAMED",
                AxnnCommand.class.getName(),
                "sweep",
                CommandRun.CNN,
                "--data=" + TestData.folder().resolve("fashion-mnist"),
                "--images=150",
                "--calibration-images=40",
                "--threads=1",
                "--layers=both",
                "--multipliers=evoapprox",
                "--out=" + results));
    arguments.addAll(List.of(more));
    return new ProcessBuilder(arguments)
        .redirectOutput(output.toFile())
        .redirectError(errors.toFile())
        .start();
  }

  private List<String> lines(String file) throws IOException {
    Path path = results.resolve(file);
    return Files.exists(path)
        ? Files.readString(path, StandardCharsets.UTF_8).lines().toList()
        : List.of();
  }

  /** Ends a sweep after its first rows, with a signal as kill(1) calls it. */
  private int endInTheMiddle(String signal) throws Exception {
    Process process = start();
    try {
      Instant last = Instant.now().plus(PATIENCE);
      while (lines("results.jsonl").size() < 5 && process.isAlive()) {
        assertThat(Instant.now()).isBefore(last);
        Thread.sleep(2);
      }
      assertThat(process.isAlive()).as(Files.readString(errors)).isTrue();
      String pid = String.valueOf(process.pid());
      assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** Without what differs from run to run. */
  private List<JsonNode> rows() throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : lines("results.jsonl").stream().skip(1).toList()) {
      ObjectNode row = (ObjectNode) JSON.readTree(line);
      row.remove(List.of("seconds", "imagesPerSecond"));
      rows.add(row);
    }
    return rows;
  }

  private void finish(String... more) throws Exception {
    Process process = start(more);
    try {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void whatWasKilledContinues() throws Exception {
    int exitCode = endInTheMiddle("KILL");
    assertThat(exitCode).isEqualTo(128 + 9);
    List<String> before = lines("results.jsonl");
    assertThat(before).hasSizeBetween(5, ALL_ROWS);
    assertThat(results.resolve("report.html")).doesNotExist();
    finish("--resume");
    List<JsonNode> resumed = rows();
    // Rows that were whole are there as they were, with their time: none was measured again.
    assertThat(lines("results.jsonl").subList(0, before.size() - 1))
        .isEqualTo(before.subList(0, before.size() - 1));
    assertThat(resumed).hasSize(ALL_ROWS).doesNotHaveDuplicates();
    assertThat(lines("results.csv")).hasSize(1 + ALL_ROWS);

    deleteResults();
    finish();
    assertThat(rows()).isEqualTo(resumed);
    assertQuiet();
  }

  private void deleteResults() throws IOException {
    try (Stream<Path> files = Files.list(results)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  /** Neither output nor errors are a terminal: rows on the one, nothing on the other. */
  private void assertQuiet() throws IOException {
    assertThat(errors).isEmptyFile();
    assertThat(Files.readString(output)).doesNotContain("\r", "\u001b");
    assertThat(Files.readAllLines(output).stream().filter(line -> line.contains(" % ")))
        .hasSize(ALL_ROWS);
  }

  @Test
  void interruptionLeavesWholeFiles() throws Exception {
    assertThat(endInTheMiddle("INT")).isEqualTo(128 + 2);
    assertThat(Files.readString(results.resolve("results.jsonl"))).endsWith("}\n");
    List<JsonNode> rows = rows();
    assertThat(lines("results.csv")).hasSizeBetween(rows.size(), rows.size() + 1);
    assertThat(Files.readString(results.resolve("results.csv"))).endsWith("\n");
    try (Stream<Path> files = Files.list(results)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("results.jsonl", "results.csv");
    }
    assertThat(errors).isEmptyFile();
  }
}
