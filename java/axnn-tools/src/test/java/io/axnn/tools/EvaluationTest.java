package io.axnn.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.tools.data.LabelledImages;
import io.axnn.tools.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Accuracy against sorting, on a network that gives back what it gets. */
class EvaluationTest {
  private static final int CLASSES = 8;

  private static Evaluation evaluate(List<LabelledImages.Batch> batches, List<Integer> progress) {
    Model model =
        Model.parse(
            "identity",
            new OnnxModelBuilder(-1, CLASSES).node("Identity", List.of("x"), "y").toBytes());
    try (Context context = Context.create();
        Network network = model.prepare(context, Settings.of(Arithmetic.float32()))) {
      return Evaluation.of(network, batches, progress::add);
    }
  }

  @Test
  void ranksAreThoseOfSortingStably() {
    Random random = new Random(3);
    List<LabelledImages.Batch> batches = new ArrayList<>();
    int[] images = new int[CLASSES];
    int[] correct = new int[CLASSES];
    int top5 = 0;
    for (int size : new int[] {40, 40, 13}) {
      float[] logits = new float[size * CLASSES];
      List<Integer> labels = new ArrayList<>();
      List<Integer> predictions = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        for (int c = 0; c < CLASSES; c++) {
          // Ties, often; a NaN among some.
          logits[i * CLASSES + c] = random.nextInt(20) == 0 ? Float.NaN : random.nextInt(5);
        }
        int label = random.nextInt(CLASSES - 1); // no image of the last class
        labels.add(label);
        int row = i * CLASSES;
        List<Integer> sorted =
            IntStream.range(0, CLASSES)
                .boxed()
                .filter(c -> !Float.isNaN(logits[row + c]))
                .sorted(Comparator.comparingDouble(c -> -logits[row + c]))
                .toList();
        predictions.add(sorted.getFirst());
        images[label]++;
        correct[label] += sorted.getFirst() == label ? 1 : 0;
        top5 += sorted.contains(label) && sorted.indexOf(label) < 5 ? 1 : 0;
      }
      Tensor outputs = Tensor.of(logits, size, CLASSES);
      assertThat(Evaluation.predictions(outputs)).isEqualTo(predictions);
      batches.add(new LabelledImages.Batch(outputs, labels));
    }
    List<Integer> progress = new ArrayList<>();
    Evaluation evaluation = evaluate(batches, progress);
    assertThat(progress).containsExactly(40, 80, 93);
    assertThat(evaluation.images()).isEqualTo(93);
    assertThat(evaluation.correct()).isEqualTo(IntStream.of(correct).sum());
    assertThat(evaluation.correctTop5()).isEqualTo(top5);
    for (int c = 0; c < CLASSES; c++) {
      assertThat(evaluation.classes().get(c))
          .isEqualTo(new Evaluation.OfClass(images[c], correct[c]));
    }
    assertThat(evaluation.accuracyPercent()).isEqualTo(100.0 * evaluation.correct() / 93);
    assertThat(evaluation.classes().getLast().accuracyPercent()).isNaN();
    assertThat(evaluation.imagesPerSecond()).isPositive();
  }

  @Test
  void nanIsNeverTheBest() {
    Tensor logits =
        Tensor.of(
            new float[] {
              Float.NaN, 1, 2, 3, 4, 5, 6, 7,
              Float.NaN, -1, -2, -3, -4, -5, -6, -7
            },
            2,
            CLASSES);
    Evaluation evaluation =
        evaluate(List.of(new LabelledImages.Batch(logits, List.of(0, 1))), new ArrayList<>());
    assertThat(evaluation.correct()).isEqualTo(1);
    assertThat(evaluation.correctTop5()).isEqualTo(1);
    assertThat(Evaluation.predictions(logits)).containsExactly(7, 1);
  }

  @Test
  void anImageOfNothingButNanIsWrong() {
    float[] nan = new float[CLASSES];
    Arrays.fill(nan, Float.NaN);
    Tensor logits = Tensor.of(nan, 1, CLASSES);
    Evaluation evaluation =
        evaluate(List.of(new LabelledImages.Batch(logits, List.of(0))), new ArrayList<>());
    assertThat(evaluation.correct()).isZero();
    assertThat(evaluation.correctTop5()).isZero();
    assertThat(evaluation.classes().getFirst().accuracyPercent()).isZero();
  }

  @Test
  void labelsAndImagesThatDoNotFitAreRefused() {
    Tensor logits = Tensor.of(new float[CLASSES], 1, CLASSES);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                evaluate(List.of(new LabelledImages.Batch(logits, List.of(8))), new ArrayList<>()))
        .withMessageContaining("label 8")
        .withMessageContaining("0 to 7");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                evaluate(List.of(new LabelledImages.Batch(logits, List.of(-1))), new ArrayList<>()))
        .withMessageContaining("label -1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                evaluate(
                    List.of(new LabelledImages.Batch(logits, List.of(1, 2))), new ArrayList<>()))
        .withMessageContaining("2 labels for 1 images");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluate(List.of(), new ArrayList<>()))
        .withMessageContaining("needs an image");
  }
}
