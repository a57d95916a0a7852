package io.axnn.tools;

import io.axnn.Tensor;
import io.axnn.tools.data.LabelledImages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * How a classifying network did on labelled images. Of equal outputs the first ranks first; a label
 * whose output is NaN is never right.
 *
 * @param images how many there were
 * @param correct how many got the largest output at their label's place
 * @param correctTop5 for how many at most four outputs rank before that of their label
 * @param classes by label, as many as the network has outputs
 * @param time what the forward calls took together
 */
public record Evaluation(
    int images, int correct, int correctTop5, List<OfClass> classes, Duration time) {

  /** Copies the list. */
  public Evaluation {
    classes = List.copyOf(classes);
  }

  /**
   * The images of one label.
   *
   * @param images how many there were
   * @param correct how many of them got the largest output at the label's place
   */
  public record OfClass(int images, int correct) {
    /**
     * The share of images that were right.
     *
     * @return in percent, NaN without an image
     */
    public double accuracyPercent() {
      return percent(correct, images);
    }
  }

  /**
   * Runs all batches. The first one is run once more before the clock starts, so that what happens
   * once, as packing weights, is not counted as speed.
   *
   * @param network its output is [n, classes]
   * @param batches at least one
   * @param progress is told after each batch how many images are done
   * @return the figures
   * @throws IllegalArgumentException if there is no batch, one does not fit the network or has not
   *     one label an image, or a label is none of the network's outputs
   */
  public static Evaluation of(
      Network network, Iterable<LabelledImages.Batch> batches, IntConsumer progress) {
    Counter counter = new Counter();
    long nanoseconds = 0;
    for (LabelledImages.Batch batch : batches) {
      if (counter.images == 0) {
        network.forward(batch.images());
      }
      long start = System.nanoTime();
      Tensor logits = network.forward(batch.images());
      nanoseconds += System.nanoTime() - start;
      counter.add(logits, batch.labels());
      progress.accept(counter.images);
    }
    return counter.finish(Duration.ofNanos(nanoseconds));
  }

  /** Ranks outputs. */
  private static final class Counter {
    private static final int TOP = 5;

    private int images;
    private int correct;
    private int correctTop5;
    private int[] imagesOf = new int[0];
    private int[] correctOf = new int[0];

    void add(Tensor logits, List<Integer> labels) {
      if (logits.shape().length != 2) {
        throw new IllegalArgumentException(
            "the network's output has shape %s; a classifier's is [n, classes]"
                .formatted(Arrays.toString(logits.shape())));
      }
      if (labels.size() != logits.dimension(0)) {
        throw new IllegalArgumentException(
            "a batch has %d labels for %d images; allowed: one each"
                .formatted(labels.size(), logits.dimension(0)));
      }
      int classes = logits.dimension(1);
      if (images == 0) {
        imagesOf = new int[classes];
        correctOf = new int[classes];
      }
      float[] values = logits.toFloatArray();
      for (int i = 0; i < labels.size(); i++) {
        int label = labels.get(i);
        if (label < 0 || label >= classes) {
          throw new IllegalArgumentException(
              "image %d has label %d; the network has %d classes, 0 to %d"
                  .formatted(images, label, classes, classes - 1));
        }
        int rank = rank(values, i * classes, classes, label);
        images++;
        imagesOf[label]++;
        if (rank == 0) {
          correct++;
          correctOf[label]++;
        }
        if (rank < TOP) {
          correctTop5++;
        }
      }
    }

    /** How many classes come before a label. */
    private static int rank(float[] values, int from, int count, int label) {
      float own = values[from + label];
      if (Float.isNaN(own)) {
        return Integer.MAX_VALUE;
      }
      int rank = 0;
      for (int i = 0; i < count; i++) {
        float other = values[from + i];
        if (other > own || (other == own && i < label)) {
          rank++;
        }
      }
      return rank;
    }

    Evaluation finish(Duration time) {
      if (images == 0) {
        throw new IllegalArgumentException("batches is empty; an evaluation needs an image");
      }
      List<OfClass> classes = new ArrayList<>();
      for (int label = 0; label < imagesOf.length; label++) {
        classes.add(new OfClass(imagesOf[label], correctOf[label]));
      }
      return new Evaluation(images, correct, correctTop5, classes, time);
    }
  }

  /**
   * The class of each image: the place of its largest output, the first of equal ones. A NaN is
   * less than any number.
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
      if (values[from + i] > values[from + best]
          || (Float.isNaN(values[from + best]) && !Float.isNaN(values[from + i]))) {
        best = i;
      }
    }
    return best;
  }

  private static double percent(int part, int whole) {
    return 100.0 * part / whole;
  }

  /**
   * The share of images that were right.
   *
   * @return in percent
   */
  public double accuracyPercent() {
    return percent(correct, images);
  }

  /**
   * The share of images whose label is among the five largest outputs.
   *
   * @return in percent
   */
  public double top5Percent() {
    return percent(correctTop5, images);
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
