package io.axnn.tools;

import io.axnn.tools.internal.plot.LabelPlacer;
import io.axnn.tools.search.ParetoFront;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.font.FontRenderContext;
import java.awt.font.TextLayout;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Error against power, the error on a logarithmic axis, with the front and names. */
final class ParetoPlot {

  private static final Color POINT = new Color(0x4393C3);
  private static final Color FRONT = new Color(0xB2182B);
  private static final int MARKER = 8;

  /** What axes and legend leave of a picture's width and height. */
  private static final double PLOT_SHARE = 0.85;

  /** A multiplier in the plot. */
  record Point(String name, double power, double error) {}

  private final List<Point> points;
  private final List<Point> front;

  /** Where errors of 0 are drawn, which a logarithmic axis has no place for. */
  private final double floor;

  private final double lowestPower;
  private final double highestPower;
  private final double highestError;

  /** At least one point. */
  ParetoPlot(List<Point> points) {
    this.points = points;
    front = ParetoFront.of(points, Point::power, Point::error);
    floor = points.stream().mapToDouble(Point::error).filter(e -> e > 0).min().orElse(0.01) / 3;
    double first = points.stream().mapToDouble(Point::power).min().orElseThrow();
    double last = points.stream().mapToDouble(Point::power).max().orElseThrow();
    double margin = last > first ? 0.1 * (last - first) : Math.max(0.1 * last, 0.01);
    lowestPower = Math.max(first - margin, 0);
    highestPower = last + margin;
    highestError = points.stream().mapToDouble(this::shownError).max().orElseThrow() * 2;
  }

  private double shownError(Point point) {
    return Math.max(point.error(), floor);
  }

  private double lowestError() {
    return floor / 2;
  }

  XYChart chart(int width, int height, String title) {
    XYChart chart =
        new XYChartBuilder()
            .width(width)
            .height(height)
            .title(title)
            .xAxisTitle("power, mW")
            .yAxisTitle("mean absolute error, %")
            .build();
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisMin(lowestError()).setYAxisMax(highestError);
    chart.getStyler().setXAxisMin(lowestPower).setXAxisMax(highestPower);
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    chart.getStyler().setMarkerSize(MARKER);
    chart.getStyler().setXAxisDecimalPattern("#.###").setYAxisDecimalPattern("#.######");
    XYSeries all = add(chart, "multipliers", points);
    all.setMarkerColor(POINT);
    all.setMarker(SeriesMarkers.CIRCLE);
    XYSeries best = add(chart, "front", front);
    best.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
    best.setLineColor(FRONT);
    best.setLineStyle(new BasicStroke(1.5f));
    best.setMarkerColor(FRONT);
    best.setMarker(SeriesMarkers.CIRCLE);
    addNames(chart, PLOT_SHARE * width, PLOT_SHARE * height);
    return chart;
  }

  private XYSeries add(XYChart chart, String name, List<Point> some) {
    return chart.addSeries(
        name,
        some.stream().mapToDouble(Point::power).toArray(),
        some.stream().mapToDouble(this::shownError).toArray());
  }

  /** Those of the front choose their places first. */
  private void addNames(XYChart chart, double width, double height) {
    double perPower = width / (highestPower - lowestPower);
    double perLog = height / Math.log(highestError / lowestError());
    Function<Point, Point2D> place =
        point ->
            new Point2D.Double(
                (point.power() - lowestPower) * perPower,
                Math.log(shownError(point) / lowestError()) * perLog);
    LabelPlacer placer =
        new LabelPlacer(
            width,
            height,
            points.stream().map(place).toList(),
            MARKER / 2.0,
            front.stream().map(place).toList());
    Stream.concat(front.stream(), points.stream().filter(point -> !front.contains(point)))
        .forEach(
            point -> {
              String name = point.error() == 0 ? point.name() + " (exact)" : point.name();
              Rectangle2D size =
                  new TextLayout(
                          name,
                          chart.getStyler().getAnnotationTextFont(),
                          new FontRenderContext(null, true, false))
                      .getOutline(null)
                      .getBounds2D();
              placer
                  .place(place.apply(point), MARKER / 2.0, size.getWidth(), size.getHeight())
                  .ifPresent(
                      centre ->
                          chart.addAnnotation(
                              new AnnotationText(
                                  name,
                                  lowestPower + centre.getX() / perPower,
                                  lowestError() * Math.exp(centre.getY() / perLog),
                                  false)));
            });
  }
}
