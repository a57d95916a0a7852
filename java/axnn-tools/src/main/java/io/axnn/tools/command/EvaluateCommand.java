package io.axnn.tools.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.axnn.Context;
import io.axnn.layers.InferenceMode;
import io.axnn.tools.Arithmetic;
import io.axnn.tools.Evaluation;
import io.axnn.tools.Experiment;
import io.axnn.tools.LayerCodes;
import io.axnn.tools.LayerInfo;
import io.axnn.tools.LayerProfile;
import io.axnn.tools.Network;
import io.axnn.tools.Settings;
import io.axnn.tools.multipliers.MultiplierSet;
import io.axnn.tools.multipliers.RatedMultiplier;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How well and how fast a network runs in one or several arithmetics. */
@Command(
    name = "evaluate",
    description = "Measures accuracy and speed of a network in one or several arithmetics.",
    sortOptions = false,
    footer = {"", MultiplierOptions.FORMS})
final class EvaluateCommand implements Callable<Integer> {
  private static final List<TextTable.Column> SUMMARY =
      List.of(
          TextTable.Column.text("setting", 36),
          TextTable.Column.number("top-1", 9),
          TextTable.Column.number("top-5", 9),
          TextTable.Column.number("images/s", 9),
          TextTable.Column.number("ms/image", 9),
          TextTable.Column.text("tier", 6),
          TextTable.Column.number("threads", 7));

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
    BITS_BETWEEN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
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
      defaultValue = "BASELINE,QUANTIZED,APPROXIMATE",
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
      defaultValue = "SUMMARY,CLASSES,LAYERS",
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

