package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.layers.ZeroPointCorrection;
import io.axnn.multiplier.EvoApprox;
import io.axnn.multiplier.Multiplier;
import io.axnn.tools.data.DataOptions;
import io.axnn.tools.data.DataSet;
import io.axnn.tools.data.LabelledImages;
import io.axnn.tools.testing.Closeness;
import io.axnn.tools.testing.OnnxRuntime;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two trained networks on real images: against ONNX Runtime, their labels and their README. */
class FashionMnistNetworksTest {
  private static final String CNN = "fashion-mnist-cnn.onnx";
  private static final String BNN = "fashion-mnist-bnn.onnx";
  private static final Settings FLOAT32 = Settings.of(Arithmetic.float32());
  private static final Settings BITS = FLOAT32.withBinaryLayers(Arithmetic.binary());

  private static Context context;
  private static List<LabelledImages.Batch> test;

  @BeforeAll
  static void open() throws IOException {
    context = Context.create();
    test = batches(images().test());
  }

  @AfterAll
  static void close() {
    context.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {CNN, BNN})
  void float32LogitsAreThoseOfOnnxRuntime(String file) throws IOException {
    Tensor images = test.getFirst().images();
    assertThat(images.dimension(0)).isEqualTo(100);
    try (OnnxRuntime oracle = new OnnxRuntime(Files.readAllBytes(TestData.model(file)));
        Network network = load(file).prepare(context, FLOAT32)) {
      Tensor expected = oracle.forward(images);
      Tensor actual = network.forward(images);
      assertThat(actual.shape()).containsExactly(100, 10);
      for (int i = 0; i < 100; i++) {
        Closeness.assertClose(
            actual.slice(i, i + 1).toFloatArray(), expected.slice(i, i + 1).toFloatArray(), 1e-4);
      }
    }
  }

  @Test
  void exactProductsInEightBitsKeepTheAccuracy() throws IOException {
    Model model = load(CNN);
    try (Network exact = model.prepare(context, FLOAT32);
        Multiplier multiplier =
            Multiplier.read(TestData.folder().resolve("golden/luts/accurate_s8.safetensors"));
        Network eightBit =
            model.prepare(
                context,
                Settings.of(Arithmetic.approximate(multiplier))
                    .withCalibration(calibrate(exact)))) {
      assertThat(eightBit.arithmetics())
          .hasSize(5)
          .containsValue(Arithmetic.approximate(multiplier));
      assertThat(accuracy(eightBit, test)).isCloseTo(accuracy(exact, test), within(1.0));
    }
  }

  @Test
  void aCrudeMultiplierHarms() throws IOException {
    Model model = load(CNN);
    try (Network exact = model.prepare(context, FLOAT32);
        Multiplier crude =
            Multiplier.read(TestData.folder().resolve("golden/luts/mul8u_JV3.safetensors"))) {
      Settings one =
          FLOAT32
              .withCalibration(calibrate(exact))
              .withLayer(model.layers().getLast().name(), Arithmetic.approximate(crude));
      Settings all = Settings.of(Arithmetic.approximate(crude)).withCalibration(calibrate(exact));
      try (Network oneLayer = model.prepare(context, one);
          Network allLayers = model.prepare(context, all)) {
        double harmOfOne = accuracy(exact, test) - accuracy(oneLayer, test);
        double harmOfAll = accuracy(exact, test) - accuracy(allLayers, test);
        assertThat(harmOfAll).isGreaterThan(20).isGreaterThan(harmOfOne);
      }
    }
  }

  /**
   * Most activations are zero, so a multiplier's error at the zero point is in nearly every sum.
   */
  @Test
  void theTablesOwnProductsKeepTheAccuracyOfAnAffineNetwork() throws IOException {
    Model model = load(CNN);
    try (Network exact = model.prepare(context, FLOAT32);
        Multiplier multiplier =
            Multiplier.read(TestData.folder().resolve("golden/luts/mul8s_1L2H.safetensors"))) {
      Calibration calibration = calibrate(exact);
      Map<ZeroPointCorrection, Double> accuracy = new EnumMap<>(ZeroPointCorrection.class);
      for (ZeroPointCorrection correction : ZeroPointCorrection.values()) {
        Arithmetic affine =
            Arithmetic.approximate(multiplier)
                .withAffineInput()
                .withZeroPointCorrection(correction);
        try (Network network =
            model.prepare(context, Settings.of(affine).withCalibration(calibration))) {
          accuracy.put(correction, accuracy(network, test));
        }
      }
      assertThat(accuracy.get(ZeroPointCorrection.TABLE))
          .isCloseTo(accuracy(exact, test), within(2.0))
          .isGreaterThan(accuracy.get(ZeroPointCorrection.EXACT) + 10);
    }
  }

