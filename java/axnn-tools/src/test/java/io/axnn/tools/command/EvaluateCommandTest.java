package io.axnn.tools.command;

import static io.axnn.tools.command.CommandRun.BNN;
import static io.axnn.tools.command.CommandRun.CNN;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code axnn evaluate}. */
class EvaluateCommandTest {
  private static final String SUMMARY =
      ".* +\\d+\\.\\d\\d % +\\d+\\.\\d\\d % +\\d+ +\\d+\\.\\d{3} +\\w+ +1";

  @TempDir private Path folder;

  @Test
  void everyModeHasARow() {
    CommandRun run =
        CommandRun.onFewImages(
            "evaluate",
            CNN,
            "--mode",
            "baseline,quantized,noise,approximate",
            "-m",
            "mul8s_1KVA",
            "-m",
            "mul8s_1L2H",
            "--tables",
            "summary",
            "--tier",
            "scalar");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(
            run.lines().filter(line -> line.matches(SUMMARY)).map(line -> line.split(" {2,}")[0]))
        .containsExactly(
            "float32",
            "8-bit exact",
            "8-bit mul8s_1KVA as noise",
            "8-bit mul8s_1L2H as noise",
            "8-bit mul8s_1KVA",
            "8-bit mul8s_1L2H");
    assertThat(run.out()).contains("scalar", "60 test images", "40 training images, min-max");
  }

  @Test
  void classesAndLayersAreTables() {
    CommandRun run = CommandRun.onFewImages("evaluate", CNN, "-m", "mul8s_1KR8");
    assertThat(run.exitCode()).isZero();
    assertThat(run.rows("Ankle boot")).hasSize(1);
    // Of each of three settings, and each layer of five.
    List<List<String>> layers = run.rows("/");
    assertThat(layers).hasSize(15);
    assertThat(layers.get(0)).startsWith("/0/Conv", "float32", "112,896", "9", "-", "-");
    assertThat(layers.get(5)).startsWith("/0/Conv", "8-bit exact", "112,896", "9");
    assertThat(layers.get(13)).startsWith("/11/Conv", "8-bit mul8s_1KR8", "1,806,336", "576");
    assertThat(layers.get(13).getLast()).contains("GEMM", "tier");
    assertThat(layers.get(13).get(4)).matches("\\d+\\.\\d{4} %").isNotEqualTo("0.0000 %");
  }

  @Test
  void jsonHasTheFiguresOfTheTables() throws IOException {
    Path file = folder.resolve("all.json");
    CommandRun run =
        CommandRun.onFewImages("evaluate", CNN, "-m", "mul8s_1KR3", "--json", file.toString());
    JsonNode all = new ObjectMapper().readTree(file.toFile());
    assertThat(all).hasSize(3);
    for (JsonNode setting : all) {
      List<String> row = run.rows(setting.get("setting").asText() + "  ").getFirst();
      assertThat(row.get(1)).isEqualTo(percent(setting.get("top1_percent")));
      assertThat(row.get(2)).isEqualTo(percent(setting.get("top5_percent")));
      assertThat(setting.get("images").asInt()).isEqualTo(60);
      assertThat(setting.get("classes")).hasSize(10);
      int correct = 0;
      for (JsonNode ofClass : setting.get("classes")) {
        correct += ofClass.get("correct").asInt();
      }
      assertThat(100.0 * correct / 60).isEqualTo(setting.get("top1_percent").asDouble());
      checkLayers(run, setting);
    }
    for (int label = 0; label < 10; label++) {
      List<String> row = classes(run).get(label);
      for (int i = 0; i < 3; i++) {
        JsonNode ofClass = all.get(i).get("classes").get(label);
        int images = ofClass.get("images").asInt();
        assertThat(row.get(1)).isEqualTo(String.valueOf(images));
        assertThat(row.get(2 + i))
            .isEqualTo(percent(100.0 * ofClass.get("correct").asInt() / images));
      }
    }
    assertThat(all.get(0).get("layers").get(0).get("mean_error_percent").isNull()).isTrue();
    assertThat(all.get(2).get("layers").get(0).get("mean_error_percent").asDouble()).isPositive();
  }

  /** The rows below the titles of the table of classes. */
  private static List<List<String>> classes(CommandRun run) {
    return run.lines()
        .dropWhile(line -> !line.startsWith("class "))
        .skip(1)
        .limit(10)
        .map(line -> List.of(line.split(" {2,}")))
        .toList();
  }

  private static void checkLayers(CommandRun run, JsonNode setting) {
    List<List<String>> table =
        run.lines()
            .dropWhile(line -> !line.equals(setting.get("setting").asText()))
            .skip(2)
            .limit(5)
            .map(line -> List.of(line.split(" {2,}")))
            .toList();
    assertThat(setting.get("layers")).hasSize(table.size());
    for (int i = 0; i < table.size(); i++) {
      JsonNode layer = setting.get("layers").get(i);
      assertThat(table.get(i))
          .containsExactly(
              layer.get("layer").asText(),
              layer.get("arithmetic").asText(),
              String.format(Locale.ROOT, "%,d", layer.get("products").asLong()),
              layer.get("fan_in").asText(),
              finePercent(layer.get("mean_error_percent")),
              finePercent(layer.get("max_error_percent")),
              String.format(Locale.ROOT, "%.1f", layer.get("microseconds_per_image").asDouble()),
              layer.get("kernel").asText());
    }
  }

