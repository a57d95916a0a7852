package io.axnn.tools.command;

import static io.axnn.tools.command.CommandRun.BNN;
import static io.axnn.tools.command.CommandRun.CNN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code axnn sweep}. */
class SweepCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private CommandRun sweep(String... more) {
    List<String> arguments = new ArrayList<>(List.of("--out", folder.toString()));
    arguments.addAll(List.of(more));
    return CommandRun.onFewImages("sweep", CNN, arguments.toArray(String[]::new));
  }

  /** The rows of the file without what differs from run to run. */
  private List<JsonNode> results() throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("results.jsonl"))) {
      ObjectNode row = (ObjectNode) JSON.readTree(line);
      row.remove(List.of("seconds", "imagesPerSecond"));
      rows.add(row);
    }
    return rows.subList(1, rows.size());
  }

  @Test
  void everyMultiplierHasARowInEveryFile() throws IOException {
    CommandRun run = sweep("-m", "evoapprox");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    // float32, exact products, 13 multipliers.
    assertThat(run.lines().filter(line -> line.matches(".* all .*\\d\\.\\d\\d %.*"))).hasSize(15);
    assertThat(run.out()).contains("Report: " + folder.resolve("report.html"));
    assertThat(results()).hasSize(15);
    assertThat(Files.readAllLines(folder.resolve("results.csv"))).hasSize(16);
    String report = Files.readString(folder.resolve("report.html"));
    assertThat(report).contains("mul8s_1KR3", "60 test images");
    // The circuit without error computes what exact products do.
    assertThat(run.rows("mul8s_1KV8").getFirst().subList(2, 4))
        .isEqualTo(run.rows("exact").getFirst().subList(2, 4));
  }

  @Test
  void layersAloneAreTheSensitivity() throws IOException {
    CommandRun run = sweep("-m", "mul8s_1KR3", "--layers", "each");
    assertThat(run.rows("mul8s_1KR3").stream().map(row -> row.get(1)))
        .containsExactly("/0/Conv", "/4/Conv", "/8/Conv", "/11/Conv", "/16/Gemm");
    // 1,806,336 of 3,731,328 products at 0.052 mW, the others at 0.425.
    double share = 1_806_336.0 / 3_731_328;
    JsonNode row = results().get(5);
    assertThat(row.get("layers").asText()).isEqualTo("/11/Conv");
    assertThat(row.get("networkMilliwatts").asDouble())
        .isCloseTo(share * 0.052 + (1 - share) * 0.425, within(1e-12));
    assertThat(Files.readString(folder.resolve("report.html"))).contains("Sensitivity");
    assertThat(run.out()).doesNotContain("mul8s_1KR3  all");
  }

  @Test
  void bothIsAllAndThenEach() throws IOException {
    sweep("-m", "mul8s_1KVA", "mul8s_1L2H", "--layers", "both");
    assertThat(results().stream().map(row -> row.get("layers").asText()))
        .hasSize(2 + 2 + 2 * 5)
        .startsWith("all", "all", "all", "all", "/0/Conv");
  }

  @Test
  void anInterruptedSweepContinues() throws IOException {
    sweep("-m", "mul8s_1KV*");
    List<JsonNode> whole = results();
    List<String> lines = Files.readAllLines(folder.resolve("results.jsonl"));
    for (int rows = 0; rows < whole.size(); rows += 2) {
      String torn = lines.get(rows + 1).substring(0, 9);
      String left = String.join("\n", lines.subList(0, rows + 1)) + "\n" + torn;
      Files.writeString(folder.resolve("results.jsonl"), left);
      CommandRun resumed = sweep("-m", "mul8s_1KV*", "--resume");
      assertThat(resumed.exitCode()).isZero();
      assertThat(results()).isEqualTo(whole);
      // Rows that were there keep their time: they were not measured again.
      assertThat(Files.readAllLines(folder.resolve("results.jsonl")).subList(0, rows + 1))
          .isEqualTo(lines.subList(0, rows + 1));
      assertThat(resumed.rows("mul8s")).hasSize(whole.size() - 2);
    }
  }

  @Test
  void resultsAreNotOverwrittenAndNotMixed() throws IOException {
    sweep("-m", "mul8s_1KVA");
    String before = Files.readString(folder.resolve("results.jsonl"));
    CommandRun again = sweep("-m", "mul8s_1KVA");
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err()).contains("results.jsonl", folder.toString());
    CommandRun other = sweep("-m", "mul8s_1KVA", "--activations", "affine", "--resume");
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("another sweep", "zero point 0", "affine");
    assertThat(Files.readString(folder.resolve("results.jsonl"))).isEqualTo(before);
    CommandRun fewer =
        CommandRun.onImages(
            50, "sweep", CNN, "-m", "mul8s_1KVA", "--resume", "-o", folder.toString());
    assertThat(fewer.exitCode()).isEqualTo(1);
    assertThat(fewer.err()).contains("another sweep", "50 test images", "60 test images");
    assertThat(Files.readString(folder.resolve("results.jsonl"))).isEqualTo(before);
    CommandRun corrected =
        sweep("-m", "mul8s_1KVA", "--zero-point-correction", "exact", "--resume");
    assertThat(corrected.err()).contains("another sweep", "zero-point correction");
    // More multipliers are the same sweep.
    assertThat(sweep("-m", "mul8s_1KVA", "mul8s_1KVB", "--resume").exitCode()).isZero();
    assertThat(results()).hasSize(4);
  }

  @Test
  void aMultiplierThatNoLayerTakesIsRefusedBeforeAnythingIsMeasured() throws IOException {
    CommandRun run = sweep("-m", "mul8s_1KVA", "mitchell():sign-magnitude:12");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("mitchell():sign-magnitude:12", "structure");
    assertThat(results()).isEmpty();
    assertThat(sweep("-m", "mul8s_1KVA", "--resume").exitCode()).isZero();
    assertThat(results()).hasSize(3);
  }

  @Test
  void powerThatIsNotKnownStaysUnknown() throws IOException {
    sweep("-m", "drum(4):sign-magnitude", "--layers", "both");
    assertThat(results().getLast().get("networkMilliwatts").isNull()).isTrue();
  }

  @Test
  void aFileTellsThePowerOfOthers() throws IOException {
    Path power = Files.writeString(folder.resolve("power.csv"), "drum(4):sign-magnitude,0.2\n");
    sweep("-m", "drum(4):sign-magnitude", "--power", power.toString());
    assertThat(results().getLast().get("networkMilliwatts").asDouble()).isEqualTo(0.2);
  }

  @Test
  void binaryLayersStayOnBits() {
    CommandRun run =
        CommandRun.onFewImages(
            "sweep", BNN, "-m", "mul8s_1KR3", "--layers", "each", "--out", folder.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(run.rows("mul8s_1KR3")).hasSize(2); // the first convolution and the last layer
  }

  @Test
  void aFolderThatCannotBeMadeIsASentence() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    CommandRun run =
        CommandRun.onFewImages("sweep", CNN, "-m", "exact", "-o", file.resolve("in").toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            "the folder %s cannot be made: Not a directory".formatted(file.resolve("in")));
  }

  @Test
  void namesMayHaveSpaces() {
    Path spaces = folder.resolve("my results/of today");
    CommandRun run = CommandRun.onFewImages("sweep", CNN, "-m", "exact", "-o", spaces.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Report: " + spaces.resolve("report.html"));
    assertThat(spaces.resolve("report.html")).isNotEmptyFile();
  }

  @Test
  void theModelAfterTheMultipliersIsTakenForOneOfThem() {
    CommandRun run = CommandRun.of("sweep", "-m", "exact", CNN, "--data", "x");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("Missing required parameter: 'MODEL'");
  }
}
