package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import io.axnn.Context;
import io.axnn.tools.data.DataOptions;
import io.axnn.tools.data.DataSet;
import io.axnn.tools.data.LabelledImages;
import io.axnn.tools.testing.TestData;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole sets that scripts/fetch-data.sh fetches; what was not fetched is skipped. They are read
 * as the networks were trained on them if these reach the accuracy that their README has.
 */
class FetchedSetsTest {

  private static DataSet open(String name, int... input) throws IOException {
    try {
      return DataSet.open(name, DataOptions.forInput(input));
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("scripts/fetch-data.sh " + name);
      return abort(e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({"fashion-mnist, 1, 28, 60000", "mnist, 1, 28, 60000", "cifar10, 3, 32, 50000"})
  void theirPartsAreWhole(String name, int channels, int edge, int trainingImages)
      throws IOException {
    DataSet set = open(name, -1, channels, edge, edge);
    assertThat(set.test().size()).isEqualTo(10_000);
    assertThat(set.training().orElseThrow().size()).isEqualTo(trainingImages);
    assertThat(set.training(300).orElseThrow().size()).isEqualTo(300);
    assertThat(set.classNames()).hasSize(10);
    int[] perClass = new int[10];
    for (LabelledImages.Batch batch : set.test().batches(1000, set.normalization())) {
      batch.labels().forEach(label -> perClass[label]++);
    }
    assertThat(Arrays.stream(perClass).min())
        .as("images of the rarest class")
        .satisfies(least -> assertThat(least.getAsInt()).isGreaterThan(850));
  }

  /** Mean 0 and deviation 1 over the training images is what a normalization is for. */
  @ParameterizedTest
  @CsvSource({"fashion-mnist, 1, 28", "mnist, 1, 28", "cifar10, 3, 32"})
  void theirNormalizationFitsTheirTrainingImages(String name, int channels, int edge)
      throws IOException {
    DataSet set = open(name, -1, channels, edge, edge);
    double[] sum = new double[channels];
    double[] squares = new double[channels];
    int plane = edge * edge;
    LabelledImages training = set.training().orElseThrow();
    for (LabelledImages.Batch batch : training.batches(1000, set.normalization())) {
      float[] values = batch.images().toFloatArray();
      for (int i = 0; i < values.length; i++) {
        sum[i / plane % channels] += values[i];
        squares[i / plane % channels] += values[i] * values[i];
      }
    }
    for (int channel = 0; channel < channels; channel++) {
      double count = (double) training.size() * plane;
      assertThat(sum[channel] / count).isCloseTo(0, within(1e-3));
      assertThat(squares[channel] / count).isCloseTo(1, within(2e-3));
    }
  }

  /** Percent of the 10,000 test images, from testdata/models/README.md. */
  @ParameterizedTest
  @CsvSource({
    "fashion-mnist, fashion-mnist-cnn.onnx, 92.65",
    "cifar10, cifar10-resnet8.onnx, 84.97"
  })
  void networksReachTheAccuracyOfTheReadme(String name, String file, double percent)
      throws IOException {
    Model model = Model.load(TestData.model(file));
    DataSet set = open(name, model.inputShape());
    try (Context context = Context.create();
        Network network = model.prepare(context, Settings.of(Arithmetic.float32()))) {
      Evaluation evaluation =
          Evaluation.of(network, set.test().batches(100, set.normalization()), done -> {});
      assertThat(evaluation.images()).isEqualTo(10_000);
      assertThat(evaluation.accuracyPercent()).isCloseTo(percent, within(0.05));
    }
  }
}
