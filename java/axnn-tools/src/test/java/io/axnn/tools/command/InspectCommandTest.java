package io.axnn.tools.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.multiplier.EvoApprox;
import io.axnn.multiplier.Multiplier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    assertThat(CommandRun.of("inspect", "exact", "--sample", "0").err()).contains("0");
  }
}
