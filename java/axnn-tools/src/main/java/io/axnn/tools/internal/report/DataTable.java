package io.axnn.tools.internal.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A table of a report, which sorts by any column. The first cell of a row is its heading. A cell of
 * a column of numbers carries its exact value beside the shown one; one without is unknown and
 * comes last in any order.
 */
public final class DataTable {

  /** A column. */
  public record Column(String heading, boolean numeric) {
    /** A column of texts. */
    public static Column text(String heading) {
      return new Column(heading, false);
    }

    /** A column of numbers. */
    public static Column number(String heading) {
      return new Column(heading, true);
    }
  }

  /** A cell; the value is of a column of numbers and empty where it is not known. */
  public record Cell(String text, OptionalDouble value) {
    /** A text. */
    public static Cell text(String text) {
      return new Cell(text, OptionalDouble.empty());
    }

    /** A number with so many digits after the point. */
    public static Cell number(double value, int digits) {
      return number(OptionalDouble.of(value), digits);
    }

    /** A number, or what stands for none. */
    public static Cell number(OptionalDouble value, int digits) {
      return new Cell(Numbers.fixed(value, digits), value);
    }
  }

  private final String id;
  private final String caption;
  private final boolean heading;
  private final List<Column> columns;
  private final List<List<Cell>> rows = new ArrayList<>();

  /**
   * A table without rows.
   *
   * @param id of its element
   * @param heading whether its caption is the heading of its section too
   */
  public DataTable(String id, String caption, boolean heading, List<Column> columns) {
    this.id = id;
    this.caption = caption;
    this.heading = heading;
    this.columns = List.copyOf(columns);
  }

  /**
   * A section's table of texts; a column is of numbers where each of its texts is one or is blank.
   */
  public static DataTable ofTexts(
      String id, String caption, List<String> headings, List<List<String>> rows) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < headings.size(); i++) {
      int column = i;
      boolean numeric =
          i > 0
              && rows.stream()
                  .map(row -> row.get(column))
                  .allMatch(text -> text.isBlank() || parsed(text).isPresent());
      columns.add(new Column(headings.get(i), numeric));
    }
    DataTable table = new DataTable(id, caption, true, columns);
    for (List<String> row : rows) {
      List<Cell> cells = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        boolean unknown = columns.get(i).numeric() && row.get(i).isBlank();
        cells.add(
            columns.get(i).numeric()
                ? new Cell(unknown ? Numbers.UNKNOWN : row.get(i), parsed(row.get(i)))
                : Cell.text(row.get(i)));
      }
      table.add(cells);
    }
    return table;
  }

  private static OptionalDouble parsed(String text) {
    try {
      return OptionalDouble.of(Double.parseDouble(text.replaceAll("[,%]", "")));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  /** Adds a row of as many cells as there are columns. */
  public void add(List<Cell> cells) {
    rows.add(List.copyOf(cells));
  }

  /** Whether it has no rows. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Writes it. */
  public void appendTo(Html html) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
    html.open("table", "id", id, "class", "sortable").open("caption");
    if (heading) {
      html.element("h2", caption);
    } else {
      html.text(caption);
    }
    html.close().line();
    html.open("thead").open("tr");
    for (Column column : columns) {
      html.element("th", column.heading(), "scope", "col", "class", kind(column));
    }
    html.close().close().line().open("tbody").line();
    for (List<Cell> row : rows) {
      html.open("tr");
      for (int i = 0; i < row.size(); i++) {
        append(html, row.get(i), columns.get(i), i == 0);
      }
      html.close().line();
    }
    html.close().close().close().line();
  }

  private static void append(Html html, Cell cell, Column column, boolean first) {
    List<String> attributes = new ArrayList<>(List.of("class", kind(column)));
    if (first) {
      attributes.addAll(List.of("scope", "row"));
    }
    cell.value()
        .ifPresent(value -> attributes.addAll(List.of("data-value", Double.toString(value))));
    html.element(first ? "th" : "td", cell.text(), attributes.toArray(String[]::new));
  }

  private static String kind(Column column) {
    return column.numeric() ? "number" : "text";
  }
}
