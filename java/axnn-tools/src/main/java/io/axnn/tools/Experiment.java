package io.axnn.tools;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.tools.data.LabelledImages;
import io.axnn.tools.data.Normalization;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.StreamSupport;

/**
 * A model with the images to judge it by: makes networks of it in any arithmetic, and evaluates
 * them. A model whose input has two axes gets each image as one row. Calibrates once, when an
 * arithmetic first needs it, also for those that {@link #ofImages} makes of it. For one thread at a
 * time.
 */
public final class Experiment {
  private static final int PROFILE_RUNS = 3;

  private final Model model;
  private final Context context;
  private final LabelledImages test;
  private final Normalization normalization;
  private final int batchSize;
  private final Ranges ranges;

  /**
   * An experiment.
   *
   * @param model the network
   * @param context what it runs on; stays open longer than this is used
   * @param test images that accuracy is measured on
   * @param calibrationImages other images, which give the ranges of activations; empty if no
   *     arithmetic needs them
   * @param normalization of the pixels
   * @param batchSize images that run at once, at least 1
   * @param method how a range is found
   * @throws IllegalArgumentException if the batch size is below 1
   */
  public Experiment(
      Model model,
      Context context,
      LabelledImages test,
      Optional<LabelledImages> calibrationImages,
      Normalization normalization,
      int batchSize,
      CalibrationMethod method) {
    this(
        model,
        context,
        test,
        normalization,
        batchSize,
        new Ranges(
            Objects.requireNonNull(calibrationImages, "calibrationImages"),
            Objects.requireNonNull(method, "method")));
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize is " + batchSize + "; the least is 1");
    }
  }

  private Experiment(
      Model model,
      Context context,
      LabelledImages test,
      Normalization normalization,
      int batchSize,
      Ranges ranges) {
    this.model = Objects.requireNonNull(model, "model");
    this.context = Objects.requireNonNull(context, "context");
    this.test = Objects.requireNonNull(test, "test");
    this.normalization = Objects.requireNonNull(normalization, "normalization");
    this.batchSize = batchSize;
    this.ranges = ranges;
  }

  /** The calibration of an experiment and of its parts, once it was needed. */
  private static final class Ranges {
    private final Optional<LabelledImages> images;
    private final CalibrationMethod method;
    private Calibration calibration;

    Ranges(Optional<LabelledImages> images, CalibrationMethod method) {
      this.images = images;
      this.method = method;
    }
  }

  /**
   * The model.
   *
   * @return as given
   */
  public Model model() {
    return model;
  }

  /**
   * What it runs on.
   *
   * @return as given
   */
  public Context context() {
    return context;
  }

  /**
   * How many images accuracy is measured on.
   *
   * @return at least 1
   */
  public int images() {
    return test.size();
  }

  /**
   * The same on some of the test images.
   *
   * @param from the first of them
   * @param count how many
   * @return an experiment that shares everything else
   * @throws IllegalArgumentException if there are no such images
   */
  public Experiment ofImages(int from, int count) {
    return new Experiment(
        model, context, test.range(from, count), normalization, batchSize, ranges);
  }

  /**
   * The multiplications of each layer for one of the test images.
   *
   * @return by layer name, in the order in which the layers run
   * @throws IllegalArgumentException if the images do not fit the model
   */
  public Map<String, Long> opCounts() {
    int[] shape = test.imageShape();
    return model.opCounts(
        isOfVectors() ? new int[] {Math.toIntExact(Shapes.elements(shape))} : shape);
  }

  /**
   * Makes a network, calibrated.
   *
   * @param settings an arithmetic for each layer
   * @return the network, to be closed
   * @throws IllegalArgumentException if the settings do not fit the model, or need ranges and there
   *     are no images for them
   */
  public Network prepare(Settings settings) {
    return model.prepare(
        context, model.needsRanges(settings) ? settings.withCalibration(calibration()) : settings);
  }

  /** The ranges, found when they are first asked for. */
  Calibration calibration() {
    if (ranges.calibration == null) {
      LabelledImages images =
          ranges.images.orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "calibrationImages is empty, but an arithmetic needs the ranges of"
                          + " activations"));
      try (Network floats = model.prepare(context, Settings.of(Arithmetic.float32()))) {
        ranges.calibration =
            floats.calibrate(
                () ->
                    StreamSupport.stream(batches(images).spliterator(), false)
                        .map(LabelledImages.Batch::images)
                        .iterator(),
                ranges.method);
      }
    }
    return ranges.calibration;
  }

  /**
   * Measures accuracy and speed.
   *
   * @param settings an arithmetic for each layer
   * @param progress is told after each batch how many images are done
   * @return the figures
   * @throws IllegalArgumentException if the settings do not fit the model, or the labels do not
   */
  public Evaluation evaluate(Settings settings, IntConsumer progress) {
    try (Network network = prepare(settings)) {
      return evaluate(network, progress);
    }
  }

  /**
   * Measures accuracy and speed of a network that is there already.
   *
   * @param network one of {@link #prepare}
   * @param progress is told after each batch how many images are done
   * @return the figures
   */
  public Evaluation evaluate(Network network, IntConsumer progress) {
    return Evaluation.of(network, batches(test), progress);
  }

  /**
   * Looks at the layers of a network while the first batch of test images runs, some times after a
   * first time, whose packing of weights is not counted.
   *
   * @param network one of {@link #prepare}
   * @return the layers
   */
  public List<LayerProfile> profile(Network network) {
    Tensor first = batches(test).iterator().next().images();
    network.forward(first);
    return network.profile(Collections.nCopies(PROFILE_RUNS, first));
  }

  private Iterable<LabelledImages.Batch> batches(LabelledImages images) {
    List<LabelledImages.Batch> batches = images.batches(batchSize, normalization);
    return isOfVectors() ? () -> batches.stream().map(Experiment::inRows).iterator() : batches;
  }

  /** A network of linear layers takes an image as one row of numbers. */
  private boolean isOfVectors() {
    return model.inputShape().length == 2;
  }

  private static LabelledImages.Batch inRows(LabelledImages.Batch batch) {
    int images = batch.labels().size();
    int numbers = Math.toIntExact(batch.images().size() / images);
    return new LabelledImages.Batch(batch.images().reshape(images, numbers), batch.labels());
  }
}
