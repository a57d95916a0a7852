package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.axnn.Axnn;
import io.axnn.Context;
import io.axnn.tools.data.DataOptions;
import io.axnn.tools.data.DataSet;
import io.axnn.tools.data.LabelledImages;
import io.axnn.tools.testing.OnnxModelBuilder;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trained network and images of the checkout. */
class ExperimentTest {
  private static final Settings FLOAT32 = Settings.of(Arithmetic.float32());
  private static final Settings QUANTIZED = Settings.of(Arithmetic.quantized());

  private Context context;
  private Model model;
  private DataSet set;

  @BeforeEach
  void open() throws IOException {
    context = Context.create();
    model = Model.load(TestData.model("fashion-mnist-cnn.onnx"));
    set =
        DataSet.open(
            TestData.folder().resolve("fashion-mnist").toString(),
            DataOptions.forInput(model.inputShape()));
  }

  @AfterEach
  void close() {
    context.close();
  }

  private Experiment experiment(int images, Optional<LabelledImages> forRanges, int batchSize)
      throws IOException {
    return new Experiment(
        model,
        context,
        set.test(images),
        forRanges,
        set.normalization(),
        batchSize,
        CalibrationMethod.MIN_MAX);
  }

  @Test
  void batchesDoNotChangeAccuracy() throws IOException {
    List<Evaluation> evaluations = new ArrayList<>();
    for (int batchSize : new int[] {1, 32, 200}) {
      Experiment experiment = experiment(90, set.training(50), batchSize);
      List<Integer> progress = new ArrayList<>();
      evaluations.add(experiment.evaluate(QUANTIZED, progress::add));
      assertThat(progress).hasSize(Math.ceilDiv(90, batchSize)).endsWith(90);
    }
    assertThat(evaluations.stream().map(Evaluation::classes).distinct()).hasSize(1);
    assertThat(evaluations.getFirst().images()).isEqualTo(90);
    assertThat(evaluations.getFirst().accuracyPercent()).isBetween(85.0, 100.0);
  }

  @Test
  void partsAddUp() throws IOException {
    Experiment all = experiment(100, set.training(50), 30);
    int correct =
        all.ofImages(0, 40).evaluate(QUANTIZED, done -> {}).correct()
            + all.ofImages(40, 60).evaluate(QUANTIZED, done -> {}).correct();
    assertThat(all.evaluate(QUANTIZED, done -> {}).correct()).isEqualTo(correct);
    assertThat(all.ofImages(40, 60).images()).isEqualTo(60);
    assertThat(all.opCounts()).containsEntry("/11/Conv", 1_806_336L).hasSize(5);
    assertThatIllegalArgumentException().isThrownBy(() -> all.ofImages(40, 61));
  }

  /** The mean of the upper half of an image against that of the lower half. */
  @Test
  void aNetworkOfVectorsGetsRows() throws IOException {
    float[] weights = new float[2 * 784];
    for (int i = 0; i < 784; i++) {
      weights[i < 392 ? i : 784 + i] = 1f / 392;
    }
    OnnxModelBuilder linear =
        new OnnxModelBuilder(-1, 784)
            .constant("w", weights, 2, 784)
            .node("Gemm", List.of("x", "w"), "y", OnnxModelBuilder.integer("transB", 1));
    model = Model.parse("linear", linear.toBytes());
    Experiment experiment = experiment(30, set.training(20), 30);
    assertThat(experiment.opCounts()).containsExactly(Map.entry("node-y", 1568L));
    try (Network network = experiment.prepare(QUANTIZED)) {
      assertThat(experiment.profile(network)).hasSize(1);
    }
    // Labels above 1 are none of two classes.
    assertThatIllegalArgumentException()
        .isThrownBy(() -> experiment.evaluate(QUANTIZED, done -> {}))
        .withMessageContaining("2 classes");
  }

  @Test
  void rangesAreFoundOnceForAllParts() throws IOException {
    Experiment all = experiment(30, set.training(20), 30);
    Experiment before = all.ofImages(0, 10);
    Calibration calibration = all.calibration();
    assertThat(calibration.values()).hasSize(5);
    assertThat(all.calibration()).isSameAs(calibration);
    assertThat(before.calibration()).isSameAs(calibration);
    assertThat(before.ofImages(2, 3).calibration()).isSameAs(calibration);
    // They are those of the calibration images, by the method.
    try (Network floats = model.prepare(context, FLOAT32)) {
      LabelledImages images = set.training(20).orElseThrow();
      Calibration expected =
          floats.calibrate(
              List.of(images.batches(20, set.normalization()).getFirst().images()),
              CalibrationMethod.MIN_MAX);
      for (String value : expected.values()) {
        assertThat(calibration.range(value)).isEqualTo(expected.range(value));
      }
    }
  }

  /** Images that cannot give ranges are looked at when ranges are needed, no earlier. */
  @Test
  void floatsAreNotCalibrated(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("color.bin"), new byte[1 + 3 * 32 * 32]);
    Optional<LabelledImages> color = Optional.of(LabelledImages.readCifar10(List.of(file)));
    Experiment experiment = experiment(20, color, 20);
    assertThat(experiment.evaluate(FLOAT32, done -> {}).images()).isEqualTo(20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> experiment.evaluate(QUANTIZED, done -> {}))
        .withMessageContaining("[1, 3, 32, 32]");
  }

  /** The layer's scales are in the file. */
  @Test
  void aQuantisedNetworkNeedsNoRanges() throws IOException {
    float[] weights = new float[10 * 784];
    Arrays.fill(weights, 0.5f);
    OnnxModelBuilder linear =
        new OnnxModelBuilder(-1, 784)
            .constant("w", weights, 784, 10)
            .constant("scale", new float[] {0.02f})
            .codes("zero", TensorProto.DataType.UINT8, new int[] {100})
            .node("QuantizeLinear", List.of("x", "scale", "zero"), "q")
            .node("DequantizeLinear", List.of("q", "scale", "zero"), "d")
            .node("MatMul", List.of("d", "w"), "y");
    model = Model.parse("linear", linear.toBytes());
    Experiment experiment = experiment(20, Optional.empty(), 20);
    assertThat(experiment.evaluate(QUANTIZED, done -> {}).images()).isEqualTo(20);
  }

  @Test
  void onlyCodesNeedRanges() throws IOException {
    long handles = Axnn.liveHandles();
    Experiment experiment = experiment(20, Optional.empty(), 20);
    assertThat(experiment.evaluate(FLOAT32, done -> {}).images()).isEqualTo(20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> experiment.evaluate(QUANTIZED, done -> {}))
        .withMessageContaining("calibrationImages is empty");
    assertThat(Axnn.liveHandles()).isEqualTo(handles);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> experiment(20, Optional.empty(), 0))
        .withMessageContaining("batchSize is 0");
  }
}
