package io.axnn.tools;

import io.axnn.multiplier.ErrorFigures;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import java.awt.Color;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.AxesChart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Pictures of what multipliers do wrong, and of what they cost for it. */
public final class MultiplierPictures {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 700;

  /** Cells of a heat map along each axis, at most. */
  private static final int CELLS = 64;

  /** Pairs of operands that are looked at in a cell, at most; all where operands have 11 bits. */
  private static final int PAIRS_PER_CELL = 1024;

  /** Pairs of operands that are looked at for a histogram, at most: all where they have 10 bits. */
  private static final int PAIRS = 1 << 20;

  /** The same pictures every time. */
  private static final long SEED = 1;

  private static final int MAX_BARS = 60;

  /** Too low, right, too high. */
  private static final Color[] SIGNED_COLORS = {
    new Color(0x2166AC),
    new Color(0x92C5DE),
    new Color(0xF7F7F7),
    new Color(0xF4A582),
    new Color(0xB2182B)
  };

  private static final Color BAR_EDGE = new Color(0x4393C3);

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
   * Above 11 bits it is that of 1024 pairs drawn from a cell. The colours are symmetric about 0.
   *
   * @param multiplier may be closed
   * @return row operand across, column operand up
   */
  public static Picture errorHeatMap(Multiplier multiplier) {
    Operand row = multiplier.rowOperand();
    Operand column = multiplier.columnOperand();
    SplittableRandom random = new SplittableRandom(SEED);
    List<Number[]> heat = new ArrayList<>();
    double largest = 0;
    for (int r = 0; r < cells(row); r++) {
      for (int c = 0; c < cells(column); c++) {
        double mean =
            LongStream.of(errors(multiplier, cell(row, r), cell(column, c), PAIRS_PER_CELL, random))
                .average()
                .orElseThrow();
        largest = Math.max(largest, Math.abs(mean));
        heat.add(new Number[] {r, c, mean});
      }
    }
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Mean error of " + multiplier.name() + ", product - a * b")
            .xAxisTitle("a, " + describe(row))
            .yAxisTitle("b, " + describe(column))
            .build();
    // An exact multiplier has a scale too.
    double limit = largest == 0 ? 1 : atLeastOfThreeDigits(largest);
    chart.getStyler().setRangeColors(SIGNED_COLORS);
    chart.getStyler().setMin(-limit).setMax(limit).setDrawBorder(false);
    // Smooth edges of single cells would be seams.
    chart.getStyler().setAntiAlias(false);
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setXAxisMaxLabelCount(9);
    chart.getStyler().setPlotGridLinesVisible(false);
    chart.addSeries("product - a * b", labels(row), labels(column), heat);
    return picture(chart);
  }

  /** Neighbouring values of an operand. */
  private record Values(int first, int count) {}

  private static int cells(Operand operand) {
    return Math.min(operand.count(), CELLS);
  }

  private static Values cell(Operand operand, int index) {
    int size = operand.count() / cells(operand);
    return new Values(operand.min() + index * size, size);
  }

  /** Every eighth; the others would overlap. */
  private static List<String> labels(Operand operand) {
    int every = Math.max(cells(operand) / 8, 1);
    return IntStream.range(0, cells(operand))
        .mapToObj(
            i -> i % every == 0 ? String.valueOf(cell(operand, i).first()) : " ".repeat(i + 1))
        .toList();
  }

  /**
   * Errors of all pairs, or of drawn ones where they are more than {@code most}. Evenly spaced ones
   * would have the same lowest bits, which are what many multipliers drop.
   */
  private static long[] errors(
      Multiplier multiplier, Values rows, Values columns, int most, SplittableRandom random) {
    long pairs = (long) rows.count() * columns.count();
    long[] errors = new long[(int) Math.min(pairs, most)];
    for (int i = 0; i < errors.length; i++) {
      boolean all = pairs <= most;
      int a = rows.first() + (all ? i / columns.count() : random.nextInt(rows.count()));
      int b = columns.first() + (all ? i % columns.count() : random.nextInt(columns.count()));
      errors[i] = multiplier.longProduct(a, b) - (long) a * b;
    }
    return errors;
  }

