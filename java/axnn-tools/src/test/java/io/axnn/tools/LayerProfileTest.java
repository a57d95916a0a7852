package io.axnn.tools;

import static io.axnn.tools.testing.OnnxModelBuilder.integer;
import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.layers.ApproxLinear;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.quant.Quantization;
import io.axnn.tools.testing.OnnxModelBuilder;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is known of layers: counts by hand, errors of a multiplier that is always 5 too high. */
class LayerProfileTest {
  /** 4 channels to 6 in two groups, 3x3 with stride 2 and padding: 6 x 5 x 4 from 9 x 7 pixels. */
  private static Model convolution() {
    return convolution(new float[6 * 2 * 9]);
  }

  private static Model convolution(float[] filters) {
    return Model.parse(
        "convolution",
        new OnnxModelBuilder(-1, 4, 9, 7)
            .constant("w", filters, 6, 2, 3, 3)
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

  /** A channel alone in its group, one number a pixel. */
  @Test
  void depthwiseProductsAreCounted() {
    Model model =
        Model.parse(
            "depthwise",
            new OnnxModelBuilder(-1, 3, -1, -1)
                .constant("w", new float[3 * 2], 3, 1, 1, 2)
                .node("Conv", List.of("x", "w"), "y", integer("group", 3))
                .toBytes());
    assertThat(model.layers().getFirst().fanIn()).isEqualTo(2);
    assertThat(model.opCounts(3, 5, 4)).containsExactly(Map.entry("node-y", 3L * 5 * 3 * 2));
    assertThat(model.opCounts(3, 1, 2)).containsExactly(Map.entry("node-y", 3L * 2));
  }

  @Test
  void imagesThatDoNotFitHaveNoCounts() {
    Model model = convolution();
    for (int[] shape : new int[][] {{}, {4}, {4, 9, 7, 1}, {3, 9, 7}, {4, 0, 7}, {4, 9, -1}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.opCounts(shape))
          .withMessageContaining(Arrays.toString(shape))
          .withMessageContaining("[4, 9, 7]");
    }
    Model open =
        Model.parse(
            "open",
            new OnnxModelBuilder(-1, 1, -1, -1)
                .constant("w", new float[4], 1, 1, 2, 2)
                .node("Conv", List.of("x", "w"), "y")
                .toBytes());
    assertThatThrownBy(() -> open.opCounts(1, 1, 5))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("node-y");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open.opCounts(1, 0, 5))
        .withMessageContaining("[1, -1, -1]");
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
        assertThat(profile.kernel()).isEqualTo(explained(context, high));
        assertThat(profile.timePerImage()).isPositive();
        // Two products too high by 5, at scales 1 and 2, of sums 127 * 127, 127 * 120, 127 * 2.
        double sums = 127 * (127 + 120 + 2);
        assertThat(profile.meanErrorPercent()).isCloseTo(100 * 3 * 10 / sums, within(1e-4));
        assertThat(profile.maxErrorPercent()).isCloseTo(100 * 20 / (254.0 * 127), within(1e-4));
      }
      LayerProfile exact = floats.profile(List.of(x)).getFirst();
      assertThat(exact.meanErrorPercent()).isNaN();
      assertThat(exact.maxErrorPercent()).isNaN();
      assertThat(exact.opCount()).isEqualTo(4);
      assertThat(exact.arithmetic()).isEqualTo(Arithmetic.float32());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> floats.profile(List.of()))
          .withMessageContaining("at least one image");
    }
  }

  /** What the layer itself says of such a batch. */
  private static String explained(Context context, Multiplier multiplier) {
    try (ApproxLinear layer =
        ApproxLinear.builder(context, Tensor.of(new float[] {127, 127, 254, 254}, 2, 2), null)
            .multiplier(multiplier)
            .inputQuantization(Quantization.unsigned7(1))
            .build()) {
      return layer.explain(3, 2);
    }
  }

  /** Every output of a convolution has 18 products too high by 5, padded ones too. */
  @Test
  void errorsOfAConvolutionAreThoseOfItsProducts() {
    Random random = new Random(5);
    float[] filters = new float[6 * 2 * 9];
    float[] x = new float[2 * 4 * 9 * 7];
    for (int i = 0; i < filters.length; i++) {
      // The first of each channel makes the scale 1.
      filters[i] = i % 18 == 0 ? 127 : random.nextInt(-127, 128);
    }
    for (int i = 0; i < x.length; i++) {
      x[i] = i == 0 ? 127 : random.nextInt(128);
    }
    Model model = convolution(filters);
    Tensor images = Tensor.of(x, 2, 4, 9, 7);
    try (Context context = Context.create();
        Multiplier high =
            Multiplier.fromFunction("high", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b + 5);
        Network floats = model.prepare(context, Settings.of(Arithmetic.float32()))) {
      Settings settings =
          Settings.of(Arithmetic.float32())
              .withLayer("node-c", Arithmetic.approximate(high))
              .withCalibration(floats.calibrate(List.of(images)));
      // Numbers are codes, so the floats are the exact sums.
      List<Double> sums = new ArrayList<>();
      floats.forward(
          images,
          (value, tensor) -> {
            if (value.equals("c")) {
              for (float sum : tensor.toFloatArray()) {
                sums.add((double) Math.abs(sum));
              }
            }
          });
      try (Network network = model.prepare(context, settings)) {
        List<LayerProfile> profiles = network.profile(List.of(images));
        double mean = sums.stream().mapToDouble(sum -> sum).average().orElseThrow();
        double largest = sums.stream().mapToDouble(sum -> sum).max().orElseThrow();
        assertThat(profiles.getFirst().meanErrorPercent())
            .isCloseTo(100 * 18 * 5 / mean, within(1e-9));
        assertThat(profiles.getFirst().maxErrorPercent())
            .isCloseTo(100 * 18 * 5 / largest, within(1e-9));
        assertThat(profiles.getLast().meanErrorPercent()).isNaN();
      }
    }
  }

  /** Exact sums of nothing but zeros are no measure of an error. */
  @Test
  void anErrorBesideZerosIsInfinite() {
    Model model = linear();
    Tensor x = Tensor.of(new float[] {0, 0}, 1, 2);
    try (Context context = Context.create();
        Multiplier high =
            Multiplier.fromFunction("high", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b + 5);
        Network floats = model.prepare(context, Settings.of(Arithmetic.float32()));
        Network network =
            model.prepare(
                context,
                Settings.of(Arithmetic.approximate(high))
                    .withCalibration(floats.calibrate(List.of(x))));
        Network exact =
            model.prepare(
                context,
                Settings.of(Arithmetic.quantized())
                    .withCalibration(floats.calibrate(List.of(x))))) {
      assertThat(network.profile(List.of(x)).getFirst().meanErrorPercent())
          .isEqualTo(Double.POSITIVE_INFINITY);
      assertThat(exact.profile(List.of(x)).getFirst().maxErrorPercent()).isZero();
    }
  }

  @Test
  void layersOnBitsHaveNoErrorAndTheirOwnKernel() throws IOException {
    Model model = Model.load(TestData.model("fashion-mnist-bnn.onnx"));
    Settings settings =
        Settings.of(Arithmetic.float32())
            .withBinaryLayers(Arithmetic.binary().withBitsBetweenLayers());
    try (Context context = Context.create();
        Network network = model.prepare(context, settings)) {
      List<LayerProfile> profiles =
          network.profile(List.of(Tensor.allocate(DataType.FLOAT32, 4, 1, 28, 28)));
      assertThat(profiles.stream().map(LayerProfile::layer)).isEqualTo(model.layers());
      assertThat(profiles).filteredOn(profile -> profile.layer().binary()).hasSize(3);
      Map<String, Long> counts = model.opCounts(1, 28, 28);
      for (LayerProfile profile : profiles) {
        assertThat(profile.meanErrorPercent()).isNaN();
        assertThat(profile.maxErrorPercent()).isNaN();
        assertThat(profile.opCount()).isEqualTo(counts.get(profile.layer().name()));
        assertThat(profile.kernel().contains("binary")).isEqualTo(profile.layer().binary());
      }
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