  /** Errors of a good multiplier do what noise of their size does. */
  @ParameterizedTest
  @ValueSource(strings = {"1KVA", "1KX2", "1KRC"})
  void noiseIsNearTheMultiplierThatItModels(String name) throws IOException {
    Model model = load(CNN);
    try (Network floats = model.prepare(context, FLOAT32);
        Multiplier multiplier = EvoApprox.mul8s(name, EvoApprox.Version.MASTER)) {
      Arithmetic.Approximate approximate = Arithmetic.approximate(multiplier);
      Calibration calibration = calibrate(floats);
      try (Network exact = prepare(model, approximate.exact(), calibration);
          Network itself = prepare(model, approximate, calibration);
          Network noise = prepare(model, approximate.asNoise(1), calibration);
          Network again = prepare(model, approximate.asNoise(1), calibration);
          Network other = prepare(model, approximate.asNoise(2), calibration)) {
        Tensor images = test.getFirst().images();
        float[] logits = noise.forward(images).toFloatArray();
        assertThat(again.forward(images).toFloatArray()).containsExactly(logits);
        assertThat(other.forward(images).toFloatArray()).isNotEqualTo(logits);
        double real = distance(exact, itself);
        for (Network modelled : List.of(noise, other)) {
          assertThat(accuracy(modelled, test)).isCloseTo(accuracy(itself, test), within(1.5));
          assertThat(distance(exact, modelled)).isBetween(real / 1.4, real * 1.4);
        }
      }
    }
  }

  private static Network prepare(Model model, Arithmetic arithmetic, Calibration calibration) {
    return model.prepare(context, Settings.of(arithmetic).withCalibration(calibration));
  }

  /** The root of the mean square distance of the logits. */
  private static double distance(Network one, Network other) {
    double squares = 0;
    long count = 0;
    for (LabelledImages.Batch batch : test) {
      float[] a = one.forward(batch.images()).toFloatArray();
      float[] b = other.forward(batch.images()).toFloatArray();
      for (int i = 0; i < a.length; i++) {
        squares += (a[i] - b[i]) * (a[i] - b[i]);
      }
      count += a.length;
    }
    return Math.sqrt(squares / count);
  }

  @Test
  void bitsPredictWhatOnnxRuntimePredicts() throws IOException {
    Model model = load(BNN);
    int same = 0;
    try (OnnxRuntime oracle = new OnnxRuntime(Files.readAllBytes(TestData.model(BNN)));
        Network network = model.prepare(context, BITS)) {
      assertThat(network.arithmetics().values())
          .filteredOn(Arithmetic.binary()::equals)
          .as("layers on bits")
          .hasSize(3);
      for (LabelledImages.Batch batch : test) {
        List<Integer> expected = Evaluation.predictions(oracle.forward(batch.images()));
        List<Integer> actual = Evaluation.predictions(network.forward(batch.images()));
        for (int i = 0; i < actual.size(); i++) {
          if (actual.get(i).equals(expected.get(i))) {
            same++;
          }
        }
      }
    }
    assertThat(same).isBetween(995, 1000);
  }

  @Test
  void bitsBetweenLayersGiveTheLogitsOfFloatsBetweenThem() throws IOException {
    Model model = load(BNN);
    Settings between = FLOAT32.withBinaryLayers(Arithmetic.binary().withBitsBetweenLayers());
    try (Network floats = model.prepare(context, BITS);
        Network bits = model.prepare(context, between)) {
      List<String> values = new ArrayList<>();
      bits.forward(test.getFirst().images(), (value, tensor) -> values.add(value));
      // Input, the first convolution, and from the last binary one on: itself, pooling, batch norm,
      // flattening, classes.
      assertThat(values).as("values made of floats").hasSize(7);
      for (LabelledImages.Batch batch : test) {
        assertThat(bits.forward(batch.images()).toFloatArray())
            .containsExactly(floats.forward(batch.images()).toFloatArray());
      }
    }
  }

  /** Sign makes 0 of an exact zero and a bit +1, so bits stand or fall with how rare zeros are. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void exactZerosHardlyEverReachASign(boolean onBits) throws IOException {
    Model model = load(BNN);
    ZeroCounter zeros = new ZeroCounter(model);
    try (Network network = model.prepare(context, onBits ? BITS : FLOAT32)) {
      for (LabelledImages.Batch batch : test) {
        network.forward(batch.images(), zeros);
      }
    }
    // Three Signs, on 64 x 14 x 14, 128 x 7 x 7 and 128 x 7 x 7 values an image.
    assertThat(zeros.total()).isEqualTo(1000L * (64 * 14 * 14 + 2 * 128 * 7 * 7));
    assertThat(zeros.zeros()).isLessThan(zeros.total() / 1_000_000);
    System.out.printf("Exact zeros that reached a Sign: %d of %d%n", zeros.zeros(), zeros.total());
  }

  @Test
  void theZeroCounterCounts() throws IOException {
    Model model = load(BNN);
    ZeroCounter zeros = new ZeroCounter(model);
    String value = model.signInputs().iterator().next();
    zeros.observe(value, Tensor.of(new float[] {0f, -0f, 1f, Float.MIN_VALUE}, 4));
    zeros.observe("another value", Tensor.of(new float[] {0f}, 1));
    assertThat(zeros.zeros()).isEqualTo(2);
    assertThat(zeros.total()).isEqualTo(4);
  }

  private static double accuracy(Network network, List<LabelledImages.Batch> batches) {
    return Evaluation.of(network, batches, done -> {}).accuracyPercent();
  }

  private static Calibration calibrate(Network network) throws IOException {
    List<Tensor> images = new ArrayList<>();
    batches(images().training().orElseThrow()).forEach(batch -> images.add(batch.images()));
    return network.calibrate(images);
  }

  private static DataSet images() throws IOException {
    String folder = TestData.folder().resolve("fashion-mnist").toString();
    return DataSet.open(folder, DataOptions.forInput(-1, 1, 28, 28));
  }

  private static List<LabelledImages.Batch> batches(LabelledImages images) throws IOException {
    return images.batches(100, images().normalization());
  }

  private static Model load(String file) throws IOException {
    return Model.load(TestData.model(file));
  }
}
