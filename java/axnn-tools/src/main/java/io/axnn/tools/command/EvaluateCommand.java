package io.axnn.tools.command;

import io.axnn.Context;
import io.axnn.layers.InferenceMode;
import io.axnn.tools.Arithmetic;
import io.axnn.tools.Evaluation;
import io.axnn.tools.Experiment;
import io.axnn.tools.LayerInfo;
import io.axnn.tools.LayerProfile;
import io.axnn.tools.Network;
import io.axnn.tools.Settings;
import io.axnn.tools.multipliers.MultiplierSet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How well and how fast a network runs in one or several arithmetics. */
@Command(
    name = "evaluate",
    description = "Measures accuracy and speed of a network in one or several arithmetics.",
    customSynopsis = "axnn evaluate MODEL --data=SET [-m=M]... [OPTION]...",
    footer = {"", MultiplierOptions.FORMS})
final class EvaluateCommand implements Callable<Integer> {
  /** What the tables show. */
  enum Table {
    SUMMARY,
    CLASSES,
    LAYERS
  }

  /** What binary layers run on. */
  enum BinaryLayers {
    /** As the plain layers. */
    SIGNS,
    BITS,
    /** Bits also from layer to layer. */
    BITS_BETWEEN
  }

  @Mixin private NetworkOptions networkOptions = new NetworkOptions();

  @Option(
      names = {"-m", "--multiplier"},
      paramLabel = "M",
      description = "A multiplier, see below; may be given again.")
  private List<String> multipliers = List.of();

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      split = ",",
      defaultValue = "baseline,quantized,approximate",
      description =
          "Any of ${COMPLETION-CANDIDATES}: float32; exact products of 8-bit codes; those with"
              + " Gaussian noise in the place of each multiplier's error; the products of each"
              + " multiplier. Default: ${DEFAULT-VALUE}.")
  private List<InferenceMode> modes;

  @Option(
      names = "--per-layer",
      paramLabel = "FILE",
      description =
          "Also runs with a multiplier for each layer, from a JSON object of layer names and"
              + " multipliers; other layers have exact products. axnn search writes such files.")
  private Path perLayer;

  @Option(
      names = "--binary",
      paramLabel = "HOW",
      split = ",",
      defaultValue = "bits-between",
      description =
          "What the binary layers of a model run on: ${COMPLETION-CANDIDATES}; as the other layers,"
              + " on bits, or on bits that stay bits between them. Default: ${DEFAULT-VALUE}.")
  private List<BinaryLayers> binary;

  @Option(
      names = "--tables",
      paramLabel = "TABLE",
      split = ",",
      defaultValue = "summary,classes,layers",
      description = "What is printed, of ${COMPLETION-CANDIDATES}. Default: all.")
  private Set<Table> tables;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Writes all figures there too, as a JSON array of an object for each setting.")
  private Path json;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the noise. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private MultiplierOptions multiplierOptions = new MultiplierOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    requireSomething();
    if (json != null) {
      FileArguments.requireWritable(json);
    }
    Map<String, String> assignment = perLayer == null ? Map.of() : AssignmentFile.read(perLayer);
    try (Context context = networkOptions.context();
        MultiplierSet set = multiplierOptions.read(multipliers);
        LayerMultipliers layers = LayerMultipliers.read(assignment, multiplierOptions)) {
      OpenedNetwork opened = networkOptions.open(context);
      opened.printFacts(out);
      Map<String, Settings> settings = settings(opened.experiment(), set, layers);
      List<EvaluationResult> results = evaluate(opened.experiment(), settings, out);
      printTables(opened, results, out);
      if (json != null) {
        EvaluationResult.write(results, json);
      }
    }
    return 0;
  }

  private void requireSomething() {
    boolean needsMultiplier =
        Set.of(InferenceMode.NOISE, InferenceMode.APPROXIMATE).containsAll(modes);
    if (needsMultiplier && multipliers.isEmpty() && perLayer == null) {
      throw new ParameterException(
          spec.commandLine(),
          "there is nothing to evaluate: --mode %s needs --multiplier"
              .formatted(modes.stream().map(EnumNames::of).collect(Collectors.joining(","))));
    }
  }

  private Map<String, Settings> settings(
      Experiment experiment, MultiplierSet set, LayerMultipliers layers) {
    Map<String, Settings> plain = new LinkedHashMap<>();
    for (InferenceMode mode : modes) {
      switch (mode) {
        case BASELINE -> plain.put("float32", Settings.of(Arithmetic.float32()));
        case QUANTIZED -> put(plain, networkOptions.codes().quantized());
        case NOISE ->
            set.multipliers()
                .forEach(
                    rated ->
                        put(
                            plain,
                            networkOptions.codes().approximate(rated.multiplier()).asNoise(seed)));
        case APPROXIMATE ->
            set.multipliers()
                .forEach(
                    rated -> put(plain, networkOptions.codes().approximate(rated.multiplier())));
      }
    }
    if (perLayer != null) {
      plain.put(
          "per layer, " + perLayer.getFileName(),
          networkOptions.codes().settings(layers.multipliers()));
    }
    boolean hasBinary = experiment.model().layers().stream().anyMatch(LayerInfo::binary);
    if (!hasBinary) {
      return plain;
    }
    Map<String, Settings> settings = new LinkedHashMap<>();
    for (BinaryLayers how : binary) {
      plain.forEach(
          (name, value) ->
              settings.put(name + ", " + EnumNames.of(how), withBinaryLayers(value, how)));
    }
    return settings;
  }

  private static void put(Map<String, Settings> to, Arithmetic arithmetic) {
    to.put(arithmetic.toString(), Settings.of(arithmetic));
  }

  private static Settings withBinaryLayers(Settings settings, BinaryLayers how) {
    return switch (how) {
      case SIGNS -> settings;
      case BITS -> settings.withBinaryLayers(Arithmetic.binary());
      case BITS_BETWEEN -> settings.withBinaryLayers(Arithmetic.binary().withBitsBetweenLayers());
    };
  }

  private List<EvaluationResult> evaluate(
      Experiment experiment, Map<String, Settings> settings, PrintWriter out) {
    boolean profiles = tables.contains(Table.LAYERS) || json != null;
    TextTable summary = EvaluationTables.summary();
    if (tables.contains(Table.SUMMARY)) {
      summary.printTitles(out);
    }
    List<EvaluationResult> results = new ArrayList<>();
    for (Map.Entry<String, Settings> one : settings.entrySet()) {
      try (Network network = experiment.prepare(one.getValue());
          ProgressDisplay progress = ProgressDisplay.start("images", experiment.images())) {
        Evaluation evaluation =
            experiment.evaluate(network, done -> progress.advanceTo(one.getKey(), done));
        List<LayerProfile> layers = profiles ? experiment.profile(network) : List.of();
        results.add(new EvaluationResult(one.getKey(), evaluation, layers));
      }
      if (tables.contains(Table.SUMMARY)) {
        summary.printRow(out, EvaluationTables.summaryRow(results.getLast(), experiment.context()));
      }
    }
    return results;
  }

  private void printTables(OpenedNetwork opened, List<EvaluationResult> results, PrintWriter out) {
    if (tables.contains(Table.CLASSES)) {
      out.println();
      EvaluationTables.classes(opened, results).print(out);
    }
    if (tables.contains(Table.LAYERS)) {
      for (EvaluationResult result : results) {
        out.println();
        out.println(result.setting());
        EvaluationTables.layers(result.layers()).print(out);
      }
    }
  }
}
