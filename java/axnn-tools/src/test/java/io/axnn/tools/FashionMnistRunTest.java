package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.tools.testing.TestData;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The main job on few images, and its refusals. */
class FashionMnistRunTest {
  private static final String TESTDATA = "--testdata=" + TestData.folder();
  private static final Pattern ROW =
      Pattern.compile(
          "(cnn|bnn) .*\\d+\\.\\d\\d % +\\d+ +\\d+\\.\\d{3} +(scalar|avx2|avx512) +\\d+");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void printsARowForEverySetting() {
    assertThat(run(TESTDATA, "--images", "30", "--threads", "1", "--tier", "scalar")).isZero();
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    // On one network float32, all eight multipliers, and the five signed ones affine under both
    // corrections; on the other signs and bits.
    assertThat(lines).filteredOn(line -> ROW.matcher(line).matches()).hasSize(22);
    assertThat(lines)
        .filteredOn(line -> line.contains("scalar") && line.endsWith(" 1"))
        .hasSize(22);
    assertThat(lines).anyMatch(line -> line.contains("8-bit exact, accurate_s8"));
    for (String correction : List.of("EXACT", "TABLE")) {
      assertThat(lines)
          .filteredOn(line -> line.matches("cnn 8-bit affine \\w+ " + correction + " .*"))
          .hasSize(5);
    }
    assertThat(lines).anyMatch(line -> line.startsWith("bnn 3 layers on bits"));
    assertThat(lines).anyMatch(line -> line.startsWith("bnn 3 layers, bits between"));
    assertThat(lines).anyMatch(line -> line.startsWith("Table random_public is no multiplier"));
    assertThat(lines).anyMatch(line -> line.contains("of 752640 (ONNX's Sign"));
  }

  @ParameterizedTest
  @CsvSource({
    "--images=0, 2, 1 to 10000",
    "--images=10001, 2, 1 to 10000",
    "--tier=sse, 2, 'SCALAR, AVX2, AVX512'",
    "--threads=0, 1, threads"
  })
  void wrongOptionsAreRefusedInASentence(String option, int exitCode, String sentence) {
    assertThat(run(TESTDATA, option)).isEqualTo(exitCode);
    assertThat(out.size()).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains(sentence)
        .doesNotContain("Exception", "\tat ");
  }

  @Test
  void aFolderWithoutModelsIsRefused() {
    assertThat(run("--testdata=/nowhere")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("/nowhere", "models");
  }

  private int run(String... options) {
    return FashionMnistRun.execute(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        Progress.none(),
        options);
  }
}
