package io.axnn.tools;

import io.axnn.multiplier.ErrorFigures;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Pictures of what multipliers do wrong, and of what they cost for it. */
public final class MultiplierPictures {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 700;

  /** Cells of a heat map along each axis, at most. */
  private static final int CELLS = 64;

  /** Values of an operand that are looked at, at most: all of them up to 10 bits. */
  private static final int VALUES = 1024;

  /** Odd, so that the errors around 0 have one. */
  private static final int BARS = 61;

  /** Too low, right, too high. */
  private static final Color[] SIGNED_COLORS = {
    new Color(0x2166AC),
    new Color(0x92C5DE),
    new Color(0xF7F7F7),
    new Color(0xF4A582),
    new Color(0xB2182B)
  };

  private static final Color POINT = new Color(0x4393C3);
  private static final Color FRONT = new Color(0xB2182B);

  private MultiplierPictures() {}

  /**
   * A multiplier with what it costs.
   *
   * @param multiplier may be closed
   * @param milliwatts its power, or empty where it is not known
   */
  public record Rated(Multiplier multiplier, OptionalDouble milliwatts) {}

  /**
   * The error, product - a * b, over both operands: the mean of each of at most 64 x 64 cells.
   * Above 10 bits 1024 evenly chosen values of an operand stand for all. The colours are symmetric
   * about 0.
   *
   * @param multiplier may be closed
   * @return row operand across, column operand up
   */
  public static Picture errorHeatMap(Multiplier multiplier) {
    List<int[]> rows = cells(values(multiplier.rowOperand()));
    List<int[]> columns = cells(values(multiplier.columnOperand()));
    List<Number[]> heat = new ArrayList<>();
    double largest = 0;
    for (int r = 0; r < rows.size(); r++) {
      for (int c = 0; c < columns.size(); c++) {
        double mean = meanError(multiplier, rows.get(r), columns.get(c));
        largest = Math.max(largest, Math.abs(mean));
        heat.add(new Number[] {r, c, mean});
      }
    }
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Mean error of " + multiplier.name())
            .xAxisTitle("a, " + describe(multiplier.rowOperand()))
            .yAxisTitle("b, " + describe(multiplier.columnOperand()))
            .build();
    // An exact multiplier has a scale too.
    double limit = largest == 0 ? 1 : largest;
    chart.getStyler().setRangeColors(SIGNED_COLORS);
    chart.getStyler().setMin(-limit).setMax(limit).setDrawBorder(false);
    chart.getStyler().setHeatMapDecimalValueFormatter(MultiplierPictures::number);
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setXAxisMaxLabelCount(9);
    chart.getStyler().setPlotGridLinesVisible(false);
    chart.addSeries("product - a * b", starts(rows), labels(starts(columns)), heat);
    return picture(chart);
  }

  /** The values of an operand in order, evenly thinned where they are too many. */
  private static int[] values(Operand operand) {
    int step = Math.max(operand.count() / VALUES, 1);
    return IntStream.range(0, operand.count() / step).map(i -> operand.min() + i * step).toArray();
  }

  /** Neighbouring values, equally many in each cell. */
  private static List<int[]> cells(int[] values) {
    int size = Math.max(values.length / CELLS, 1);
    return IntStream.range(0, values.length / size)
        .mapToObj(cell -> Arrays.copyOfRange(values, cell * size, (cell + 1) * size))
        .toList();
  }

  private static List<Integer> starts(List<int[]> cells) {
    return cells.stream().map(cell -> cell[0]).toList();
  }

  /** Every eighth; the others would overlap. */
  private static List<String> labels(List<Integer> starts) {
    int every = Math.max(starts.size() / 8, 1);
    return IntStream.range(0, starts.size())
        .mapToObj(i -> i % every == 0 ? String.valueOf(starts.get(i)) : " ".repeat(i + 1))
        .toList();
  }

  private static double meanError(Multiplier multiplier, int[] rows, int[] columns) {
    double sum = 0;
    for (int a : rows) {
      for (int b : columns) {
        sum += error(multiplier, a, b);
      }
    }
    return sum / rows.length / columns.length;
  }

  private static long error(Multiplier multiplier, int a, int b) {
    return multiplier.longProduct(a, b) - (long) a * b;
  }

  private static String describe(Operand operand) {
    return operand.bits() + " bits " + (operand.signed() ? "signed" : "unsigned");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.3g" : "%.0f", value);
  }

