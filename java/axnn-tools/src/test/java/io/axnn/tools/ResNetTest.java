package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.tools.testing.Closeness;
import io.axnn.tools.testing.OnnxRuntime;
import io.axnn.tools.testing.PairInserter;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A trained residual network, ResNet-8 for CIFAR-10, against ONNX Runtime. Its images are drawn.
 */
class ResNetTest {
  private static final Path FILE = TestData.model("cifar10-resnet8.onnx");
  private static final int IMAGES = 40;

  private final Tensor images = draw(new Random(20261126));

  private static Tensor draw(Random random) {
    float[] pixels = new float[IMAGES * 3 * 32 * 32];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return Tensor.of(pixels, IMAGES, 3, 32, 32);
  }

  @Test
  void float32LogitsAreThoseOfOnnxRuntime() throws IOException {
    try (Context context = Context.create();
        OnnxRuntime oracle = new OnnxRuntime(Files.readAllBytes(FILE));
        Network network = Model.load(FILE).prepare(context, Settings.of(Arithmetic.float32()))) {
      Tensor expected = oracle.forward(images);
      Tensor actual = network.forward(images);
      assertThat(actual.shape()).containsExactly(IMAGES, 10);
      for (int i = 0; i < IMAGES; i++) {
        Closeness.assertClose(
            actual.slice(i, i + 1).toFloatArray(), expected.slice(i, i + 1).toFloatArray(), 1e-4);
      }
    }
  }

  /** The pairs have the scales that calibration finds, so all sums are the same. */
  @Test
  void aFileOfPairsGivesTheNumbersOfCalibration() throws IOException {
    Model model = Model.load(FILE);
    try (Context context = Context.create();
        Multiplier approximate =
            Multiplier.read(TestData.folder().resolve("golden/luts/mul8s_1L2H.safetensors"));
        Network reference = model.prepare(context, Settings.of(Arithmetic.float32()))) {
      Calibration ranges = reference.calibrate(List.of(images));
      byte[] pairs = PairInserter.insert(Files.readAllBytes(FILE), ranges);
      Model quantized = Model.parse("pairs", pairs);
      Settings settings = Settings.of(Arithmetic.approximate(approximate));
      try (Network calibrated = model.prepare(context, settings.withCalibration(ranges));
          Network ofPairs = quantized.prepare(context, settings)) {
        assertThat(ofPairs.forward(images).toFloatArray())
            .containsExactly(calibrated.forward(images).toFloatArray());
      }
      try (Network ofPairs = quantized.prepare(context, Settings.of(Arithmetic.float32()));
          OnnxRuntime oracle = new OnnxRuntime(pairs, OptLevel.NO_OPT)) {
        assertThat(
                relativeError(
                    ofPairs.forward(images).toFloatArray(), oracle.forward(images).toFloatArray()))
            .as("a few values at a tie take the other code")
            .isLessThan(1e-3);
      }
    }
  }

  @Test
  void everyConvolutionAndTheLastLayerTakeAMultiplier() throws IOException {
    Model model = Model.load(FILE);
    try (Context context = Context.create();
        Multiplier exact =
            Multiplier.read(TestData.folder().resolve("golden/luts/accurate_s8.safetensors"));
        Network reference = model.prepare(context, Settings.of(Arithmetic.float32()));
        Network network =
            model.prepare(
                context,
                Settings.of(Arithmetic.approximate(exact))
                    .withCalibration(reference.calibrate(List.of(images))))) {
      assertThat(network.arithmetics()).hasSize(10).containsValue(Arithmetic.approximate(exact));
      float[] expected = reference.forward(images).toFloatArray();
      float[] actual = network.forward(images).toFloatArray();
      assertThat(relativeError(actual, expected)).isBetween(1e-4, 0.1);
    }
  }

  private static double relativeError(float[] actual, float[] expected) {
    double error = 0;
    double magnitude = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.abs(actual[i] - expected[i]);
      magnitude += Math.abs(expected[i]);
    }
    return error / magnitude;
  }
}
