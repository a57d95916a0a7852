package io.axnn.tools;

import io.axnn.Tensor;
import io.axnn.tools.data.LabelledImages;
import java.time.Duration;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * How a classifying network did on labelled images.
 *
 * @param images how many there were
 * @param correct how many got the largest output at their label's place
 * @param time what the forward calls took together
 */
public record Evaluation(int images, int correct, Duration time) {

  /**
   * Runs all batches. The first one is run once more before the clock starts, so that what happens
   * once, as packing weights, is not counted as speed.
   *
   * @param network its output is [n, classes]
   * @param batches at least one
   * @param progress is told after each batch how many images are done
   * @return the figures
   */
  public static Evaluation of(
      Network network, List<LabelledImages.Batch> batches, IntConsumer progress) {
    network.forward(batches.getFirst().images());
    int images = 0;
    int correct = 0;
    long nanoseconds = 0;
    for (LabelledImages.Batch batch : batches) {
      long start = System.nanoTime();
      Tensor logits = network.forward(batch.images());
      nanoseconds += System.nanoTime() - start;
      List<Integer> predictions = predictions(logits);
      for (int i = 0; i < predictions.size(); i++) {
        if (predictions.get(i).equals(batch.labels().get(i))) {
          correct++;
        }
      }
      images += predictions.size();
      progress.accept(images);
    }
    return new Evaluation(images, correct, Duration.ofNanos(nanoseconds));
  }

  /**
   * The class of each image: the place of its largest output, the first of equal ones.
   *
   * @param logits [n, classes]
   * @return n classes
   */
  public static List<Integer> predictions(Tensor logits) {
    int classes = logits.dimension(1);
    float[] values = logits.toFloatArray();
    return IntStream.range(0, logits.dimension(0))
        .map(image -> largest(values, image * classes, classes))
        .boxed()
        .toList();
  }

  private static int largest(float[] values, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (values[from + i] > values[from + best]) {
        best = i;
      }
    }
    return best;
  }

  /**
   * The share of images that were right.
   *
   * @return in percent
   */
  public double accuracyPercent() {
    return 100.0 * correct / images;
  }

  /**
   * The speed.
   *
   * @return images per second
   */
  public double imagesPerSecond() {
    return images / (time.toNanos() * 1e-9);
  }

  /**
   * The time of one image.
   *
   * @return milliseconds
   */
  public double millisecondsPerImage() {
    return time.toNanos() * 1e-6 / images;
  }
}
