package io.axnn.tools.sweep;

import static io.axnn.tools.internal.report.DataTable.Column.number;
import static io.axnn.tools.internal.report.DataTable.Column.text;

import io.axnn.tools.internal.files.WholeFile;
import io.axnn.tools.internal.report.AccuracyPlot;
import io.axnn.tools.internal.report.DataTable;
import io.axnn.tools.internal.report.DataTable.Cell;
import io.axnn.tools.internal.report.HeatTable;
import io.axnn.tools.internal.report.Html;
import io.axnn.tools.internal.report.Numbers;
import io.axnn.tools.internal.report.ReportPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One HTML page of a sweep, complete in itself: figures of the whole, accuracy against power, how
 * sensitive each layer is, and a table of all rows that sorts by any column. Texts of rows and
 * facts may be anything.
 *
 * <p>The accuracy that a row lost is counted from the exact product under the same setting, or from
 * float32 where there is none.
 */
public final class SweepReport {

  /** How much accuracy may be lost, in points, in the table of the least power. */
  private static final double[] LIMITS = {0.2, 0.5, 1, 2, 5};

  /** The limit of the summary. */
  private static final double SUMMARY_LIMIT = 1;

  /** Accuracy lost, in points, that has the full colour of the heat map where none is more. */
  private static final double LEAST_SCALE = 5;

  private static final int PERCENT_DIGITS = 2;
  private static final int POWER_DIGITS = 3;
  private static final int ERROR_DIGITS = 4;
  private static final int IDENTITY_DIGITS = 8;

  private final String title;
  private final Map<String, String> facts;
  private final Optional<SweepRow> float32;
  private final Map<String, SweepRow> exactBySetting;
  private final List<SweepRow> all;
  private final List<DataTable> tables;

  /** What a report is made of. */
  public static final class Builder {
    private final String title;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private Optional<SweepRow> float32 = Optional.empty();
    private final Map<String, SweepRow> exactBySetting = new LinkedHashMap<>();
    private final List<SweepRow> rows = new ArrayList<>();
    private final List<DataTable> tables = new ArrayList<>();

    private Builder(String title) {
      this.title = title;
    }

    /**
     * Adds what was run: model, data, options.
     *
     * @param more what each is called, and what it is; shown in this order
     * @return this
     */
    public Builder facts(Map<String, String> more) {
      facts.putAll(more);
      return this;
    }

    /**
     * The network in float32.
     *
     * @param row of all layers
     * @return this
     */
    public Builder float32(SweepRow row) {
      requireAllLayers(row);
      float32 = Optional.of(row);
      return this;
    }

    /**
     * The network with the exact product in 8 bits, one row for each setting.
     *
     * @param row of all layers
     * @return this
     */
    public Builder exact(SweepRow row) {
      requireAllLayers(row);
      exactBySetting.put(row.key().setting(), row);
      return this;
    }

    private static void requireAllLayers(SweepRow row) {
      if (!row.key().ofAllLayers()) {
        throw new IllegalArgumentException(
            "row is of layer " + row.key().layers() + "; allowed: a row of all layers");
      }
    }

    /**
     * Adds rows. The references may be among them and are shown once.
     *
     * @param more in the order of their table
     * @return this
     */
    public Builder rows(List<SweepRow> more) {
      rows.addAll(more);
      return this;
    }

    /**
     * Adds a table, as that of accuracy by class. A column whose texts are all numbers, or blank,
     * sorts as such; the first one holds the headings of the rows.
     *
     * @param caption what it shows
     * @param headings of the columns
     * @param cells rows of as many texts as there are headings
     * @return this
     * @throws IllegalArgumentException if a row has another number of texts
     */
    public Builder table(String caption, List<String> headings, List<List<String>> cells) {
      for (List<String> row : cells) {
        if (row.size() != headings.size()) {
          throw new IllegalArgumentException(
              "cells has a row of %d texts; allowed: %d, as there are headings"
                  .formatted(row.size(), headings.size()));
        }
      }
      tables.add(DataTable.ofTexts("table-" + (tables.size() + 1), caption, headings, cells));
      return this;
    }

    /**
     * The report.
     *
     * @return an immutable report
     * @throws IllegalArgumentException if there are no rows at all
     */
    public SweepReport build() {
      SweepReport report = new SweepReport(this);
      if (report.all.isEmpty()) {
        throw new IllegalArgumentException("rows is empty; allowed: at least one row");
      }
      return report;
    }
  }

