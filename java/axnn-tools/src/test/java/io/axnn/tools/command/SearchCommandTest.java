package io.axnn.tools.command;

import static io.axnn.tools.command.CommandRun.CNN;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code axnn search}. */
class SearchCommandTest {
  @TempDir private Path folder;

  private CommandRun search(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-m",
                "mul8s_1L2H",
                "mul8s_1L2D",
                "mul8s_1KR3",
                "--search-images",
                "40",
                "--evaluations",
                "30",
                "--max-loss",
                "3",
                "--out",
                folder.toString()));
    arguments.addAll(List.of(more));
    return CommandRun.onFewImages("search", CNN, arguments.toArray(String[]::new));
  }

  @Test
  void theBestIsWithinTheLimitAndCheaper() throws IOException {
    CommandRun run = search();
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    List<String> best = run.lines().filter(line -> line.contains("  best  ")).toList();
    assertThat(best).hasSize(1);
    String[] cells = best.getFirst().strip().split(" {2,}");
    assertThat(Double.parseDouble(cells[0])).isLessThanOrEqualTo(3);
    assertThat(Double.parseDouble(cells[2])).isLessThan(0.425);
    assertThat(cells[4].split(" ")).hasSize(5);
    assertThat(run.out()).contains("On the 20 other images: exact ");
    assertThat(Files.readAllLines(folder.resolve("front.csv")).getFirst())
        .isEqualTo(
            "loss_points,top1_percent,milliwatts,\"/0/Conv\",\"/4/Conv\",\"/8/Conv\",\"/11/Conv\",\"/16/Gemm\"");
    assertThat(Files.readString(folder.resolve("front.svg"))).contains("<svg", "loss of accuracy");
    // What evaluate makes of the assignment on the same images.
    CommandRun evaluated =
        CommandRun.onImages(
            40,
            "evaluate",
            CNN,
            "--mode",
            "quantized",
            "--per-layer",
            folder.resolve("best.json").toString(),
            "--tables",
            "summary");
    assertThat(evaluated.rows("per layer").getFirst().get(1)).isEqualTo(cells[1]);
  }

  /** What evaluate counts on all 60 images less what it counts on the 40 that chose. */
  @Test
  void theOtherImagesAreThoseThatDidNotChoose() throws IOException {
    CommandRun run = search("--algorithm", "greedy");
    int[] exact = new int[2];
    int[] best = new int[2];
    for (int i = 0; i < 2; i++) {
      Path json = folder.resolve("all.json");
      CommandRun.onImages(
          i == 0 ? 60 : 40,
          "evaluate",
          CNN,
          "--mode",
          "quantized",
          "--per-layer",
          folder.resolve("best.json").toString(),
          "--json",
          json.toString());
      exact[i] = correct(json, 0);
      best[i] = correct(json, 1);
    }
    assertThat(run.out())
        .contains(
            String.format(
                Locale.ROOT,
                "On the 20 other images: exact %.2f %%, best %.2f %%",
                5.0 * (exact[0] - exact[1]),
                5.0 * (best[0] - best[1])));
  }

  private static int correct(Path json, int setting) throws IOException {
    int correct = 0;
    for (JsonNode ofClass :
        new ObjectMapper().readTree(json.toFile()).get(setting).get("classes")) {
      correct += ofClass.get("correct").asInt();
    }
    return correct;
  }

  @Test
  void wrongLimitsLeaveNothingBehind() {
    for (String option :
        List.of(
            "--max-loss=-1",
            "--max-loss=NaN",
            "--max-loss=x",
            "--evaluations=0",
            "--search-images=0")) {
      CommandRun run =
          CommandRun.onFewImages(
              "search", CNN, "-m", "exact", "-o", folder.resolve("new").toString(), option);
      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.err()).contains(option.substring(0, option.indexOf('=')));
    }
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @Test
  void aSeedRepeatsASearchAndResumingEvaluatesNothingTwice() throws IOException {
    String first = search().out();
    List<String> evaluations = Files.readAllLines(folder.resolve("evaluations.jsonl"));
    assertThat(search("--resume").out()).isEqualTo(first);
    assertThat(Files.readAllLines(folder.resolve("evaluations.jsonl"))).isEqualTo(evaluations);
    Files.write(folder.resolve("evaluations.jsonl"), evaluations.subList(0, 9));
    assertThat(search("--resume").out()).isEqualTo(first);
    assertThat(Files.readAllLines(folder.resolve("evaluations.jsonl"))).isEqualTo(evaluations);
    assertThat(evaluations).doesNotHaveDuplicates();
  }

  @Test
  void greedyAloneEvaluatesLess() throws IOException {
    CommandRun run = search("--algorithm", "greedy");
    assertThat(run.exitCode()).isZero();
    int greedy = Files.readAllLines(folder.resolve("evaluations.jsonl")).size();
    assertThat(search("--resume").exitCode()).isZero();
    assertThat(Files.readAllLines(folder.resolve("evaluations.jsonl"))).hasSizeGreaterThan(greedy);
  }

  @Test
  void whatWasEvaluatedIsNotOverwrittenAndNotMixed() {
    search("--algorithm", "greedy");
    CommandRun again = search();
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err()).contains("evaluations.jsonl", "--resume");
    CommandRun other = search("--resume", "--activations", "affine");
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("evaluations.jsonl");
  }

  @Test
  void candidatesOfUnknownPowerAreRefused() {
    CommandRun run = search("-m", "drum(4):sign-magnitude");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("drum(4):sign-magnitude", "--power");
    assertThat(folder.resolve("evaluations.jsonl")).doesNotExist();
  }
}
