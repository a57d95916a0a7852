package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.tools.testing.TestData;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The main job on few images, and its refusals. */
class FashionMnistRunTest {
  private static final String TESTDATA = "--testdata=" + TestData.folder();
  private static final Pattern ROW =
      Pattern.compile(
          "(cnn|bnn) .*\\d+\\.\\d\\d % +\\d+ +\\d+\\.\\d{3} +(scalar|avx2|avx512) +\\d+");

  @Test
  void printsARowForEverySetting() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(run(out, TESTDATA, "--images", "30", "--threads", "1", "--tier", "scalar")).isZero();
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    // Float32 and all eight multipliers on one network, signs and bits on the other.
    assertThat(lines).filteredOn(line -> ROW.matcher(line).matches()).hasSize(11);
    assertThat(lines)
        .filteredOn(line -> line.contains("scalar") && line.endsWith(" 1"))
        .hasSize(11);
    assertThat(lines).anyMatch(line -> line.contains("8-bit exact, accurate_s8"));
    assertThat(lines).anyMatch(line -> line.startsWith("bnn 3 layers on bits"));
    assertThat(lines).anyMatch(line -> line.startsWith("Table random_public is no multiplier"));
    assertThat(lines).anyMatch(line -> line.contains("of 752640 (ONNX's Sign"));
  }

  @Test
  void wrongOptionsAreUsageErrors() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(run(out, TESTDATA, "--images", "0")).isEqualTo(2);
    assertThat(run(out, TESTDATA, "--images", "10001")).isEqualTo(2);
    assertThat(run(out, TESTDATA, "--tier", "sse")).isEqualTo(2);
    assertThat(run(out, "--testdata", "/nowhere")).isEqualTo(2);
    assertThat(run(out, TESTDATA, "--threads", "0")).isEqualTo(1);
    assertThat(out.size()).isZero();
  }

  private static int run(ByteArrayOutputStream out, String... options) {
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return FashionMnistRun.execute(stream, Progress.none(), options);
  }
}
