package io.axnn.tools.internal.report;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * A table of numbers, each on a ground that is stronger the larger its number is: a heat map that
 * can be read. The ground goes with the cube root, for one large number would hide the others.
 * Numbers below 0 have none.
 */
public final class HeatTable {

  private static final int DIGITS = 2;

  /**
   * A row.
   *
   * @param cells by column; one that is missing is unknown
   * @param last what stands apart behind them, as the whole to its parts
   */
  public record Row(String name, Map<String, Double> cells, OptionalDouble last) {}

  private final String caption;
  private final String corner;
  private final List<String> columns;
  private final String lastColumn;
  private final List<Row> rows;
  private final double largest;

  /**
   * A table.
   *
   * @param corner what the headings of the rows are
   * @param lastColumn the heading of {@link Row#last}
   * @param leastScale the number that has the full ground where all are below it; above 0
   */
  public HeatTable(
      String caption,
      String corner,
      List<String> columns,
      String lastColumn,
      double leastScale,
      List<Row> rows) {
    this.caption = caption;
    this.corner = corner;
    this.columns = List.copyOf(columns);
    this.lastColumn = lastColumn;
    this.rows = List.copyOf(rows);
    largest =
        rows.stream()
            .flatMapToDouble(
                row ->
                    DoubleStream.concat(
                        row.cells().values().stream().mapToDouble(Double::doubleValue),
                        row.last().stream()))
            .reduce(leastScale, Math::max);
  }

  /** Writes it. */
  public void appendTo(Html html) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
    html.open("table", "class", "heat").element("caption", caption).line();
    html.open("thead").open("tr").element("th", corner, "scope", "col", "class", "text");
    columns.forEach(column -> appendHeading(html, column, "layer"));
    appendHeading(html, lastColumn, "layer last");
    html.close().close().line().open("tbody").line();
    for (Row row : rows) {
      html.open("tr").element("th", row.name(), "scope", "row", "class", "text");
      for (String column : columns) {
        Double value = row.cells().get(column);
        appendCell(
            html, value == null ? OptionalDouble.empty() : OptionalDouble.of(value), "heat-cell");
      }
      appendCell(html, row.last(), "heat-cell last");
      html.close().line();
    }
    html.close().close().close().line();
  }

  private static void appendHeading(Html html, String heading, String kind) {
    html.open("th", "scope", "col", "class", kind).element("span", heading).close();
  }

  private void appendCell(Html html, OptionalDouble value, String kind) {
    double share = value.isPresent() ? share(value.getAsDouble()) : 0;
    html.element(
        "td",
        Numbers.fixed(value, DIGITS),
        "class",
        kind,
        "style",
        "--share:" + Math.round(100 * share) + "%");
  }

  private double share(double value) {
    return Math.cbrt(Math.max(value, 0) / largest);
  }
}
