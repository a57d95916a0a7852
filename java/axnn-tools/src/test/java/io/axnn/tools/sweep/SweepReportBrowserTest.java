package io.axnn.tools.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import io.axnn.tools.testing.Browser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The report in a real browser. Without Chromium the tests are skipped, unless the environment says
 * {@code AXNN_BROWSER_TESTS=required}.
 */
class SweepReportBrowserTest {

  private static final String ENTER = "\uE007";

  @TempDir static Path folder;
  private static Browser browser;
  private static final List<SweepRow> ROWS = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    Browser.missing()
        .ifPresent(
            programs -> {
              String message = "there is no " + programs + " on this machine";
              if ("required".equals(System.getenv("AXNN_BROWSER_TESTS"))) {
                fail(message);
              }
              abort(message);
            });
    ROWS.add(ExampleRows.float32());
    ROWS.add(ExampleRows.exact(ExampleRows.ZERO_POINT_0));
    ROWS.addAll(ExampleRows.wholeNetwork(12, ExampleRows.ZERO_POINT_0));
    ROWS.addAll(ExampleRows.eachLayer());
    SweepReport.builder("Example </script><b>")
        .float32(ROWS.get(0))
        .exact(ROWS.get(1))
        .rows(ROWS)
        .table(
            "Accuracy by class",
            List.of("Class", "Top-1"),
            List.of(List.of("cat", "9.5 %"), List.of("dog", "10.5 %"), List.of("bird", "")))
        .build()
        .write(folder.resolve("report.html"));
    browser = new Browser(folder.resolve("profile"), 1200, 900);
  }

  @AfterAll
  static void stop() throws IOException {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void open() throws IOException {
    browser.open(folder.resolve("report.html"));
  }

  @AfterEach
  void noErrors() throws IOException {
    assertThat(browser.console()).isEmpty();
    assertThat(browser.evaluate("return performance.getEntriesByType('resource').length").asInt())
        .as("files that the page asked for")
        .isZero();
  }

  private static List<String> column(String table, int column) throws IOException {
    JsonNode texts =
        browser.evaluate(
            "return [...document.querySelector('%s').tBodies[0].rows].map(r => r.cells[%d].textContent)"
                .formatted(table, column));
    List<String> result = new ArrayList<>();
    texts.forEach(text -> result.add(text.asText()));
    return result;
  }

  private static String heading(String table, int column) {
    return "%s thead th:nth-child(%d)".formatted(table, column + 1);
  }

  private static String sorted(String table, int column) throws IOException {
    return browser
        .evaluate(
            "return document.querySelector('%s').getAttribute('aria-sort')"
                .formatted(heading(table, column)))
        .asText();
  }

  @Test
  void allRowsAreThere() throws IOException {
    assertThat(browser.evaluate("return document.title").asText())
        .isEqualTo("Example </script><b>");
    assertThat(browser.evaluate("return document.querySelectorAll('b').length").asInt()).isZero();
    assertThat(column("#rows", 0)).isEqualTo(ROWS.stream().map(r -> r.key().multiplier()).toList());
    assertThat(column("#rows", 2)).isEqualTo(ROWS.stream().map(r -> r.key().layers()).toList());
    assertThat(
            browser
                .evaluate(
                    "const box = document.querySelector('#rows').getBoundingClientRect();"
                        + "return box.width > 600 && box.height > 1000")
                .asBoolean())
        .isTrue();
  }

  /** Upwards, then downwards; by value and not by text, the unknown last, equal ones in order. */
  @Test
  void aHeadingSortsNumbers() throws IOException {
    ToDoubleFunction<SweepRow> power = row -> row.networkMilliwatts().orElseThrow();
    ToDoubleFunction<SweepRow> speed = SweepRow::imagesPerSecond;
    for (boolean keyboard : new boolean[] {false, true}) {
      open();
      expectSorted(7, power, keyboard);
      expectSorted(11, speed, keyboard);
    }
  }

  private static void expectSorted(int column, ToDoubleFunction<SweepRow> value, boolean keyboard)
      throws IOException {
    List<String> before = column("#rows", column);
    List<SweepRow> known = new ArrayList<>(ROWS);
    List<SweepRow> unknown = new ArrayList<>();
    if (before.contains("–")) {
      known.removeIf(row -> row.networkMilliwatts().isEmpty());
      unknown.add(ROWS.get(0));
    }
    for (boolean ascending : new boolean[] {true, false}) {
      if (keyboard) {
        browser.type(heading("#rows", column) + " button", ENTER);
      } else {
        browser.click(heading("#rows", column) + " button");
      }
      assertThat(sorted("#rows", column)).isEqualTo(ascending ? "ascending" : "descending");
      Comparator<SweepRow> order = Comparator.comparingDouble(value);
      List<Double> expected =
          known.stream()
              .sorted(ascending ? order : order.reversed())
              .map(value::applyAsDouble)
              .toList();
      List<Double> shown = new ArrayList<>();
      List<String> last = new ArrayList<>();
      JsonNode values =
          browser.evaluate(
              "return [...document.querySelector('#rows').tBodies[0].rows]"
                  + ".map(r => r.cells[%d].dataset.value ?? '')".formatted(column));
      for (JsonNode one : values) {
        if (one.asText().isEmpty()) {
          last.add("unknown");
        } else {
          assertThat(last).as("behind an unknown one").isEmpty();
          shown.add(Double.parseDouble(one.asText()));
        }
      }
      assertThat(shown).isEqualTo(expected);
      assertThat(last).hasSameSizeAs(unknown);
    }
    assertThat(
            browser
                .evaluate("return document.querySelectorAll('#rows [aria-sort]').length")
                .asInt())
        .isEqualTo(1);
  }

  @Test
  void sortingIsStable() throws IOException {
    // All layers of one multiplier have its power: their order stays that of the rows, both ways.
    for (int press = 0; press < 2; press++) {
      browser.click(heading("#rows", 8) + " button");
      List<String> names = column("#rows", 0);
      List<String> layers = column("#rows", 2);
      List<String> ofOne = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        if (names.get(i).equals("mul8s_1L2H")) {
          ofOne.add(layers.get(i));
        }
      }
      List<String> expected = new ArrayList<>(List.of("all"));
      expected.addAll(ExampleRows.LAYERS);
      assertThat(ofOne).isEqualTo(expected);
    }
  }

  @Test
  void textsSortToo() throws IOException {
    List<String> names = new ArrayList<>(ROWS.stream().map(r -> r.key().multiplier()).toList());
    names.sort(String.CASE_INSENSITIVE_ORDER);
    browser.click(heading("#rows", 0) + " button");
    assertThat(column("#rows", 0).getFirst()).isEqualTo("float32");
    browser.click(heading("#rows", 0) + " button");
    assertThat(column("#rows", 0).getLast()).isEqualTo("float32");
    Collections.reverse(names);
    assertThat(column("#rows", 0)).containsExactlyInAnyOrderElementsOf(names);
    browser.click(heading("#table-1", 1) + " button");
    assertThat(column("#table-1", 0)).containsExactly("cat", "dog", "bird");
    browser.click(heading("#table-1", 1) + " button");
    assertThat(column("#table-1", 0)).containsExactly("dog", "cat", "bird");
  }

  @Test
  void picturesAreDrawn() throws IOException {
    JsonNode plot =
        browser.evaluate(
            """
            const svg = document.querySelector('svg.plot').getBoundingClientRect();
            const inside = (e) => {
              const box = e.getBoundingClientRect();
              return box.width > 0 && box.height > 0 && box.left >= svg.left && box.right <= svg.right
                && box.top >= svg.top && box.bottom <= svg.bottom;
            };
            return {
              width: svg.width, height: svg.height,
              points: [...document.querySelectorAll('svg.plot path')].filter(inside).length,
              names: [...document.querySelectorAll('svg.plot .name')].filter(inside).length,
            };
            """);
    assertThat(plot.get("width").asDouble()).isGreaterThan(600);
    assertThat(plot.get("height").asDouble()).isGreaterThan(300);
    assertThat(plot.get("points").asInt()).isEqualTo(13);
    assertThat(plot.get("names").asInt()).isBetween(8, 13);
    JsonNode heat =
        browser.evaluate(
            """
            const cells = [...document.querySelectorAll('table.heat .heat-cell')];
            return {
              cells: cells.filter((c) => c.getBoundingClientRect().height > 10).length,
              colors: new Set(cells.map((c) => getComputedStyle(c).backgroundColor)).size,
            };
            """);
    assertThat(heat.get("cells").asInt()).isEqualTo(12 * 11);
    assertThat(heat.get("colors").asInt()).isGreaterThan(20);
  }

  /** Letters and ground differ by enough in both schemes (WCAG 2, AA), in the heat map too. */
  @Test
  void contrastOfBothSchemes() throws IOException {
    List<Double> grounds = new ArrayList<>();
    for (String scheme : List.of("light", "dark")) {
      browser.prefer("prefers-color-scheme", scheme);
      JsonNode found =
          browser.evaluate(
              """
              const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
              const luminance = (color) => {
                canvas.fillStyle = color;
                canvas.fillRect(0, 0, 1, 1);
                const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data]
                  .map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const page = luminance(getComputedStyle(document.body).backgroundColor);
              const contrast = (e, ground) => {
                const letters = luminance(getComputedStyle(e).color);
                return (Math.max(letters, ground) + 0.05) / (Math.min(letters, ground) + 0.05);
              };
              const texts = [...document.querySelectorAll('h1, h2, p, dt, dd, caption, #rows th, #rows td, a, figcaption')];
              const cells = [...document.querySelectorAll('.heat-cell')];
              return {
                ground: page,
                least: Math.min(
                  ...texts.map((e) => contrast(e, page)),
                  ...cells.map((e) => contrast(e, luminance(getComputedStyle(e).backgroundColor)))),
              };
              """);
      assertThat(found.get("least").asDouble()).as(scheme).isGreaterThan(4.5);
      grounds.add(found.get("ground").asDouble());
    }
    assertThat(grounds.get(0)).isGreaterThan(0.9);
    assertThat(grounds.get(1)).isLessThan(0.05);
  }

  /** On a phone only tables and pictures are wider than the page, and scroll by themselves. */
  @Test
  void narrowPages() throws IOException {
    JsonNode widths =
        browser.evaluate(
            """
            document.body.style.width = '360px';
            return [document.body.scrollWidth, document.querySelector('#rows').parentElement.scrollWidth];
            """);
    assertThat(widths.get(0).asInt()).isEqualTo(360);
    assertThat(widths.get(1).asInt()).isGreaterThan(360);
  }

  @Test
  void theDownloadIsTheCsv() throws IOException {
    String csv =
        browser
            .evaluate(
                """
                const link = document.querySelector('.download a');
                const bytes = Uint8Array.from(atob(link.href.split(',')[1]), (c) => c.charCodeAt(0));
                return link.download + '\\n' + new TextDecoder().decode(bytes);
                """)
            .asText();
    assertThat(csv).isEqualTo("results.csv\n" + RowFormat.csv(ROWS));
  }
}