  /**
   * How often errors of each size occur, over all pairs of operands; above 10 bits over 1024 evenly
   * chosen values of each.
   *
   * @param multiplier may be closed
   * @return error across, percent of the pairs up
   */
  public static Picture errorHistogram(Multiplier multiplier) {
    int[] rows = values(multiplier.rowOperand());
    int[] columns = values(multiplier.columnOperand());
    long lowest = 0;
    long highest = 0;
    for (int a : rows) {
      for (int b : columns) {
        long error = error(multiplier, a, b);
        lowest = Math.min(lowest, error);
        highest = Math.max(highest, error);
      }
    }
    // Bars of whole numbers: the first begins at the lowest error.
    long width = Math.max((highest - lowest + BARS) / BARS, 1);
    double[] shares = new double[BARS];
    for (int a : rows) {
      for (int b : columns) {
        shares[(int) ((error(multiplier, a, b) - lowest) / width)]++;
      }
    }
    double[] starts = new double[BARS];
    for (int i = 0; i < BARS; i++) {
      starts[i] = lowest + (double) i * width;
      shares[i] *= 100.0 / rows.length / columns.length;
    }
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Errors of " + multiplier.name())
            .xAxisTitle("product - a * b, in steps of " + width)
            .yAxisTitle("pairs of operands, %")
            .build();
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.StepArea);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setXAxisDecimalPattern("#").setYAxisDecimalPattern("#.##");
    XYSeries series = chart.addSeries("errors", starts, shares);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(POINT);
    series.setFillColor(new Color(0x92C5DE));
    return picture(chart);
  }

  /**
   * Error against power, with the front: those that no other one beats in both. Multipliers of
   * unknown power are left out, and the title counts them. The error axis is logarithmic; exact
   * multipliers lie on its lower end.
   *
   * @param rated at least one of known power
   * @return power in mW across, mean absolute error in percent of the largest product range up
   * @throws IllegalArgumentException if no power is known
   */
  public static Picture pareto(List<Rated> rated) {
    List<Point> points = new ArrayList<>();
    for (Rated one : rated) {
      one.milliwatts()
          .ifPresent(
              power ->
                  points.add(
                      new Point(
                          one.multiplier().name(),
                          power,
                          ErrorFigures.of(one.multiplier()).maePercent())));
    }
    if (points.isEmpty()) {
      throw new IllegalArgumentException("rated has no multiplier of known power");
    }
    List<Point> front = Point.front(points);
    double floor =
        points.stream().mapToDouble(Point::error).filter(e -> e > 0).min().orElse(0.01) / 3;
    int unknown = rated.size() - points.size();
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(
                "Error against power of "
                    + points.size()
                    + " multipliers"
                    + (unknown == 0 ? "" : " (" + unknown + " of unknown power left out)"))
            .xAxisTitle("power, mW")
            .yAxisTitle("mean absolute error, %")
            .build();
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisMin(floor / 1.5);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    chart.getStyler().setLegendPosition(LegendPosition.InsideNE);
    chart.getStyler().setMarkerSize(8);
    chart.getStyler().setXAxisDecimalPattern("#.##");
    XYSeries all = add(chart, "multipliers", points, floor);
    all.setMarkerColor(POINT);
    XYSeries best = add(chart, "front", front, floor);
    best.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
    best.setLineColor(FRONT);
    best.setLineStyle(new BasicStroke(1.5f));
    best.setMarkerColor(FRONT);
    best.setMarker(SeriesMarkers.CIRCLE);
    label(chart, front, floor);
    return picture(chart);
  }

  /** Names of the points of the front, right of them; left where the one before is too near. */
  private static void label(XYChart chart, List<Point> front, double floor) {
    double first = front.getFirst().power();
    double range = Math.max(front.getLast().power() - first, first);
    chart.getStyler().setXAxisMin(Math.max(first - 0.15 * range, 0));
    chart.getStyler().setXAxisMax(front.getLast().power() + 0.25 * range);
    boolean right = false;
    Point before = null;
    for (Point point : front) {
      double error = Math.max(point.error(), floor);
      boolean near =
          before != null
              && point.power() - before.power() < 0.15 * range
              && before.error() < 1.4 * error;
      right = !near || !right;
      before = point;
      String name = point.error() == 0 ? point.name() + " (exact)" : point.name();
      // A text is centred on its place.
      double aside = 0.0065 * name.length() * range;
      chart.addAnnotation(
          new AnnotationText(
              name,
              point.power() + (right ? aside : -aside),
              right ? error * 1.1 : error / 1.12,
              false));
    }
  }

  private static Picture picture(Chart<?, ?> chart) {
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    return new Picture(chart, chart.getTitle());
  }

  private static XYSeries add(XYChart chart, String name, List<Point> points, double floor) {
    return chart.addSeries(
        name,
        points.stream().mapToDouble(Point::power).toArray(),
        points.stream().mapToDouble(point -> Math.max(point.error(), floor)).toArray());
  }

  /** A multiplier in the plot. */
  record Point(String name, double power, double error) {

    /** Those that no other one equals or beats in both, by power. */
    static List<Point> front(List<Point> points) {
      List<Point> front = new ArrayList<>();
      points.stream()
          .sorted(Comparator.comparingDouble(Point::power).thenComparingDouble(Point::error))
          .forEach(
              point -> {
                if (front.isEmpty() || point.error() < front.getLast().error()) {
                  front.add(point);
                }
              });
      return front;
    }
  }
}
