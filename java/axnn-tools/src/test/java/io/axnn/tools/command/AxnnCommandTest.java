package io.axnn.tools.command;

import static io.axnn.tools.command.CommandRun.CNN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.Axnn;
import io.axnn.tools.testing.TestData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
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
    assertThat(run.out()).contains("\"zero-point-0\" \"affine\"", "\"scalar\" \"avx2\"");
  }

  @Test
  void withoutASubcommandThereIsUsage() {
    CommandRun run = CommandRun.of();
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("Missing required subcommand", "Usage: axnn");
  }

  @ParameterizedTest
  @CsvSource({
    "--tier=sse, 'scalar, avx2, avx512'",
    "--activations=signed, 'zero-point-0, affine'",
    "--calibration=mean, 'min-max, moving-average, percentile, histogram'",
    "--layout=NCWH, 'nchw, nhwc'",
    "--channels=red, 'rgb, bgr'",
    "--zero-point-correction=none, 'exact, table'",
    "'--mode=baseline,exact', 'baseline, quantized, noise, approximate'",
    "--binary=bytes, 'signs, bits, bits-between'",
    "--tables=rows, 'summary, classes, layers'",
    "--operands=both, 'signed, unsigned'",
    "--threads=0, 'whole number from 1'",
    "--batch=0, 'whole number from 1'",
    "--images=many, 'many'",
    "--images=0, 'whole number from 1'",
    "--calibration-images=-1, 'whole number from 1'",
    "--mean=0.5, --mean and --deviation belong together",
    "--mode=approximate, --multiplier",
    "--seed=one, 'one'"
  })
  void wrongValuesAreWrongUsage(String option, String allowed) {
    CommandRun run = CommandRun.of("evaluate", CNN, "--data", IMAGES, option);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains(allowed, "'axnn evaluate --help' tells more")
        .doesNotContain("Exception", "\tat ")
        .hasLineCount(2);
  }

  @ParameterizedTest
  @CsvSource({
    "evalute, Did you mean: axnn evaluate",
    "--verison, Possible solutions: --version",
    "help nothing, Unknown subcommand 'nothing'",
    "info more, Unmatched argument at index 1: 'more'"
  })
  void unknownArgumentsAreWrongUsage(String arguments, String hint) {
    CommandRun run = CommandRun.of(arguments.split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(hint).hasLineCount(2);
  }

  @Test
  void enumsAreReadInAnyCase() {
    for (String tier : List.of("scalar", "SCALAR", "Scalar")) {
      assertThat(CommandRun.of("info", "--tier", tier).rows("tier ").getFirst().getLast())
          .isEqualTo("scalar");
    }
    for (String layout : List.of("ZERO_POINT_0", "Zero-Point-0")) {
      CommandRun run =
          CommandRun.of(
              "evaluate", "nowhere.onnx", "--data=x", "--layout=NHWC", "--activations", layout);
      assertThat(run.err()).isEqualToIgnoringNewLines("there is no file nowhere.onnx");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--threads=5000, 'threads is 5000, but must be in 1..1024'",
    "--json=nowhere/all.json, 'nowhere/all.json cannot be written: there is no folder '",
    "--power=nowhere.csv, there is no file nowhere.csv",
    "--power=., '. is a folder, and has to be a file'",
    "--per-layer=., '. is a folder, and has to be a file'",
    "-m=mul8s_9999, is none of the circuits",
    "-m=drum(6), does not say how signs are treated",
    "--per-layer=nowhere.json, there is no file nowhere.json"
  })
  void whatCannotBeDoneIsASentence(String option, String sentence) {
    CommandRun run =
        CommandRun.of("evaluate", CNN, "--data", IMAGES, "--tables", "summary", option);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
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
    assertThat(CommandRun.of("evaluate", folder.toString(), "--data", IMAGES).err())
        .isEqualToIgnoringNewLines(folder + " is a folder, and has to be a file");
    assertThat(CommandRun.of("evaluate", CNN, "--data", folder.toString()).err())
        .contains(folder.toString());
    assertThat(CommandRun.of("evaluate", CNN).err()).contains("--data=SET");
  }

  /** A full disk behind {@code axnn inspect ... > file}. */
  @Test
  void outputThatIsLostIsAFailure() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertThat(AxnnCommand.execute(new PrintStream(full), new PrintStream(err), "info"))
        .isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("standard output takes no more");
  }

  @Test
  void failuresOfFilesAreSentences() throws Exception {
    assertThat(AxnnCommand.sentence(new AccessDeniedException("/var/x")))
        .isEqualTo("/var/x: permission denied");
    assertThat(AxnnCommand.sentence(new FileSystemException("/a", null, "No space left on device")))
        .isEqualTo("/a: No space left on device");
    assertThat(AxnnCommand.sentence(new UncheckedIOException(new NoSuchFileException("b"))))
        .isEqualTo("there is no file b");
    // A defect is not made a sentence.
    ArithmeticException defect = new ArithmeticException("/ by zero");
    assertThatThrownBy(() -> AxnnCommand.sentence(defect)).isSameAs(defect);
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
