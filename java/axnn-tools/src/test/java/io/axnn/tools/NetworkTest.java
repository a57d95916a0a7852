package io.axnn.tools;

import static io.axnn.tools.testing.OnnxModelBuilder.integers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axnn.Axnn;
import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.layers.ZeroPointCorrection;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.tools.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Settings, calibration and the life of a network, on models small enough to compute by hand. */
class NetworkTest {
  private static final Settings FLOAT32 = Settings.of(Arithmetic.float32());

  private Context context;
  private Multiplier exact;

  @BeforeEach
  void open() {
    context = Context.create();
    exact = Multiplier.exact();
  }

  @AfterEach
  void close() {
    exact.close();
    context.close();
  }

  /** x -> Sign -> Conv with weights +-2 and +-3, one pixel of padding. */
  private static OnnxModelBuilder signedConv(float... firstWeights) {
    float[] weights = new float[18];
    for (int i = 0; i < 9; i++) {
      weights[i] = firstWeights[i % firstWeights.length];
      weights[9 + i] = i % 2 == 0 ? 3 : -3;
    }
    return new OnnxModelBuilder(-1, 1, 4, 4)
        .constant("w", weights, 2, 1, 3, 3)
        .constant("b", new float[] {0.5f, -1}, 2)
        .node("Sign", List.of("x"), "s")
        .node("Conv", List.of("s", "w", "b"), "y", integers("pads", 1, 1, 1, 1));
  }