  /**
   * Begins a report.
   *
   * @param title of the page, as the network and its data
   * @return a builder
   */
  public static Builder builder(String title) {
    return new Builder(title);
  }

  private SweepReport(Builder builder) {
    title = builder.title;
    facts = new LinkedHashMap<>(builder.facts);
    float32 = builder.float32;
    exactBySetting = new LinkedHashMap<>(builder.exactBySetting);
    Map<SweepRow.Key, SweepRow> byKey = new LinkedHashMap<>();
    Stream.of(float32.stream(), exactBySetting.values().stream(), builder.rows.stream())
        .flatMap(rows -> rows)
        .forEach(row -> byKey.putIfAbsent(row.key(), row));
    all = List.copyOf(byKey.values());
    tables = List.copyOf(builder.tables);
  }

  /**
   * The page.
   *
   * @return the text of a file, which is the same for the same rows
   */
  public String html() {
    Html html = new Html();
    appendSummary(html);
    appendPlot(html);
    appendSensitivity(html);
    for (DataTable table : tables) {
      html.open("section");
      table.appendTo(html);
      html.close().line();
    }
    appendRows(html);
    return ReportPage.of(title, html);
  }

  /**
   * Writes the page in place of what is there; whole or not at all.
   *
   * @param file usually ends with .html
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    WholeFile.write(file, html().getBytes(StandardCharsets.UTF_8));
  }

  private boolean isReference(SweepRow row) {
    return float32.filter(row::equals).isPresent() || exactBySetting.containsValue(row);
  }

  private Optional<SweepRow> reference(SweepRow row) {
    return Optional.ofNullable(exactBySetting.get(row.key().setting())).or(() -> float32);
  }

  /** In points of percent, below 0 where the row is better. */
  private OptionalDouble lost(SweepRow row) {
    return reference(row)
        .map(exact -> OptionalDouble.of(exact.top1Percent() - row.top1Percent()))
        .orElse(OptionalDouble.empty());
  }

  /** In percent of the exact product's power under the same setting. */
  private OptionalDouble saved(SweepRow row) {
    SweepRow exact = exactBySetting.get(row.key().setting());
    if (exact == null
        || exact.networkMilliwatts().orElse(0) == 0
        || row.networkMilliwatts().isEmpty()) {
      return OptionalDouble.empty();
    }
    double share = row.networkMilliwatts().getAsDouble() / exact.networkMilliwatts().getAsDouble();
    return OptionalDouble.of(100 * (1 - share));
  }

  private Stream<SweepRow> ofAllLayers() {
    return all.stream().filter(row -> row.key().ofAllLayers());
  }

  private Optional<SweepRow> leastPower(double limit) {
    return ofAllLayers()
        .filter(row -> row.networkMilliwatts().isPresent() && lost(row).isPresent())
        .filter(row -> lost(row).getAsDouble() <= limit + 1e-9)
        .min(
            Comparator.comparingDouble((SweepRow row) -> row.networkMilliwatts().getAsDouble())
                .thenComparing(Comparator.comparingDouble(SweepRow::top1Percent).reversed()));
  }

  // ---- summary

  private void appendSummary(Html html) {
    html.element("h1", title).line();
    html.element("p", lead(), "class", "lead").line();
    html.open("dl", "class", "figures").line();
    float32.ifPresent(row -> appendFigure(html, "float32", percent(row), ""));
    exactBySetting
        .values()
        .forEach(
            row ->
                appendFigure(
                    html,
                    "Exact product, " + row.key().setting(),
                    percent(row),
                    row.networkMilliwatts().isPresent()
                        ? Numbers.fixed(row.networkMilliwatts(), POWER_DIGITS) + " mW a product"
                        : ""));
    leastPower(SUMMARY_LIMIT)
        .filter(row -> !isReference(row))
        .ifPresent(
            row ->
                appendFigure(
                    html,
                    "Least power within 1 point",
                    percent(row),
                    row.key().multiplier()
                        + ", "
                        + Numbers.fixed(row.networkMilliwatts(), POWER_DIGITS)
                        + " mW a product"
                        + (saved(row).isPresent()
                            ? ", " + Numbers.fixed(saved(row), 1) + " % saved"
                            : "")));
    html.close().line();
    if (!facts.isEmpty()) {
      html.open("section").element("h2", "What was run").open("dl", "class", "facts").line();
      facts.forEach((name, value) -> html.element("dt", name).element("dd", value).line());
      html.close().close().line();
    }
  }

