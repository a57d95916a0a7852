package io.axnn.tools.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepReportTest {

  private static final String SETTING = ExampleRows.ZERO_POINT_0;
  private static final SweepRow FLOAT32 = ExampleRows.float32();
  private static final SweepRow EXACT = ExampleRows.exact(SETTING);

  @TempDir Path folder;

  private static SweepRow row(
      String name, int number, int correct, OptionalDouble milliwatts, OptionalDouble maePercent) {
    return new SweepRow(
        new SweepRow.Key(name, "%064x".formatted(number), "all", SETTING),
        10_000,
        correct,
        correct,
        2,
        milliwatts,
        milliwatts,
        maePercent);
  }

  private static SweepRow row(String name, int number, int correct, double milliwatts) {
    return row(name, number, correct, OptionalDouble.of(milliwatts), OptionalDouble.of(0.1));
  }

  /** The texts of the cells of a table's body, row by row. */
  private static List<List<String>> cells(String html, String id) {
    String table = html.substring(html.indexOf("<table id=\"" + id + "\""));
    String body = table.substring(table.indexOf("<tbody>"), table.indexOf("</tbody>"));
    return Pattern.compile("<tr>.*?</tr>")
        .matcher(body)
        .results()
        .map(
            row ->
                Pattern.compile("<t[hd][^>]*>([^<]*)<")
                    .matcher(row.group())
                    .results()
                    .map(cell -> cell.group(1))
                    .toList())
        .toList();
  }

  @Test
  void theTableOfAllRows() {
    String html =
        SweepReport.builder("title")
            .float32(FLOAT32)
            .exact(EXACT)
            .rows(List.of(EXACT, row("cheap", 255, 8_000, 0.2), FLOAT32))
            .build()
            .html();
    assertThat(cells(html, "rows"))
        .containsExactly(
            List.of(
                "float32", "", "all", "float32", "84.97", "0.00", "98.97", "–", "–", "–", "10,000",
                "3,058"),
            List.of(
                "mul8s_1KV8",
                EXACT.key().identity().substring(0, 8),
                "all",
                SETTING,
                "84.86",
                "0.00",
                "98.86",
                "0.425",
                "0.425",
                "0.0000",
                "10,000",
                "3,047"),
            List.of(
                "cheap",
                "00000000",
                "all",
                SETTING,
                "80.00",
                "4.86",
                "80.00",
                "0.200",
                "0.200",
                "0.1000",
                "10,000",
                "5,000"));
    assertThat(html).contains("1 multiplier on 10,000 images", "52.9");
  }

  /** The least power among those that lose no more, the better one of equal power. */
  @Test
  void leastPower() {
    String html =
        SweepReport.builder("title")
            .exact(EXACT)
            .rows(
                List.of(
                    row("a", 1, 8_466, 0.40),
                    row("b", 2, 8_386, 0.30),
                    row("worse", 3, 8_385, 0.30),
                    row("c", 4, 8_385, 0.29),
                    row("far", 5, 100, 0.01),
                    row("unknown", 6, 8_486, OptionalDouble.empty(), OptionalDouble.of(1))))
            .build()
            .html();
    assertThat(cells(html, "least-power"))
        .extracting(cells -> cells.get(0) + ": " + cells.get(1) + " saves " + cells.get(6))
        .containsExactly(
            "0.2 points: a saves 5.9",
            "0.5 points: a saves 5.9",
            "1.0 point: b saves 29.4",
            "2.0 points: c saves 31.8",
            "5.0 points: c saves 31.8");
    assertThat(html).contains("Left out for their power is not known: 1.");
  }

  /** Without any power the error is across, and there is neither front nor least power. */
  @Test
  void withoutPower() {
    String html =
        SweepReport.builder("title")
            .float32(FLOAT32)
            .rows(
                List.of(
                    row("exact", 1, 8_400, OptionalDouble.empty(), OptionalDouble.of(0)),
                    row("poor", 2, 1_000, OptionalDouble.empty(), OptionalDouble.of(3))))
            .build()
            .html();
    assertThat(html)
        .contains("mean absolute error of the multiplier, %", "exact: 84.00 %, 0.0000")
        .doesNotContain("<polyline", "least-power");
    // Lost is counted from float32.
    assertThat(cells(html, "rows").get(2).get(5)).isEqualTo("74.97");
  }

  @Test
  void sensitivityOfLayers() {
    String html =
        SweepReport.builder("title")
            .exact(EXACT)
            .rows(ExampleRows.wholeNetwork(12, SETTING))
            .rows(ExampleRows.eachLayer())
            .build()
            .html();
    String heat = html.substring(html.indexOf("<table class=\"heat\""));
    heat = heat.substring(0, heat.indexOf("</table>"));
    int last = -1;
    for (String layer : ExampleRows.LAYERS) {
      assertThat(heat.indexOf("<span>" + layer + "</span>")).isGreaterThan(last);
      last = heat.indexOf("<span>" + layer + "</span>");
    }
    assertThat(heat).contains("<span>all layers</span>");
    // The most harmful comes last; the largest loss has the full ground.
    assertThat(heat.lastIndexOf("scope=\"row\""))
        .isEqualTo(heat.indexOf("scope=\"row\" class=\"text\">mul8s_1KR3"));
    assertThat(heat)
        .contains("style=\"--share:100%\">74.86</td>", "style=\"--share:0%\">−0.03</td>");
    Matcher numbers = Pattern.compile("heat-cell").matcher(heat);
    assertThat(numbers.results().count()).isEqualTo(12 * 11);
    assertThat(SweepReport.builder("title").rows(List.of(EXACT)).build().html())
        .doesNotContain("<table class=\"heat\"");
  }

  /** A layer that was not measured with a multiplier is unknown, and small losses look small. */
  @Test
  void sensitivityWithGaps() {
    SweepRow.Key key = new SweepRow.Key("m", "", "conv", SETTING);
    SweepRow small =
        new SweepRow(
            key,
            10_000,
            8_481,
            8_481,
            1,
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty());
    SweepRow other =
        new SweepRow(
            new SweepRow.Key("n", "", "gemm", SETTING),
            10_000,
            8_481,
            8_481,
            1,
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty());
    String html =
        SweepReport.builder("title").exact(EXACT).rows(List.of(small, other)).build().html();
    assertThat(html).contains("--share:22%\">0.05</td>", "--share:0%\">–</td>");
  }

  /** Texts come from files and users; the page asks for nothing. */
  @Test
  void hostileTexts() {
    String hostile = "<script>alert(1)</script>\"'&{{body}}$1\\";
    SweepRow.Key key = new SweepRow.Key(hostile, "", hostile, hostile);
    SweepRow layer =
        new SweepRow(
            key, 1, 1, 1, 1, OptionalDouble.of(1), OptionalDouble.of(1), OptionalDouble.of(1));
    SweepRow whole =
        new SweepRow(
            new SweepRow.Key(hostile, "", "all", hostile),
            1,
            0,
            1,
            1,
            OptionalDouble.of(1),
            OptionalDouble.of(1),
            OptionalDouble.of(1));
    String html =
        SweepReport.builder(hostile)
            .facts(Map.of(hostile, hostile))
            .float32(whole)
            .exact(whole)
            .rows(List.of(layer))
            .table(hostile, List.of(hostile, hostile), List.of(List.of(hostile, hostile)))
            .build()
            .html();
    assertThat(html.split("<script>", -1)).hasSize(2);
    assertThat(html)
        .contains("<title>&lt;script&gt;alert(1)&lt;/script&gt;&quot;'&amp;{{body}}$1\\</title>")
        .doesNotContain("\"'&{", "src=", "url(", "@import", "http:", "https:");
  }

  @Test
  void theLinkHoldsTheCsv() {
    List<SweepRow> rows = List.of(FLOAT32, EXACT, row("größe, \"µ\"", 1, 8_000, 0.2));
    String html = SweepReport.builder("title").rows(rows).build().html();
    Matcher link =
        Pattern.compile("href=\"data:text/csv;charset=utf-8;base64,([^\"]*)\"").matcher(html);
    assertThat(link.find()).isTrue();
    assertThat(new String(Base64.getDecoder().decode(link.group(1)), StandardCharsets.UTF_8))
        .isEqualTo(RowFormat.csv(rows));
  }

  @Test
  void otherTables() {
    String html =
        SweepReport.builder("title")
            .rows(List.of(EXACT))
            .table(
                "Accuracy by class",
                List.of("Class", "Top-1", "Note"),
                List.of(List.of("3", "1,234.5 %", "4"), List.of("x", " ", "y")))
            .build()
            .html();
    assertThat(html)
        .contains(
            "<caption><h2>Accuracy by class</h2></caption>",
            "<th class=\"text\" scope=\"row\">3</th>",
            "<td class=\"number\" data-value=\"1234.5\">1,234.5 %</td><td class=\"text\">4</td>",
            "<td class=\"number\">–</td><td class=\"text\">y</td>");
  }

  @Test
  void aFileIsReplacedWhole() throws IOException {
    Path file = folder.resolve("report.html");
    Files.writeString(file, "old");
    SweepReport report = SweepReport.builder("title").rows(List.of(EXACT)).build();
    report.write(file);
    assertThat(Files.readString(file)).isEqualTo(report.html());
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void wrongPartsAreNamed() {
    SweepReport.Builder builder = SweepReport.builder("title");
    expect(builder::build, "rows is empty; allowed: at least one row");
    SweepRow layer = ExampleRows.eachLayer().getFirst();
    expect(
        () -> builder.exact(layer),
        "row is of layer /stem/conv/Conv; allowed: a row of all layers");
    expect(
        () -> builder.table("t", List.of("a", "b"), List.of(List.of("1"))),
        "cells has a row of 1 texts; allowed: 2, as there are headings");
  }

  private static void expect(Runnable wrong, String message) {
    assertThatThrownBy(wrong::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
