package io.axnn.tools.sweep;

import io.axnn.tools.Arithmetic;
import io.axnn.tools.Evaluation;
import io.axnn.tools.Experiment;
import io.axnn.tools.LayerCodes;
import io.axnn.tools.LayerInfo;
import io.axnn.tools.Settings;
import io.axnn.tools.multipliers.RatedMultiplier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.ObjIntConsumer;

/**
 * Every multiplier in a network, in all layers or in one at a time while the others are exact.
 * Binary layers run on bits and count neither as layers nor for power.
 */
public final class Sweep {
  private static final Settings FLOAT32 = withBits(Settings.of(Arithmetic.float32()));
  private static final String FLOAT32_NAME = "float32";
  private static final String EXACT_NAME = "exact";

  private final Experiment experiment;
  private final LayerCodes codes;
  private final RatedMultiplier exact;
  private final Map<String, Long> opCounts;
  private final Map<SweepRow.Key, Job> jobs = new LinkedHashMap<>();

  /** Where a multiplier is put. */
  public enum Scope {
    /** Into all layers. */
    ALL,
    /** Into each layer alone. */
    EACH,
    /** First the one, then the other. */
    BOTH
  }

  /** A row that is to be measured. */
  private record Job(
      Settings settings,
      OptionalDouble multiplierMilliwatts,
      OptionalDouble networkMilliwatts,
      OptionalDouble maePercent) {}

  /**
   * A sweep. Its first rows are float32 and exact products of 8 bits.
   *
   * @param experiment network and images
   * @param codes of the activations
   * @param exact the exact multiplier of 8 bits, whose power other layers have
   * @param multipliers at least one
   * @param scope where they are put
   */
  public Sweep(
      Experiment experiment,
      LayerCodes codes,
      RatedMultiplier exact,
      List<RatedMultiplier> multipliers,
      Scope scope) {
    this.experiment = experiment;
    this.codes = codes;
    this.exact = exact;
    this.opCounts = opCounts(experiment);
    add(
        float32Key(),
        new Job(FLOAT32, OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty()));
    add(
        exactKey(),
        new Job(
            withBits(Settings.of(codes.quantized())),
            exact.milliwatts(),
            exact.milliwatts(),
            OptionalDouble.of(0)));
    if (scope != Scope.EACH) {
      multipliers.forEach(this::addInAllLayers);
    }
    if (scope != Scope.ALL) {
      multipliers.forEach(this::addInEachLayer);
    }
  }

  private static Map<String, Long> opCounts(Experiment experiment) {
    Map<String, Long> counts = new LinkedHashMap<>(experiment.opCounts());
    experiment.model().layers().stream()
        .filter(LayerInfo::binary)
        .forEach(layer -> counts.remove(layer.name()));
    return counts;
  }

  private static Settings withBits(Settings settings) {
    return settings.withBinaryLayers(Arithmetic.binary().withBitsBetweenLayers());
  }

  private void addInAllLayers(RatedMultiplier rated) {
    Arithmetic.Approximate arithmetic = codes.approximate(rated.multiplier());
    add(
        key(rated, SweepRow.ALL_LAYERS, arithmetic),
        new Job(
            withBits(Settings.of(arithmetic)),
            rated.milliwatts(),
            rated.milliwatts(),
            OptionalDouble.of(rated.maePercent())));
  }

  private void addInEachLayer(RatedMultiplier rated) {
    Arithmetic.Approximate arithmetic = codes.approximate(rated.multiplier());
    for (String layer : opCounts.keySet()) {
      add(
          key(rated, layer, arithmetic),
          new Job(
              withBits(Settings.of(arithmetic.exact())).withLayer(layer, arithmetic),
              rated.milliwatts(),
              milliwattsWith(rated, layer),
              OptionalDouble.of(rated.maePercent())));
    }
  }

  private OptionalDouble milliwattsWith(RatedMultiplier rated, String layer) {
    if (rated.milliwatts().isEmpty() || exact.milliwatts().isEmpty()) {
      return OptionalDouble.empty();
    }
    double all = opCounts.values().stream().mapToLong(Long::longValue).sum();
    double share = opCounts.get(layer) / all;
    return OptionalDouble.of(
        share * rated.milliwatts().getAsDouble() + (1 - share) * exact.milliwatts().getAsDouble());
  }