  private static void appendFigure(Html html, String name, String value, String beside) {
    html.open("div").element("dt", name).element("dd", value);
    if (!beside.isEmpty()) {
      html.element("dd", beside, "class", "beside");
    }
    html.close().line();
  }

  private String lead() {
    long multipliers =
        all.stream()
            .filter(row -> !isReference(row))
            .map(row -> row.key().multiplier() + " " + row.key().identity())
            .distinct()
            .count();
    String count = multipliers == 1 ? "1 multiplier" : Numbers.whole(multipliers) + " multipliers";
    List<String> images = all.stream().map(row -> Numbers.whole(row.images())).distinct().toList();
    return "%s on %s images. Accuracy is top-1.".formatted(count, String.join(" and ", images));
  }

  private static String percent(SweepRow row) {
    return Numbers.fixed(row.top1Percent(), PERCENT_DIGITS) + " %";
  }

  // ---- accuracy against power

  private void appendPlot(Html html) {
    List<SweepRow> rated =
        ofAllLayers().filter(row -> row.networkMilliwatts().isPresent()).toList();
    boolean power = !rated.isEmpty();
    List<SweepRow> shown =
        power ? rated : ofAllLayers().filter(row -> row.maePercent().isPresent()).toList();
    if (shown.isEmpty()) {
      return;
    }
    List<AccuracyPlot.Point> points =
        shown.stream()
            .map(
                row ->
                    new AccuracyPlot.Point(
                        row.key().multiplier(),
                        row.key().setting(),
                        (power ? row.networkMilliwatts() : row.maePercent()).getAsDouble(),
                        row.top1Percent()))
            .toList();
    html.open("section");
    html.element("h2", power ? "Accuracy and power" : "Accuracy and error of the multiplier");
    html.open("figure");
    html.open(
        "div",
        "class",
        "scroll",
        "tabindex",
        "0",
        "role",
        "region",
        "aria-label",
        "Picture of accuracies");
    new AccuracyPlot(
            power ? AccuracyPlot.Across.POWER : AccuracyPlot.Across.ERROR, points, references())
        .appendTo(html);
    html.close();
    html.element("figcaption", plotCaption(power, shown.size())).close().line();
    if (power) {
      appendLeastPower(html);
    }
    html.close().line();
  }

  private List<AccuracyPlot.Reference> references() {
    List<AccuracyPlot.Reference> references = new ArrayList<>();
    float32.ifPresent(
        row -> references.add(new AccuracyPlot.Reference("float32", row.top1Percent())));
    exactBySetting
        .values()
        .forEach(
            row ->
                references.add(
                    new AccuracyPlot.Reference(
                        exactBySetting.size() == 1
                            ? "exact product"
                            : "exact product, " + row.key().setting(),
                        row.top1Percent())));
    return references;
  }

  private String plotCaption(boolean power, int shown) {
    long unknown = ofAllLayers().filter(row -> row.maePercent().isPresent()).count() - shown;
    if (!power) {
      return "The power of the multipliers is not known.";
    }
    return "Filled: nothing else is both cheaper and more accurate."
        + (unknown > 0 ? " Left out for their power is not known: " + unknown + "." : "");
  }

  private void appendLeastPower(Html html) {
    DataTable table =
        new DataTable(
            "least-power",
            "Least power within a limit of the accuracy lost",
            false,
            List.of(
                text("Loss allowed"),
                text("Multiplier"),
                text("Setting"),
                number("Top‑1, %"),
                number("Lost, points"),
                number("Power, mW"),
                number("Saved, %")));
    for (double limit : LIMITS) {
      leastPower(limit)
          .ifPresent(
              row ->
                  table.add(
                      List.of(
                          Cell.text(Numbers.fixed(limit, 1) + (limit == 1 ? " point" : " points")),
                          Cell.text(row.key().multiplier()),
                          Cell.text(row.key().setting()),
                          Cell.number(row.top1Percent(), PERCENT_DIGITS),
                          Cell.number(lost(row), PERCENT_DIGITS),
                          Cell.number(row.networkMilliwatts(), POWER_DIGITS),
                          Cell.number(saved(row), 1))));
    }
    if (!table.isEmpty()) {
      table.appendTo(html);
    }
  }

  // ---- layers

