package io.axnn.tools;

import static io.axnn.tools.testing.OnnxModelBuilder.integer;
import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.tools.testing.OnnxModelBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is known of layers: counts by hand, errors of a multiplier that is always 5 too high. */
class LayerProfileTest {
  /** 4 channels to 6 in two groups, 3x3 with stride 2 and padding: 6 x 5 x 4 from 9 x 7 pixels. */
  private static Model convolution() {
    return Model.parse(
        "convolution",
        new OnnxModelBuilder(-1, 4, 9, 7)
            .constant("w", new float[6 * 2 * 9], 6, 2, 3, 3)
            .constant("v", new float[120 * 10], 120, 10)
            .node(
                "Conv",
                List.of("x", "w"),
                "c",
                integer("group", 2),
                integers("strides", 2, 2),
                integers("pads", 1, 1, 1, 1))
            .node("Flatten", List.of("c"), "f")
            .node("Gemm", List.of("f", "v"), "y")
            .toBytes());
  }

  @Test
  void productsAndFanInAreCounted() {
    Model model = convolution();
    assertThat(model.opCounts(4, 9, 7))
        .containsExactly(Map.entry("node-c", 6L * 5 * 4 * 18), Map.entry("node-y", 1200L));
    assertThat(model.layers().stream().map(LayerInfo::fanIn)).containsExactly(18, 120);
  }

  private static Model linear() {
    return Model.parse(
        "linear",
        new OnnxModelBuilder(-1, 2)
            .constant("w", new float[] {127, 254, 127, 254}, 2, 2)
            .node("Gemm", List.of("x", "w"), "y")
            .toBytes());
  }

  @Test
  void errorsAreThoseAgainstExactProductsOfTheSameCodes() {
    Model model = linear();
    // Codes are the numbers; the outputs are 127 (a + b) and 254 (a + b).
    Tensor x = Tensor.of(new float[] {127, 0, 100, 20, 1, 1}, 3, 2);
    try (Context context = Context.create();
        Multiplier high =
            Multiplier.fromFunction("high", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b + 5);
        Network floats = model.prepare(context, Settings.of(Arithmetic.float32()))) {
      Calibration calibration = floats.calibrate(List.of(x));
      Settings settings = Settings.of(Arithmetic.approximate(high)).withCalibration(calibration);
      try (Network network = model.prepare(context, settings)) {
        List<LayerProfile> profiles = network.profile(List.of(x, x));
        assertThat(profiles).hasSize(1);
        LayerProfile profile = profiles.getFirst();
        assertThat(profile.layer()).isEqualTo(model.layers().getFirst());
        assertThat(profile.arithmetic()).isEqualTo(Arithmetic.approximate(high));
        assertThat(profile.opCount()).isEqualTo(4);
        assertThat(profile.kernel()).contains("M/K/N");
        assertThat(profile.timePerImage()).isPositive();
        // Two products too high by 5, at scales 1 and 2, of sums 127 * 127, 127 * 120, 127 * 2.
        double sums = 127 * (127 + 120 + 2);
        assertThat(profile.meanErrorPercent()).isCloseTo(100 * 3 * 10 / sums, within(1e-4));
        assertThat(profile.maxErrorPercent()).isCloseTo(100 * 20 / (254.0 * 127), within(1e-4));
      }
      assertThat(floats.profile(List.of(x)).getFirst().meanErrorPercent()).isNaN();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> floats.profile(List.of()))
          .withMessageContaining("at least one image");
    }
  }

  @Test
  void exactProductsAreComparedWithFloats() {
    Model model = linear();
    Tensor x = Tensor.of(new float[] {127, 0.4f}, 1, 2);
    try (Context context = Context.create();
        Network floats = model.prepare(context, Settings.of(Arithmetic.float32()));
        Network network =
            model.prepare(
                context,
                Settings.of(Arithmetic.quantized())
                    .withCalibration(floats.calibrate(List.of(x))))) {
      // 0.4 becomes 0.
      assertThat(network.profile(List.of(x)).getFirst().meanErrorPercent())
          .isCloseTo(100 * 0.4 / 127.4, within(1e-4));
    }
  }
}