  private static double atLeastOfThreeDigits(double value) {
    return new BigDecimal(value).round(new MathContext(3, RoundingMode.CEILING)).doubleValue();
  }

  private static String describe(Operand operand) {
    String kind = operand.signed() ? "signed" : "unsigned";
    return operand.bits() + " bits " + kind + ", " + operand.min() + ".." + operand.max();
  }

  private static String number(double value) {
    return new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros().toPlainString();
  }

  /**
   * How often errors of each size occur, over all pairs of operands; above 10 bits over 1024 values
   * of each, one of each of as many equal parts.
   *
   * @param multiplier may be closed
   * @return error across, percent of the pairs up
   */
  public static Picture errorHistogram(Multiplier multiplier) {
    Operand row = multiplier.rowOperand();
    Operand column = multiplier.columnOperand();
    long[] errors =
        errors(
            multiplier,
            new Values(row.min(), row.count()),
            new Values(column.min(), column.count()),
            PAIRS,
            new SplittableRandom(SEED));
    LongSummaryStatistics range = LongStream.of(errors).summaryStatistics();
    long width = niceAtLeast(Math.ceilDiv(range.getMax() - range.getMin() + 1, MAX_BARS));
    long first = Math.floorDiv(range.getMin(), width);
    int bars = (int) (Math.floorDiv(range.getMax(), width) - first) + 1;
    double percent = 100.0 / errors.length;
    double[] shares = new double[bars + 1];
    for (long error : errors) {
      shares[(int) (Math.floorDiv(error, width) - first)] += percent;
    }
    // A bar ends where the next one starts; the last has an empty one behind it.
    double[] starts = new double[bars + 1];
    Arrays.setAll(starts, i -> (double) (first + i) * width);
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(
                String.format(
                    Locale.ROOT,
                    "Errors of %s, %.1f %% of its products are exact",
                    multiplier.name(),
                    percent * LongStream.of(errors).filter(error -> error == 0).count()))
            .xAxisTitle("error, product - a * b, in bars of " + width)
            .yAxisTitle("pairs of operands, %")
            .build();
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.StepArea);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisDecimalPattern("#.##");
    // With a formatter of their own XChart's ticks are round numbers, not starts of bars.
    chart.getStyler().setXAxisTickLabelsFormattingFunction(MultiplierPictures::number);
    XYSeries series = chart.addSeries("errors", starts, shares);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(BAR_EDGE);
    series.setFillColor(new Color(0x92C5DE));
    return picture(chart);
  }

  /** The least of 1, 2, 5, 10, 20, 50 ... that is not below. */
  private static long niceAtLeast(long value) {
    long power = 1;
    while (10 * power < value) {
      power *= 10;
    }
    for (long factor : new long[] {1, 2, 5}) {
      if (factor * power >= value) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /**
   * Error against power, with the front: those that no other one beats in both. Multipliers of
   * unknown power are left out, and the title counts them. The error axis is logarithmic; exact
   * multipliers lie near its lower end and say so. A multiplier has its name beside it where there
   * is room, those of the front before others.
   *
   * @param rated at least one of known power
   * @return power in mW across, mean absolute error in percent of the largest product range up
   * @throws IllegalArgumentException if no power is known
   */
  public static Picture pareto(List<Rated> rated) {
    List<ParetoPlot.Point> points = new ArrayList<>();
    for (Rated one : rated) {
      one.milliwatts()
          .ifPresent(
              power ->
                  points.add(
                      new ParetoPlot.Point(
                          one.multiplier().name(),
                          power,
                          ErrorFigures.of(one.multiplier()).maePercent())));
    }
    if (points.isEmpty()) {
      throw new IllegalArgumentException("rated has no multiplier of known power");
    }
    int unknown = rated.size() - points.size();
    String title =
        "Error against power of "
            + points.size()
            + (points.size() == 1 ? " multiplier" : " multipliers")
            + (unknown == 0 ? "" : " (" + unknown + " of unknown power left out)");
    return picture(new ParetoPlot(points).chart(WIDTH, HEIGHT, title));
  }

  private static Picture picture(AxesChart<?, ?> chart) {
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    String axes = "Across: " + chart.getXAxisTitle() + ". Up: " + chart.getYAxisTitle() + ".";
    return new Picture(chart, chart.getTitle(), axes);
  }
}