  private static Tensor image() {
    float[] pixels = new float[16];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i * 7 % 5 - 1.5f;
    }
    return Tensor.of(pixels, 1, 1, 4, 4);
  }

  @Test
  void aConvolutionOfSignsRunsOnBitsWithZeroPadding() {
    Model model = model(signedConv(2, -2));
    assertThat(model.layers())
        .containsExactly(new LayerInfo("node-y", "Conv", true, List.of(2, 1, 3, 3)));
    try (Network onBits = model.prepare(context, FLOAT32.withBinaryLayers(Arithmetic.binary()));
        Network onFloats = model.prepare(context, FLOAT32)) {
      List<String> values = new ArrayList<>();
      assertThat(onBits.forward(image(), (value, tensor) -> values.add(value)).toFloatArray())
          .containsExactly(onFloats.forward(image()).toFloatArray());
      assertThat(values).as("the Sign is part of the layer").containsExactly("x", "y");
      assertThat(onBits.arithmetics()).containsEntry("node-y", Arithmetic.binary());
    }
  }

  @Test
  void anExactZeroIsTheBitOfPlusOne() {
    Model model = model(signedConv(2));
    Tensor zeros = Tensor.of(new float[16], 1, 1, 4, 4);
    float[] pixels = new float[16];
    Arrays.fill(pixels, 1);
    Tensor ones = Tensor.of(pixels, 1, 1, 4, 4);
    try (Network onBits = model.prepare(context, FLOAT32.withBinaryLayers(Arithmetic.binary()));
        Network onFloats = model.prepare(context, FLOAT32)) {
      assertThat(onBits.forward(zeros).toFloatArray())
          .containsExactly(onFloats.forward(ones).toFloatArray());
      assertThat(onFloats.forward(zeros).toFloatArray()).contains(0.5f, -1f).doesNotContain(18.5f);
    }
  }

  @Test
  void weightsOfTwoMagnitudesOrZeroAreNotBinary() {
    assertThat(model(signedConv(2, -1)).layers().getFirst().binary()).isFalse();
    assertThat(model(signedConv(0)).layers().getFirst().binary()).isFalse();
  }

  @Test
  void eightBitLayersUseTheCalibratedRange() {
    Model model = model(linear());
    Tensor x = Tensor.of(new float[] {127, 1.4f, 0}, 1, 3);
    try (Network floats = model.prepare(context, FLOAT32)) {
      Calibration calibration = floats.calibrate(List.of(x));
      assertThat(calibration.values()).containsExactly("x");
      assertThat(calibration.range("x")).isEqualTo(new Calibration.Range(0, 127));
      Settings settings = Settings.of(Arithmetic.approximate(exact)).withCalibration(calibration);
      try (Network network = model.prepare(context, settings)) {
        // Scale 1, so 1.4 becomes the code 1; weights 127 and 254 have scales 1 and 2.
        assertThat(network.forward(x).toFloatArray())
            .containsExactly(127f * 127 + 127, 254f * 127 + 254);
      }
    }
  }

  /** Each product is 5 too large, so every sum of three is 15 and the zero point's is too. */
  @Test
  void anAffineInputIsCorrectedByExactProductsOrThoseOfTheTable() {
    Model model = model(linear());
    Tensor x = Tensor.of(new float[] {255, 1.4f, 0}, 1, 3);
    try (Network floats = model.prepare(context, FLOAT32);
        Multiplier biased =
            Multiplier.fromFunction("biased", Operand.SIGNED8, Operand.SIGNED8, (a, b) -> a * b + 5)) {
      Calibration calibration = floats.calibrate(List.of(x));
      // Scale 1 and zero point -128; 1.4 becomes the number 1, the weights' codes are 127.
      float[] expected = {127f * 256, 254f * 256};
      for (ZeroPointCorrection correction : ZeroPointCorrection.values()) {
        assertThat(affine(model, calibration, exact, correction, x)).containsExactly(expected);
      }
      assertThat(affine(model, calibration, biased, ZeroPointCorrection.TABLE, x))
          .containsExactly(expected);
      assertThat(affine(model, calibration, biased, ZeroPointCorrection.EXACT, x))
          .containsExactly(127f * 256 + 15, 254f * 256 + 2 * 15);
    }
  }

  private float[] affine(
      Model model,
      Calibration calibration,
      Multiplier multiplier,
      ZeroPointCorrection correction,
      Tensor x) {
    Arithmetic arithmetic =
        Arithmetic.approximate(multiplier).withAffineInput().withZeroPointCorrection(correction);
    Settings settings = Settings.of(arithmetic).withCalibration(calibration);
    try (Network network = model.prepare(context, settings)) {
      return network.forward(x).toFloatArray();
    }
  }

  @Test
  void rangesJoinOverBatches() {
    Model model = model(linear());
    try (Network floats = model.prepare(context, FLOAT32)) {
      Calibration calibration =
          floats.calibrate(
              List.of(
                  Tensor.of(new float[] {1, 2, 3}, 1, 3),
                  Tensor.of(new float[] {-4, 0, 0, 0, 0, 2}, 2, 3)));
      assertThat(calibration.range("x")).isEqualTo(new Calibration.Range(-4, 3));
    }
  }

  private static OnnxModelBuilder linear() {
    return new OnnxModelBuilder(-1, 3)
        .constant("w", new float[] {127, 254, 127, 254, 127, 254}, 3, 2)
        .node("Gemm", List.of("x", "w"), "y");
  }

  @Test
  void calibrationRefusesNothingAndNotFinite() {
    Model model = model(linear());
    try (Network network = model.prepare(context, FLOAT32)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> network.calibrate(List.of()))
          .withMessageContaining("at least one image");
      Calibration endless =
          network.calibrate(List.of(Tensor.of(new float[] {0, Float.POSITIVE_INFINITY, 0}, 1, 3)));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  model.prepare(
                      context, Settings.of(Arithmetic.approximate(exact)).withCalibration(endless)))
          .withMessageContaining("'x'")
          .withMessageContaining("Infinity");
    }
  }

  @Test
  void settingsThatDoNotFitTheModelAreRefused() {
    Model model = model(linear());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.prepare(context, FLOAT32.withLayer("nobody", Arithmetic.float32())))
        .withMessageContaining("'nobody'")
        .withMessageContaining("node-y");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.prepare(context, FLOAT32.withLayer("node-y", Arithmetic.binary())))
        .withMessageContaining("node-y")
        .withMessageContaining("binary");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.prepare(context, Settings.of(Arithmetic.approximate(exact))))
        .withMessageContaining("node-y")
        .withMessageContaining("withCalibration");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Settings.of(Arithmetic.binary()))
        .withMessageContaining("withBinaryLayers");
  }

  @Test
  void nothingNativeIsLeftWhenPreparationFails() {
    Model model =
        model(
            new OnnxModelBuilder(-1, 3)
                .constant("w", new float[9], 3, 3)
                .node("Gemm", List.of("x", "w"), "a")
                .node("Gemm", List.of("a", "w"), "y"));
    long before = Axnn.liveHandles();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.prepare(context, FLOAT32.withLayer("node-y", Arithmetic.binary())));
    assertThat(Axnn.liveHandles()).isEqualTo(before);
  }

  @Test
  void inputsThatDoNotFitAreRefused() {
    try (Network network = model(linear()).prepare(context, FLOAT32)) {
      for (Tensor x :
          List.of(
              Tensor.allocate(DataType.FLOAT32, 2, 4),
              Tensor.allocate(DataType.FLOAT32, 3),
              Tensor.allocate(DataType.INT32, 2, 3))) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> network.forward(x))
            .withMessageContaining("FLOAT32 [-1, 3]");
      }
    }
  }

  @Test
  void anImageOnWhichTheKernelDoesNotFitIsRefusedByNode() {
    Model model =
        model(
            new OnnxModelBuilder(-1, 1, -1, -1)
                .constant("w", new float[] {1, 1, 1, 1}, 1, 1, 2, 2)
                .node("Conv", List.of("x", "w"), "y"));
    try (Network network = model.prepare(context, FLOAT32)) {
      assertThat(network.forward(Tensor.allocate(DataType.FLOAT32, 1, 1, 2, 3)).shape())
          .containsExactly(1, 1, 1, 2);
      assertThatThrownBy(() -> network.forward(Tensor.allocate(DataType.FLOAT32, 1, 1, 1, 3)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("node-y");
    }
  }

  @Test
  void closeMayBeCalledTwiceAndEndsUse() {
    long before = Axnn.liveHandles();
    Network network = model(signedConv(2, -2)).prepare(context, FLOAT32);
    network.close();
    network.close();
    assertThat(Axnn.liveHandles()).isEqualTo(before);
    assertThatIllegalStateException().isThrownBy(() -> network.forward(image()));
  }

  @Test
  void manyThreadsAndBatchSizesGiveTheSameNumbers() throws Exception {
    Model model = model(signedConv(2, -2));
    try (Network network = model.prepare(context, FLOAT32.withBinaryLayers(Arithmetic.binary()));
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      float[] expected = network.forward(image()).toFloatArray();
      List<Future<Tensor>> results = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        int batch = 1 + i % 5;
        Callable<Tensor> call = () -> network.forward(repeated(image(), batch));
        results.add(threads.submit(call));
      }
      for (Future<Tensor> result : results) {
        Tensor y = result.get();
        for (int image = 0; image < y.dimension(0); image++) {
          assertThat(y.slice(image, image + 1).toFloatArray()).containsExactly(expected);
        }
      }
    }
  }

  private static Tensor repeated(Tensor image, int times) {
    Tensor batch = Tensor.allocate(DataType.FLOAT32, times, 1, 4, 4);
    for (int i = 0; i < times; i++) {
      batch.slice(i, i + 1).copyFrom(image.toFloatArray());
    }
    return batch;
  }

  private static Model model(OnnxModelBuilder builder) {
    return Model.parse("test", builder.toBytes());
  }
}
