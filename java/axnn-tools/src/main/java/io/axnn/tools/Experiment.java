package io.axnn.tools;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.tools.data.LabelledImages;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * A model with the images to judge it by: makes networks of it in any arithmetic, and evaluates
 * them. Calibrates once, when an arithmetic first needs it. For one thread at a time.
 */
public final class Experiment {
  private final Model model;
  private final Context context;
  private final List<LabelledImages.Batch> test;
  private final List<LabelledImages.Batch> calibrationImages;
  private final CalibrationMethod method;
  private Calibration calibration;

  /**
   * An experiment.
   *
   * @param model the network
   * @param context what it runs on; stays open longer than this is used
   * @param test images that accuracy is measured on, at least one batch
   * @param calibrationImages other images, which give the ranges of activations; may be empty if no
   *     arithmetic needs them
   * @param method how a range is found
   */
  public Experiment(
      Model model,
      Context context,
      List<LabelledImages.Batch> test,
      List<LabelledImages.Batch> calibrationImages,
      CalibrationMethod method) {
    this.model = Objects.requireNonNull(model, "model");
    this.context = Objects.requireNonNull(context, "context");
    this.test = List.copyOf(test);
    this.calibrationImages = List.copyOf(calibrationImages);
    this.method = Objects.requireNonNull(method, "method");
    if (test.isEmpty()) {
      throw new IllegalArgumentException("test is empty; an experiment needs an image");
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
    return test.stream().mapToInt(batch -> batch.labels().size()).sum();
  }

  /**
   * The multiplications of each layer for one of the test images.
   *
   * @return by layer name, in the order in which the layers run
   */
  public Map<String, Long> opCounts() {
    int[] shape = test.getFirst().images().shape();
    return model.opCounts(Arrays.copyOfRange(shape, 1, shape.length));
  }

  /**
   * Makes a network, calibrated.
   *
   * @param settings an arithmetic for each layer
   * @return the network, to be closed
   * @throws IllegalArgumentException if the settings do not fit the model
   */
  public Network prepare(Settings settings) {
    boolean needsRanges =
        model.layers().stream().map(settings::arithmetic).anyMatch(Arithmetic.Coded.class::isInstance);
    return model.prepare(context, needsRanges ? settings.withCalibration(calibration()) : settings);
  }

  private Calibration calibration() {
    if (calibration == null) {
      try (Network floats = model.prepare(context, Settings.of(Arithmetic.float32()))) {
        calibration = floats.calibrate(images(calibrationImages), method);
      }
    }
    return calibration;
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
    return Evaluation.of(network, test, progress);
  }

  /**
   * Looks at the layers of a network while the first batch of test images runs. It runs twice, so
   * that what happens once, as packing weights, is not counted as time.
   *
   * @param network one of {@link #prepare}
   * @return the layers
   */
  public List<LayerProfile> profile(Network network) {
    List<Tensor> first = images(test.subList(0, 1));
    network.forward(first.getFirst());
    return network.profile(first);
  }

  private static List<Tensor> images(List<LabelledImages.Batch> batches) {
    return batches.stream().map(LabelledImages.Batch::images).toList();
  }
}