  private static String percent(JsonNode number) {
    return percent(number.asDouble());
  }

  private static String percent(double number) {
    return String.format(Locale.ROOT, "%.2f %%", number);
  }

  private static String finePercent(JsonNode number) {
    return number.isNull() ? "-" : String.format(Locale.ROOT, "%.4f %%", number.asDouble());
  }

  @Test
  void aFileGivesLayersTheirMultipliers() throws IOException {
    Path file = folder.resolve("layers.json");
    Files.writeString(
        file, "{\"/4/Conv\": \"mul8s_1L2H\", \"/16/Gemm\": \"drum(4):sign-magnitude\"}");
    CommandRun run =
        CommandRun.onFewImages(
            "evaluate", CNN, "--mode", "quantized", "--per-layer", file.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(run.rows("/").subList(5, 10).stream().map(row -> row.get(1)))
        .containsExactly(
            "8-bit exact",
            "8-bit mul8s_1L2H",
            "8-bit exact",
            "8-bit exact",
            "8-bit drum(4):sign-magnitude");
  }

  @Test
  void wrongFilesOfLayersAreRefused() throws IOException {
    Path file = folder.resolve("layers.json");
    Files.writeString(file, "{\"/4/Conv\": [1, 2]}");
    assertThat(perLayer(file)).contains(file.toString(), "JSON object of layer names");
    Files.writeString(file, "{\"/4/Conv\": null}");
    assertThat(perLayer(file)).contains("'/4/Conv' has null");
    Files.writeString(file, "[]");
    assertThat(perLayer(file)).contains("it is no object");
    Files.writeString(file, "");
    assertThat(perLayer(file)).contains("it is no object");
    Files.writeString(file, "{\"/4/Conv\"");
    assertThat(perLayer(file))
        .contains(file + " is no JSON object")
        .doesNotContain("com.fasterxml");
    Files.writeString(file, "{\"nobody\": \"mul8s_1L2H\"}");
    assertThat(perLayer(file)).contains("'nobody'", "/4/Conv");
    Files.writeString(file, "{\"/4/Conv\": \"evoapprox\"}");
    assertThat(perLayer(file)).contains("/4/Conv", "13 multipliers");
  }

  private static String perLayer(Path file) {
    CommandRun run = CommandRun.onFewImages("evaluate", CNN, "--per-layer", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    return run.err();
  }

  @Test
  void binaryLayersRunAsTheyAreAskedTo() {
    CommandRun run =
        CommandRun.onFewImages(
            "evaluate",
            BNN,
            "--mode",
            "baseline",
            "--binary",
            "signs,bits,bits-between",
            "--tables",
            "summary,layers");
    assertThat(run.exitCode()).isZero();
    List<List<String>> summary = run.rows("float32, ");
    assertThat(summary.stream().filter(row -> row.size() > 1).map(row -> row.get(1)).distinct())
        .as("accuracies")
        .hasSize(1);
    assertThat(run.lines().filter(line -> line.contains(" binary  "))).hasSize(3);
    assertThat(run.lines().filter(line -> line.contains("binary, bits between layers"))).hasSize(3);
  }

  @Test
  void affineCodesAreCorrectedAsChosen() {
    String[] accuracies = new String[2];
    for (int i = 0; i < 2; i++) {
      CommandRun run =
          CommandRun.onFewImages(
              "evaluate",
              CNN,
              "--mode",
              "approximate",
              "-m",
              "mul8s_1L2H",
              "--activations",
              "affine",
              "--zero-point-correction",
              i == 0 ? "table" : "exact",
              "--tables",
              "summary");
      List<String> row = run.rows("8-bit affine mul8s_1L2H").getFirst();
      assertThat(row.getFirst()).endsWithIgnoringCase(i == 0 ? "table" : "exact");
      accuracies[i] = row.get(1);
    }
    assertThat(accuracies[0]).isNotEqualTo(accuracies[1]);
  }

  @Test
  void withoutATrainingPartTheLastImagesCalibrate() throws IOException {
    Path data = Path.of(TestData.folder().toString(), "fashion-mnist");
    String set =
        "idx:%s,%s"
            .formatted(
                data.resolve("t10k-images-idx3-ubyte.gz"),
                data.resolve("t10k-labels-idx1-ubyte.gz"));
    String[] arguments = {
      "evaluate",
      CNN,
      "--data",
      set,
      "--mode",
      "quantized",
      "--tables",
      "summary",
      "--mean",
      "0.286",
      "--deviation",
      "0.353",
      "--calibration-images"
    };
    CommandRun run = CommandRun.of(with(arguments, "900"));
    assertThat(run.out()).contains("100 test images", "900 other test images");
    CommandRun all = CommandRun.of(with(arguments, "1000"));
    assertThat(all.exitCode()).isEqualTo(1);
    assertThat(all.err()).contains("--calibration-images 1000 leaves none to test on");
  }

  private static String[] with(String[] arguments, String last) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = last;
    return all;
  }
}
