package io.axnn.tools.command;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** A table of text for a terminal. Columns of numbers are flush right, the others left. */
final class TextTable {
  private static final String GAP = "  ";

  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * A column.
   *
   * @param leastWidth in characters, for rows that are printed before the others are known
   */
  record Column(String title, boolean number, int leastWidth) {
    static Column text(String title, int leastWidth) {
      return new Column(title, false, leastWidth);
    }

    static Column number(String title, int leastWidth) {
      return new Column(title, true, leastWidth);
    }

    private String cell(String content, int width) {
      String space = " ".repeat(Math.max(width - content.length(), 0));
      return number ? space + content : content + space;
    }
  }

  TextTable(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  void add(String... cells) {
    rows.add(List.of(cells));
  }

  /** Prints the rows that were added, each column as wide as its widest cell. */
  void print(PrintWriter out) {
    List<Integer> widths = new ArrayList<>();
    for (int c = 0; c < columns.size(); c++) {
      int column = c;
      int widest = rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
      widths.add(
          Math.max(widest, Math.max(columns.get(c).title().length(), columns.get(c).leastWidth())));
    }
    printLine(out, columns.stream().map(Column::title).toList(), widths);
    rows.forEach(row -> printLine(out, row, widths));
  }

  /** Prints the titles, for {@link #printRow}. */
  void printTitles(PrintWriter out) {
    printLine(out, columns.stream().map(Column::title).toList(), leastWidths());
  }

  /** Prints a row at once, with the columns' least widths. */
  void printRow(PrintWriter out, String... cells) {
    printLine(out, List.of(cells), leastWidths());
  }

  private List<Integer> leastWidths() {
    return columns.stream()
        .map(column -> Math.max(column.leastWidth(), column.title().length()))
        .toList();
  }

  private void printLine(PrintWriter out, List<String> cells, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < columns.size(); c++) {
      line.append(c == 0 ? "" : GAP).append(columns.get(c).cell(cells.get(c), widths.get(c)));
    }
    out.println(line.toString().stripTrailing());
  }
}