  private SweepRow.Key float32Key() {
    return new SweepRow.Key(FLOAT32_NAME, "", SweepRow.ALL_LAYERS, FLOAT32_NAME);
  }

  private SweepRow.Key exactKey() {
    return new SweepRow.Key(
        EXACT_NAME, exact.multiplier().identity(), SweepRow.ALL_LAYERS, setting(codes.quantized()));
  }

  private SweepRow.Key key(RatedMultiplier rated, String layers, Arithmetic.Coded arithmetic) {
    return new SweepRow.Key(
        rated.multiplier().name(), rated.multiplier().identity(), layers, setting(arithmetic));
  }

  private String setting(Arithmetic.Coded arithmetic) {
    return "%d-bit, %s".formatted(arithmetic.inputOperand().bits(), codes);
  }

  private void add(SweepRow.Key key, Job job) {
    jobs.putIfAbsent(key, job);
  }

  /**
   * How many rows there will be.
   *
   * @return at least 2
   */
  public int size() {
    return jobs.size();
  }

  /**
   * How many rows are still to be measured.
   *
   * @param files where rows are kept
   * @return at most {@link #size}
   */
  public int missing(ResultFiles files) {
    return (int) jobs.keySet().stream().filter(key -> !files.contains(key)).count();
  }

  /**
   * Measures the rows that the files do not have yet, and adds each to them as soon as it is known.
   *
   * @param files where rows are kept
   * @param arrived is given every row, those that were there already first
   * @param progress is told what runs, and how many images of the {@link #missing} rows are done
   * @throws IOException if the files cannot be written
   * @throws IllegalArgumentException if a multiplier does not fit the network; nothing is then
   *     measured
   */
  public void run(ResultFiles files, Consumer<SweepRow> arrived, ObjIntConsumer<String> progress)
      throws IOException {
    requireUsable(files);
    files.rows().forEach(arrived);
    int done = 0;
    for (Map.Entry<SweepRow.Key, Job> job : jobs.entrySet()) {
      SweepRow.Key key = job.getKey();
      if (!files.contains(key)) {
        int before = done;
        String what = key.ofAllLayers() ? key.multiplier() : key.multiplier() + " " + key.layers();
        SweepRow row = row(key, job.getValue(), images -> progress.accept(what, before + images));
        files.add(row);
        arrived.accept(row);
        done += experiment.images();
      }
    }
  }

  /** Makes a network of each multiplier that has a row to come. */
  private void requireUsable(ResultFiles files) {
    Set<String> seen = new HashSet<>();
    jobs.forEach(
        (key, job) -> {
          if (!files.contains(key) && seen.add(key.identity())) {
            experiment.prepare(job.settings()).close();
          }
        });
  }

  private SweepRow row(SweepRow.Key key, Job job, IntConsumer progress) {
    Evaluation evaluation = experiment.evaluate(job.settings(), progress);
    return new SweepRow(
        key,
        evaluation.images(),
        evaluation.correct(),
        evaluation.correctTop5(),
        evaluation.time().toNanos() * 1e-9,
        job.multiplierMilliwatts(),
        job.networkMilliwatts(),
        job.maePercent());
  }

  /**
   * A report of rows.
   *
   * @param title of the page
   * @param facts of the run, by what they are
   * @param rows of this sweep
   * @return the report, with the layers of the network
   */
  public SweepReport report(String title, Map<String, String> facts, List<SweepRow> rows) {
    SweepReport.Builder report = SweepReport.builder(title).facts(facts).rows(rows);
    for (SweepRow row : rows) {
      if (row.key().equals(float32Key())) {
        report.float32(row);
      } else if (row.key().equals(exactKey())) {
        report.exact(row);
      }
    }
    List<List<String>> layers = new ArrayList<>();
    Map<String, Long> counts = experiment.opCounts();
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    for (LayerInfo layer : experiment.model().layers()) {
      long products = counts.get(layer.name());
      layers.add(
          List.of(
              layer.name(),
              layer.operator(),
              String.valueOf(products),
              String.format(Locale.ROOT, "%.2f", 100.0 * products / all),
              String.valueOf(layer.fanIn()),
              layer.binary() ? "bits" : "multiplier"));
    }
    return report
        .table(
            "Layers",
            List.of(
                "layer", "operator", "products an image", "% of all", "fan-in", "computes with"),
            layers)
        .build();
  }
}
