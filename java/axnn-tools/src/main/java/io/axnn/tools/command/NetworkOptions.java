package io.axnn.tools.command;

import io.axnn.Context;
import io.axnn.layers.ZeroPointCorrection;
import io.axnn.tools.CalibrationMethod;
import io.axnn.tools.Experiment;
import io.axnn.tools.LayerCodes;
import io.axnn.tools.Model;
import io.axnn.tools.data.ChannelOrder;
import io.axnn.tools.data.DataOptions;
import io.axnn.tools.data.DataSet;
import io.axnn.tools.data.LabelledImages;
import io.axnn.tools.data.Layout;
import io.axnn.tools.data.Normalization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A network, its images, and how values become codes. */
final class NetworkOptions {
  /** Codes of activations. */
  enum Activations {
    ZERO_POINT_0,
    AFFINE
  }

  @Parameters(paramLabel = "MODEL", description = "An ONNX file, opset 7 to 21.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "SET",
      description =
          "Labelled images: fashion-mnist, mnist or cifar10 (scripts/fetch-data.sh gets them), a"
              + " folder, idx:IMAGES,LABELS, npy:IMAGES,LABELS, cifar10:FILE[,FILE...] or"
              + " folder:DIR with a folder of PNG or JPEG files for each class.")
  private String data;

  @Option(
      names = "--images",
      paramLabel = "N",
      converter = Count.class,
      description = "The first N test images only. Default: all.")
  private Integer images;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "100",
      converter = Count.class,
      description = "Images that run at once. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--mean",
      paramLabel = "X",
      split = ",",
      description =
          "Mean of the training set's pixels v / 255, one for all channels or one for each: a"
              + " network's input is (v / 255 - mean) / deviation. Default: of a set known by"
              + " name, else 0.")
  private List<Float> mean;

  @Option(
      names = "--deviation",
      paramLabel = "X",
      split = ",",
      description = "Their deviation, as many. Default: of a set known by name, else 1.")
  private List<Float> deviation;

  @Option(
      names = "--layout",
      paramLabel = "LAYOUT",
      defaultValue = "nchw",
      description =
          "Axes of .npy images with channels: ${COMPLETION-CANDIDATES}. Default:"
              + " ${DEFAULT-VALUE}.")
  private Layout layout;

  @Option(
      names = "--channels",
      paramLabel = "ORDER",
      defaultValue = "rgb",
      description =
          "Order of colors that the network takes: ${COMPLETION-CANDIDATES}. Default:"
              + " ${DEFAULT-VALUE}.")
  private ChannelOrder channels;

  @Option(
      names = "--calibration-images",
      paramLabel = "N",
      defaultValue = "500",
      converter = Count.class,
      description =
          "Images that give the ranges of activations: the first of the training part, else the"
              + " last of the test part, which are then not tested on. Default:"
              + " ${DEFAULT-VALUE}.")
  private int calibrationImages;

  @Option(
      names = "--calibration",
      paramLabel = "METHOD",
      defaultValue = "min-max",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private CalibrationMethod calibration;

  @Option(
      names = "--activations",
      paramLabel = "CODES",
      defaultValue = "zero-point-0",
      description =
          "Codes of activations: ${COMPLETION-CANDIDATES}. A model with QuantizeLinear has its own."
              + " Default: ${DEFAULT-VALUE}.")
  private Activations activations;

  @Option(
      names = "--zero-point-correction",
      paramLabel = "BY",
      defaultValue = "table",
      description =
          "How an affine zero point is taken out of the sums, ${COMPLETION-CANDIDATES}: by exact"
              + " products, or by the multiplier's own, which is what a designer would build, for"
              + " it costs nothing. Default: ${DEFAULT-VALUE}.")
  private ZeroPointCorrection zeroPointCorrection;

  @Mixin private ContextOptions contextOptions = new ContextOptions();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  Context context() {
    return contextOptions.context();
  }

  /** Reads model and images, which are all that are to be tested. */
  OpenedNetwork open(Context context) throws IOException {
    Model read = Model.load(FileArguments.existing(model));
    DataOptions options =
        DataOptions.forInput(read.inputShape()).withLayout(layout).withChannelOrder(channels);
    Optional<Normalization> own = normalization();
    DataSet set = DataSet.open(data, own.map(options::withNormalization).orElse(options));
    Optional<LabelledImages> training = set.training(calibrationImages);
    LabelledImages test = training.isPresent() && images != null ? set.test(images) : set.test();
    LabelledImages forRanges;
    if (training.isPresent()) {
      forRanges = training.get();
    } else {
      if (calibrationImages >= test.size()) {
        throw new IllegalArgumentException(
            "the set has no training part and %d images; --calibration-images %d leaves none to"
                    .formatted(test.size(), calibrationImages)
                + " test on");
      }
      int tested = test.size() - calibrationImages;
      forRanges = test.range(tested, calibrationImages);
      test = test.first(images == null ? tested : Math.min(images, tested));
    }
    Experiment experiment =
        new Experiment(
            read, context, test, Optional.of(forRanges), set.normalization(), batch, calibration);
    Map<String, String> facts = facts(experiment, forRanges.size(), training.isPresent());
    return new OpenedNetwork(
        experiment, set.classNames(), facts, fingerprint(facts, set.normalization()));
  }

  private Optional<Normalization> normalization() {
    if (mean == null && deviation == null) {
      return Optional.empty();
    }
    if (mean == null || deviation == null) {
      throw new ParameterException(
          command.commandLine(), "--mean and --deviation belong together; one is missing");
    }
    return Optional.of(new Normalization(mean, deviation));
  }

  /** Not its speed: rows of another tier and number of threads are the same but for the time. */
  private Map<String, String> fingerprint(Map<String, String> facts, Normalization normalization)
      throws IOException {
    Map<String, String> fingerprint = new LinkedHashMap<>(facts);
    fingerprint.put("model", Sha256.of(model));
    fingerprint.put("batch", String.valueOf(batch));
    // With zero point 0 too it matters to multipliers that make something of w * 0.
    fingerprint.put("zero-point correction", EnumNames.of(zeroPointCorrection));
    fingerprint.put("pixels", "%s, %s, %s".formatted(normalization, layout, channels));
    return fingerprint;
  }

  /** What a report says of the run. */
  private Map<String, String> facts(Experiment experiment, int ranges, boolean training) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("model", model.toString());
    facts.put(
        "layers",
        "%d with weights, %s products an image"
            .formatted(
                experiment.model().layers().size(),
                Numbers.count(
                    experiment.opCounts().values().stream().mapToLong(Long::longValue).sum())));
    facts.put("data", "%s, %d test images".formatted(data, experiment.images()));
    facts.put(
        "calibration",
        "%d %s images, %s".formatted(ranges, training ? "training" : "other test", calibration));
    facts.put("codes", codes().toString());
    return facts;
  }

  /** How activations become codes. */
  LayerCodes codes() {
    return new LayerCodes(activations == Activations.AFFINE, zeroPointCorrection);
  }

  /** The model's file. */
  Path model() {
    return model;
  }
}