  private void appendSensitivity(Html html) {
    Map<String, List<SweepRow>> bySetting =
        all.stream()
            .filter(row -> !row.key().ofAllLayers() && lost(row).isPresent())
            .collect(
                Collectors.groupingBy(
                    row -> row.key().setting(), LinkedHashMap::new, Collectors.toList()));
    if (bySetting.isEmpty()) {
      return;
    }
    html.open("section").element("h2", "Sensitivity of layers");
    html.element(
        "p",
        "Accuracy lost, in points, where one layer has the multiplier and all others are exact.",
        "class",
        "note");
    html.line();
    bySetting.forEach((setting, rows) -> sensitivity(setting, rows).appendTo(html));
    html.close().line();
  }

  /** Layers in the order of their rows; multipliers from the least harmful on. */
  private HeatTable sensitivity(String setting, List<SweepRow> rows) {
    List<String> layers = rows.stream().map(row -> row.key().layers()).distinct().toList();
    Map<SweepRow.Key, HeatTable.Row> byMultiplier = new LinkedHashMap<>();
    for (SweepRow row : rows) {
      byMultiplier
          .computeIfAbsent(wholeNetwork(row.key()), this::emptyRow)
          .cells()
          .put(row.key().layers(), lost(row).getAsDouble());
    }
    List<HeatTable.Row> sorted =
        byMultiplier.values().stream()
            .sorted(
                Comparator.comparingDouble(
                    row ->
                        row.cells().values().stream()
                            .mapToDouble(Double::doubleValue)
                            .average()
                            .orElseThrow()))
            .toList();
    return new HeatTable(setting, "Multiplier", layers, "all layers", LEAST_SCALE, sorted);
  }

  private static SweepRow.Key wholeNetwork(SweepRow.Key key) {
    return new SweepRow.Key(key.multiplier(), key.identity(), SweepRow.ALL_LAYERS, key.setting());
  }

  private HeatTable.Row emptyRow(SweepRow.Key whole) {
    OptionalDouble lostInAll =
        all.stream()
            .filter(row -> row.key().equals(whole))
            .map(this::lost)
            .findFirst()
            .orElse(OptionalDouble.empty());
    return new HeatTable.Row(whole.multiplier(), new HashMap<>(), lostInAll);
  }

  // ---- all rows

  private void appendRows(Html html) {
    DataTable table =
        new DataTable(
            "rows",
            Numbers.whole(all.size())
                + (all.size() == 1 ? " row" : " rows")
                + "; press a heading to sort",
            false,
            List.of(
                text("Multiplier"),
                text("Identity"),
                text("Layers"),
                text("Setting"),
                number("Top‑1, %"),
                number("Lost, points"),
                number("Top‑5, %"),
                number("Network, mW"),
                number("Multiplier, mW"),
                number("MAE, %"),
                number("Images"),
                number("Images/s")));
    for (SweepRow row : all) {
      String identity = row.key().identity();
      table.add(
          List.of(
              Cell.text(row.key().multiplier()),
              Cell.text(identity.substring(0, Math.min(IDENTITY_DIGITS, identity.length()))),
              Cell.text(row.key().layers()),
              Cell.text(row.key().setting()),
              Cell.number(row.top1Percent(), PERCENT_DIGITS),
              Cell.number(lost(row), PERCENT_DIGITS),
              Cell.number(row.top5Percent(), PERCENT_DIGITS),
              Cell.number(row.networkMilliwatts(), POWER_DIGITS),
              Cell.number(row.multiplierMilliwatts(), POWER_DIGITS),
              Cell.number(row.maePercent(), ERROR_DIGITS),
              Cell.number(row.images(), 0),
              Cell.number(row.imagesPerSecond(), row.imagesPerSecond() < 100 ? 1 : 0)));
    }
    html.open("section").element("h2", "All rows");
    html.element(
        "p",
        "Lost is counted from the exact product under the same setting, or from float32 where there"
            + " is none.",
        "class",
        "note");
    html.open("p", "class", "download")
        .element("a", "Download as CSV", "download", ResultFiles.CSV, "href", csvLink())
        .close();
    table.appendTo(html);
    html.close().line();
  }

  private String csvLink() {
    byte[] csv = RowFormat.csv(all).getBytes(StandardCharsets.UTF_8);
    return "data:text/csv;charset=utf-8;base64," + Base64.getEncoder().encodeToString(csv);
  }
}