  /** A setting with what it gave. */
  private record Result(String setting, Evaluation evaluation, List<LayerProfile> layers) {}

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, String> assignment = perLayer == null ? Map.of() : AssignmentFile.read(perLayer);
    try (Context context = networkOptions.context();
        MultiplierSet set = multiplierOptions.read(multipliers)) {
      OpenedNetwork opened = networkOptions.open(context);
      opened.printFacts(out);
      try (PerLayer layers = PerLayer.open(assignment, multiplierOptions)) {
        Map<String, Settings> settings = settings(opened.experiment(), set, layers);
        List<Result> results = evaluate(opened.experiment(), settings, out);
        printTables(opened, results, out);
        if (json != null) {
          write(results);
        }
      }
    }
    return 0;
  }

  private Map<String, Settings> settings(
      Experiment experiment, MultiplierSet set, PerLayer layers) {
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
      plain.put("per layer, " + perLayer.getFileName(), layers.settings(networkOptions.codes()));
    }
    boolean hasBinary = experiment.model().layers().stream().anyMatch(LayerInfo::binary);
    if (!hasBinary) {
      return plain;
    }
    Map<String, Settings> settings = new LinkedHashMap<>();
    for (BinaryLayers how : binary) {
      plain.forEach((name, value) -> settings.put(name + ", " + how, withBinaryLayers(value, how)));
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

  private List<Result> evaluate(
      Experiment experiment, Map<String, Settings> settings, PrintWriter out) {
    if (settings.isEmpty()) {
      throw new IllegalArgumentException(
          "there is nothing to evaluate: mode %s needs --multiplier"
              .formatted(modes.stream().map(InferenceMode::name).toList()));
    }
    TextTable summary = new TextTable(SUMMARY);
    if (tables.contains(Table.SUMMARY)) {
      summary.printTitles(out);
    }
    List<Result> results = new ArrayList<>();
    for (Map.Entry<String, Settings> one : settings.entrySet()) {
      try (Network network = experiment.prepare(one.getValue());
          ProgressDisplay progress = ProgressDisplay.start("images", experiment.images())) {
        Evaluation evaluation =
            experiment.evaluate(network, done -> progress.advanceTo(one.getKey(), done));
        List<LayerProfile> layers =
            tables.contains(Table.LAYERS) || json != null ? experiment.profile(network) : List.of();
        results.add(new Result(one.getKey(), evaluation, layers));
      }
      if (tables.contains(Table.SUMMARY)) {
        printSummary(summary, experiment.context(), results.getLast(), out);
      }
    }
    return results;
  }

  private static void printSummary(
      TextTable table, Context context, Result result, PrintWriter out) {
    Evaluation evaluation = result.evaluation();
    table.printRow(
        out,
        result.setting(),
        Numbers.percent(evaluation.accuracyPercent()),
        Numbers.percent(evaluation.top5Percent()),
        Numbers.decimals(0, evaluation.imagesPerSecond()),
        Numbers.decimals(3, evaluation.millisecondsPerImage()),
        context.tier().name().toLowerCase(Locale.ROOT),
        String.valueOf(context.threads()));
  }

  private void printTables(OpenedNetwork opened, List<Result> results, PrintWriter out) {
    if (tables.contains(Table.CLASSES)) {
      out.println();
      classTable(opened, results).print(out);
    }
    if (tables.contains(Table.LAYERS)) {
      for (Result result : results) {
        out.println();
        out.println(result.setting());
        layerTable(result.layers()).print(out);
      }
    }
  }

  /** A row for each class, a column for each setting. */
  private static TextTable classTable(OpenedNetwork opened, List<Result> results) {
    List<TextTable.Column> columns = new ArrayList<>();
    columns.add(TextTable.Column.text("class", 0));
    columns.add(TextTable.Column.number("images", 0));
    results.forEach(result -> columns.add(TextTable.Column.number(result.setting(), 0)));
    TextTable table = new TextTable(columns);
    int classes = results.getFirst().evaluation().classes().size();
    for (int label = 0; label < classes; label++) {
      List<String> cells = new ArrayList<>();
      cells.add(opened.className(label));
      cells.add(Numbers.count(results.getFirst().evaluation().classes().get(label).images()));
      for (Result result : results) {
        cells.add(Numbers.percent(result.evaluation().classes().get(label).accuracyPercent()));
      }
      table.add(cells.toArray(String[]::new));
    }
    return table;
  }

  private static TextTable layerTable(List<LayerProfile> layers) {
    TextTable table =
        new TextTable(
            List.of(
                TextTable.Column.text("layer", 0),
                TextTable.Column.text("arithmetic", 0),
                TextTable.Column.number("products", 0),
                TextTable.Column.number("fan-in", 0),
                TextTable.Column.number("mean error", 0),
                TextTable.Column.number("max error", 0),
                TextTable.Column.number("us/image", 0),
                TextTable.Column.text("kernel", 0)));
    for (LayerProfile layer : layers) {
      table.add(
          layer.layer().name(),
          layer.arithmetic().toString(),
          Numbers.count(layer.opCount()),
          String.valueOf(layer.layer().fanIn()),
          Numbers.finePercent(layer.meanErrorPercent()),
          Numbers.finePercent(layer.maxErrorPercent()),
          Numbers.decimals(1, layer.timePerImage().toNanos() * 1e-3),
          layer.kernel());
    }
    return table;
  }

  private void write(List<Result> results) throws IOException {
    List<Map<String, Object>> objects = new ArrayList<>();
    for (Result result : results) {
      Evaluation evaluation = result.evaluation();
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("setting", result.setting());
      object.put("images", evaluation.images());
      object.put("top1_percent", evaluation.accuracyPercent());
      object.put("top5_percent", evaluation.top5Percent());
      object.put("images_per_second", evaluation.imagesPerSecond());
      object.put("classes", evaluation.classes());
      object.put("layers", result.layers().stream().map(EvaluateCommand::json).toList());
      objects.add(object);
    }
    Files.write(
        json,
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(objects));
  }

  private static Map<String, Object> json(LayerProfile layer) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("layer", layer.layer().name());
    object.put("operator", layer.layer().operator());
    object.put("arithmetic", layer.arithmetic().toString());
    object.put("products", layer.opCount());
    object.put("fan_in", layer.layer().fanIn());
    object.put("kernel", layer.kernel());
    object.put("microseconds_per_image", layer.timePerImage().toNanos() * 1e-3);
    object.put("mean_error_percent", finiteOrNull(layer.meanErrorPercent()));
    object.put("max_error_percent", finiteOrNull(layer.maxErrorPercent()));
    return object;
  }

  private static Double finiteOrNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** The multipliers of an assignment, by layer name. */
  private record PerLayer(Map<String, RatedMultiplier> multipliers, List<MultiplierSet> sets)
      implements AutoCloseable {

    static PerLayer open(Map<String, String> assignment, MultiplierOptions options)
        throws IOException {
      Map<String, MultiplierSet> byText = new LinkedHashMap<>();
      Map<String, RatedMultiplier> byLayer = new LinkedHashMap<>();
      try {
        for (Map.Entry<String, String> layer : assignment.entrySet()) {
          if (!byText.containsKey(layer.getValue())) {
            byText.put(layer.getValue(), options.read(List.of(layer.getValue())));
          }
          MultiplierSet set = byText.get(layer.getValue());
          if (set.multipliers().size() != 1) {
            throw new IllegalArgumentException(
                "layer '%s' has '%s', which stands for %d multipliers; allowed: one"
                    .formatted(layer.getKey(), layer.getValue(), set.multipliers().size()));
          }
          byLayer.put(layer.getKey(), set.multipliers().getFirst());
        }
      } catch (RuntimeException | IOException e) {
        byText.values().forEach(MultiplierSet::close);
        throw e;
      }
      return new PerLayer(byLayer, List.copyOf(byText.values()));
    }

    Settings settings(LayerCodes codes) {
      Settings settings = Settings.of(codes.quantized());
      for (Map.Entry<String, RatedMultiplier> layer : multipliers.entrySet()) {
        settings =
            settings.withLayer(layer.getKey(), codes.approximate(layer.getValue().multiplier()));
      }
      return settings;
    }

    @Override
    public void close() {
      sets.forEach(MultiplierSet::close);
    }
  }
}
