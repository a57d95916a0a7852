package io.axnn.tools.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SweepRowTest {

  private static final SweepRow.Key KEY =
      new SweepRow.Key("mul8s_1KVA", "ab".repeat(32), "all", "8-bit, zero point 0");

  private static SweepRow row(int images, int top1, int top5, double seconds, double milliwatts) {
    return new SweepRow(
        KEY,
        images,
        top1,
        top5,
        seconds,
        OptionalDouble.of(milliwatts),
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }

  @Test
  void derivedFigures() {
    SweepRow row = row(8, 3, 6, 0.25, 0.4);
    assertThat(row.top1Percent()).isEqualTo(37.5);
    assertThat(row.top5Percent()).isEqualTo(75.0);
    assertThat(row.imagesPerSecond()).isEqualTo(32.0);
    assertThat(row.key().ofAllLayers()).isTrue();
    assertThat(new SweepRow.Key("m", "", "conv1", "s").ofAllLayers()).isFalse();
  }

  @Test
  void wrongValuesAreNamed() {
    expect(() -> row(0, 0, 0, 1, 0), "images is 0; allowed: at least 1");
    expect(() -> row(8, 9, 9, 1, 0), "top1Correct is 9; allowed: 0 to 8");
    expect(() -> row(8, 5, 4, 1, 0), "top5Correct is 4; allowed: 5 to 8");
    expect(() -> row(8, 5, 5, 0, 0), "seconds is 0.0; allowed: above 0, finite");
    expect(() -> row(8, 5, 5, Double.NaN, 0), "seconds is NaN; allowed: above 0, finite");
    expect(() -> row(8, 5, 5, 1, -1), "multiplierMilliwatts is -1.0; allowed: 0 or more, finite");
    expect(() -> new SweepRow.Key(" ", "", "all", "s"), "multiplier is blank; allowed: a text");
    expect(
        () -> new SweepRow.Key("m", "AB".repeat(32), "all", "s"),
        "identity is \"" + "AB".repeat(32) + "\"; allowed: 64 hexadecimal digits, or none at all");
  }

  private static void expect(Runnable wrong, String message) {
    assertThatThrownBy(wrong::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
