package io.axnn.tools.internal.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.tools.internal.report.AccuracyPlot.Across;
import io.axnn.tools.internal.report.AccuracyPlot.Point;
import io.axnn.tools.internal.report.AccuracyPlot.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AccuracyPlotTest {

  private static final Pattern MARKER =
      Pattern.compile("<path class=\"point[^>]*translate\\((\\S+) (\\S+)\\)");
  private static final Pattern NUMBER_BESIDE =
      Pattern.compile(
          "<text class=\"tick\" text-anchor=\"end\" x=\"44.0\" y=\"([^\"]+)\">([^<]+)<");

  private static String svg(Across across, List<Point> points, List<Reference> references) {
    Html html = new Html();
    new AccuracyPlot(across, points, references).appendTo(html);
    assertThat(html.toString()).doesNotContain("NaN", "Infinity", "�");
    return html.toString();
  }

  private static List<double[]> markers(String svg) {
    return MARKER
        .matcher(svg)
        .results()
        .map(
            found ->
                new double[] {
                  Double.parseDouble(found.group(1)), Double.parseDouble(found.group(2))
                })
        .toList();
  }

  /** Random and degenerate points: all within the axes, in the order of their values. */
  @Test
  void pointsAreWhereTheirValuesAre() {
    long seed = System.nanoTime();
    System.out.println("AccuracyPlotTest seed " + seed);
    Random random = new Random(seed);
    for (int repeat = 0; repeat < 500; repeat++) {
      Across across = random.nextBoolean() ? Across.POWER : Across.ERROR;
      boolean alike = random.nextInt(5) == 0;
      List<Point> points = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(20); i++) {
        points.add(
            new Point(
                "m" + i,
                "setting",
                random.nextInt(6) == 0 ? 0 : random.nextDouble(),
                alike ? 100 : random.nextInt(10_001) / 100.0));
      }
      List<Reference> references =
          List.of(new Reference("float32", 100 * random.nextDouble())).subList(0, repeat % 2);
      List<double[]> places = markers(svg(across, points, references));
      assertThat(places).hasSameSizeAs(points);
      for (int i = 0; i < points.size(); i++) {
        assertThat(places.get(i)[0]).isBetween(52.0, 864.0);
        assertThat(places.get(i)[1]).isBetween(34.0, 420.0);
        for (int j = 0; j < points.size(); j++) {
          if (points.get(i).percent() > points.get(j).percent()) {
            assertThat(places.get(i)[1]).isLessThanOrEqualTo(places.get(j)[1]);
          }
          if (points.get(i).across() > points.get(j).across()) {
            assertThat(places.get(i)[0]).isGreaterThanOrEqualTo(places.get(j)[0]);
          }
        }
      }
    }
  }

  /** A fine scale for what is close to the best, a coarse one for the rest; both have numbers. */
  @Test
  void twoScales() {
    List<Point> points =
        List.of(
            new Point("best", "s", 4, 85),
            new Point("close", "s", 3, 84),
            new Point("closer", "s", 2, 84.5),
            new Point("far", "s", 1, 20));
    String svg = svg(Across.POWER, points, List.of());
    assertThat(svg).contains("coarser scale");
    List<double[]> places = markers(svg);
    double perPointAbove = places.get(1)[1] - places.get(0)[1];
    double perPointBelow = (places.get(3)[1] - places.get(1)[1]) / 64;
    assertThat(perPointAbove).isGreaterThan(20 * perPointBelow);
    List<MatchResult> numbers = NUMBER_BESIDE.matcher(svg).results().toList();
    assertThat(numbers).extracting(found -> found.group(2)).contains("85.0", "84.0", "20", "40");
    for (MatchResult one : numbers) {
      for (MatchResult other : numbers) {
        if (one != other) {
          assertThat(
                  Math.abs(Double.parseDouble(one.group(1)) - Double.parseDouble(other.group(1))))
              .isGreaterThan(11);
        }
      }
    }
    assertThat(svg(Across.POWER, points.subList(0, 3), List.of())).doesNotContain("coarser scale");
  }

  @Test
  void theFrontIsFilledAndJoined() {
    List<Point> points =
        List.of(
            new Point("a", "s", 1, 50),
            new Point("b", "s", 2, 60),
            new Point("beaten", "s", 3, 55),
            new Point("c", "t", 4, 58.5));
    String svg = svg(Across.POWER, points, List.of(new Reference("float32", 61)));
    List<double[]> places = markers(svg.substring(svg.indexOf("<g>")));
    assertThat(svg.split("point filled", -1)).hasSize(3);
    assertThat(svg)
        .contains(
            "points=\"%.1f,%.1f %.1f,%.1f\""
                .formatted(places.get(0)[0], places.get(0)[1], places.get(1)[0], places.get(1)[1]))
        .contains(">float32 61.00 %<", "class=\"legend\"")
        .contains("aria-label=\"Top-1 accuracy in percent against mean power");
  }

  @Test
  void roundNumbersBesideAxes() {
    assertThat(Axis.linear(0.05, 0.43, 0, 800, 56).ticks())
        .extracting(Axis.Tick::text)
        .containsExactly("0.05", "0.10", "0.15", "0.20", "0.25", "0.30", "0.35", "0.40");
    assertThat(Axis.linear(-1, 1, 0, 200, 50).ticks())
        .extracting(Axis.Tick::text)
        .containsExactly("−1.0", "−0.5", "0.0", "0.5", "1.0");
    assertThat(Axis.logarithmicWithZero(0.001, 8, 10, 50, 800).ticks())
        .extracting(Axis.Tick::text)
        .contains("0", "0.001", "0.002", "0.005", "0.1", "1", "5")
        .doesNotHaveDuplicates();
    Axis logarithmic = Axis.logarithmicWithZero(0.01, 1, 10, 100, 300);
    assertThat(logarithmic.at(0)).isEqualTo(10);
    assertThat(logarithmic.at(0.1)).isEqualTo(200);
  }
}
