package io.axnn.tools.command;

import static io.axnn.tools.command.CommandRun.CNN;
import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.Axnn;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all subcommands have in common: help, versions, refusals. */
class AxnnCommandTest {
  private static final String IMAGES = TestData.folder().resolve("fashion-mnist").toString();

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"evaluate", "sweep", "search", "inspect", "info"})
  void everySubcommandHasHelp(String name) {
    CommandRun asOption = CommandRun.of(name, "--help");
    CommandRun asCommand = CommandRun.of("help", name);
    assertThat(asOption.exitCode()).isZero();
    assertThat(asOption.out()).startsWith("Usage: axnn " + name).doesNotContain("null", "${");
    assertThat(asCommand.out()).isEqualTo(asOption.out());
    assertThat(CommandRun.of("--help").out()).contains(name);
  }

  @Test
  void versionIsThatOfTheLibrary() {
    assertThat(CommandRun.of("--version").out())
        .isEqualToIgnoringNewLines("axnn " + Axnn.version());
    assertThat(CommandRun.of("sweep", "--version").out()).contains(Axnn.version());
  }

  @Test
  void completionKnowsTheSubcommands() {
    CommandRun run = CommandRun.of("generate-completion");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("evaluate", "sweep", "search", "--zero-point-correction");
  }

  @Test
  void withoutASubcommandThereIsUsage() {
    CommandRun run = CommandRun.of();
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("Missing required subcommand", "Usage: axnn");
  }

  @ParameterizedTest
  @CsvSource({
    "--tier=sse, 'SCALAR, AVX2, AVX512'",
    "--activations=signed, 'zero-point-0, affine'",
    "--calibration=mean, 'min-max, moving-average, percentile, histogram'",
    "--layout=NCWH, 'NCHW, NHWC'",
    "--zero-point-correction=none, 'EXACT, TABLE'",
    "--images=many, 'many'"
  })
  void wrongValuesAreWrongUsage(String option, String allowed) {
    CommandRun run = CommandRun.of("evaluate", CNN, "--data", IMAGES, option);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).containsIgnoringCase(allowed).doesNotContain("Exception", "\tat ");
  }

  @ParameterizedTest
  @CsvSource({
    "--threads=0, threads",
    "--batch=0, batchSize is 0",
    "--images=0, atMost is 0",
    "--mean=0.5, --mean and --deviation belong together",
    "-m=mul8s_9999, is none of the circuits",
    "-m=drum(6), does not say how signs are treated",
    "--per-layer=nowhere.json, there is no file nowhere.json"
  })
  void whatCannotBeDoneIsASentence(String option, String sentence) {
    CommandRun run =
        CommandRun.of("evaluate", CNN, "--data", IMAGES, "--tables", "summary", option);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains(sentence).doesNotContain("Exception", "\tat ");
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void missingAndDamagedFilesAreNamed() throws IOException {
    Path damaged = Files.writeString(folder.resolve("network.onnx"), "no network");
    assertThat(CommandRun.of("evaluate", "nowhere.onnx", "--data", IMAGES).err())
        .isEqualToIgnoringNewLines("there is no file nowhere.onnx");
    assertThat(CommandRun.of("evaluate", damaged.toString(), "--data", IMAGES).err())
        .contains(damaged.toString(), "no ONNX file");
    assertThat(CommandRun.of("evaluate", CNN, "--data", folder.toString()).err())
        .contains(folder.toString());
    assertThat(CommandRun.of("evaluate", CNN).err()).contains("--data=SET");
  }

  @Test
  void aSetOfAnotherSizeIsRefused() {
    String resNet = TestData.model("cifar10-resnet8.onnx").toString();
    CommandRun run = CommandRun.of("evaluate", resNet, "--data", IMAGES);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("1 x 28 x 28", "3 x 32 x 32");
  }

  @Test
  void infoTellsWhatRunsHere() {
    CommandRun run = CommandRun.of("info", "--threads", "3", "--tier", "scalar");
    assertThat(run.exitCode()).isZero();
    assertThat(run.rows("threads")).singleElement().asList().containsExactly("threads", "3");
    assertThat(run.rows("tier ")).singleElement().asList().containsExactly("tier", "scalar");
    assertThat(run.out()).contains(Axnn.version(), Axnn.libraryLocation());
    assertThat(run.rows("tiers").getFirst().get(1)).startsWith("scalar");
    assertThat(run.err()).isEmpty();
  }
}
