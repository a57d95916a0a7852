package io.axnn.tools.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.multiplier.ErrorFigures;
import io.axnn.multiplier.EvoApprox;
import io.axnn.multiplier.Multiplier;
import io.axnn.tools.multipliers.MultiplierSet;
import io.axnn.tools.multipliers.MultiplierSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code axnn inspect}. */
class InspectCommandTest {
  @TempDir private Path folder;

  private static String value(CommandRun run, String what) {
    return run.rows(what + " ").getFirst().getLast();
  }

  /** The published figures of mul8s_1KX2 (MAE 0.019 %, WCE 0.074 %). */
  @Test
  void figuresAreThePublishedOnes() {
    CommandRun run = CommandRun.of("inspect", "mul8s_1KX2");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(value(run, "multiplier")).isEqualTo("mul8s_1KX2 of master");
    assertThat(value(run, "operands"))
        .isEqualTo("8 bits signed, -128..127 x 8 bits signed, -128..127");
    try (Multiplier multiplier = EvoApprox.mul8s("1KX2", EvoApprox.Version.MASTER)) {
      assertThat(value(run, "identity")).isEqualTo(multiplier.identity());
      assertThat(value(run, "structure"))
          .startsWith(multiplier.structure().orElseThrow().terms().size() + " exact");
    }
    assertThat(value(run, "power")).isEqualTo("0.391 mW");
    assertThat(value(run, "figures over")).isEqualTo("65,536 pairs, all there are");
    assertThat(value(run, "MAE")).isEqualTo("12.2500 (0.0187 % of the largest range)");
    assertThat(value(run, "WCE")).isEqualTo("49.0000 (0.0748 % of the largest range)");
  }

  /** Figures as the library has them, over all operands and over drawn ones. */
  @ParameterizedTest
  @CsvSource({
    "mul8s_1L2H, 65536, 65536",
    "drum(6):sign-magnitude:12, 16777216, 16777216",
    "'brokenArray(2,2,6):twos-complement:12', 4096, 4096",
    "drum(6):sign-magnitude:16, 100000, 100000"
  })
  void figuresAreThoseOfTheLibrary(String text, int sample, int pairs) throws IOException {
    CommandRun run = CommandRun.of("inspect", text, "--sample", String.valueOf(sample));
    assertThat(run.err()).isEmpty();
    try (MultiplierSet set = MultiplierSource.create().read(List.of(text))) {
      Multiplier multiplier = set.multipliers().getFirst().multiplier();
      long all = (long) multiplier.rowOperand().count() * multiplier.columnOperand().count();
      ErrorFigures figures =
          all <= sample
              ? ErrorFigures.of(multiplier)
              : ErrorFigures.ofSample(multiplier, sample, 1);
      assertThat(figures.pairs()).isEqualTo(pairs);
      assertThat(value(run, "identity")).isEqualTo(multiplier.identity());
      assertThat(value(run, "MAE"))
          .isEqualTo(
              format("%.6g (%.4f %% of the largest range)", figures.mae(), figures.maePercent()));
      assertThat(value(run, "WCE"))
          .isEqualTo(
              format("%.6g (%.4f %% of the largest range)", figures.wce(), figures.wcePercent()));
      assertThat(value(run, "MSE")).isEqualTo(format("%.6g", figures.mse()));
      assertThat(value(run, "EP")).isEqualTo(format("%.2f %%", figures.epPercent()));
      assertThat(value(run, "MRE")).startsWith(format("%.2f %% (", figures.mrePercent()));
      assertThat(value(run, "WCRE")).isEqualTo(format("%.2f %%", figures.wcrePercent()));
      assertThat(value(run, "noise"))
          .isEqualTo(
              format("mean %.6g, deviation %.6g", figures.bias(), figures.standardDeviation()));
    }
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }

  @Test
  void wideOnesAreSampled() {
    CommandRun all = CommandRun.of("inspect", "drum(4):sign-magnitude:10", "--sample", "1048576");
    assertThat(value(all, "figures over")).isEqualTo("1,048,576 pairs, all there are");
    CommandRun some = CommandRun.of("inspect", "roba():sign-magnitude:16", "--sample", "5000");
    assertThat(value(some, "figures over")).isEqualTo("5,000 pairs, drawn");
    assertThat(value(some, "power")).isEqualTo("- mW");
  }

  @Test
  void picturesAreFiles() throws IOException {
    CommandRun run =
        CommandRun.of(
            "inspect", "mul8s_1KVA", "mitchell():sign-magnitude", "--pictures", folder.toString());
    assertThat(run.exitCode()).isZero();
    for (String name : List.of("mul8s_1KVA", "mitchell___sign-magnitude")) {
      assertThat(Files.readString(folder.resolve(name + "-heat.svg"))).contains("<svg");
      assertThat(Files.readString(folder.resolve(name + "-histogram.svg"))).contains("<svg");
    }
    assertThat(run.rows("structure")).hasSize(2);
    assertThat(run.out()).contains("none found");
  }

  @Test
  void whatIsNoMultiplierIsASentence() {
    CommandRun run = CommandRun.of("inspect", "mul8u_1JFF");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("'mul8u_1JFF' is no file").hasLineCount(1);
    assertThat(CommandRun.of("inspect").exitCode()).isEqualTo(2);
    assertThat(CommandRun.of("inspect", "exact", "--sample", "0").exitCode()).isEqualTo(2);
  }

  @Test
  void picturesThatCannotBeWrittenAreRefusedBeforeTheWork() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    CommandRun run = CommandRun.of("inspect", "exact", "--pictures", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualToIgnoringNewLines("%s cannot be a folder: %s is a file".formatted(file, file));
  }
}
