package io.axnn.tools;

import io.axnn.tools.search.SearchResult;
import io.axnn.tools.search.Solution;
import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The picture of a search: what every evaluated assignment loses and takes, and the front. */
public final class SearchPicture {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 600;
  private static final Color POINT = new Color(0x92C5DE);
  private static final Color FRONT = new Color(0xB2182B);
  private static final Color LIMIT = new Color(0x666666);

  /** Losses far above the limit would leave the front no room. */
  private static final double SHOWN_LIMITS = 4;

  private SearchPicture() {}

  /**
   * Draws a result. Assignments that lose more than four times the limit are left out.
   *
   * @param result of a search
   * @return power in mW across, loss of accuracy in percentage points up
   */
  public static Picture of(SearchResult result) {
    double most = SHOWN_LIMITS * Math.max(result.maximumLoss(), 0.1);
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(
                "Power against loss of accuracy, %d networks".formatted(result.evaluated().size()))
            .xAxisTitle("mean power of a product, mW")
            .yAxisTitle("loss of accuracy, percentage points")
            .build();
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    chart.getStyler().setMarkerSize(6);
    chart.getStyler().setXAxisDecimalPattern("#.###").setYAxisDecimalPattern("#.##");
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    List<Solution> shown = shown(result.evaluated(), most);
    XYSeries all = add(chart, "evaluated", shown);
    all.setMarkerColor(POINT);
    all.setMarker(SeriesMarkers.CIRCLE);
    XYSeries front = add(chart, "front", shown(result.front(), most));
    front.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
    front.setLineColor(FRONT);
    front.setLineStyle(new BasicStroke(1.5f));
    front.setMarkerColor(FRONT);
    front.setMarker(SeriesMarkers.CIRCLE);
    double[] ends = {
      shown.stream().mapToDouble(Solution::power).min().orElseThrow(),
      shown.stream().mapToDouble(Solution::power).max().orElseThrow()
    };
    XYSeries limit =
        chart.addSeries("limit", ends, new double[] {result.maximumLoss(), result.maximumLoss()});
    limit.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
    limit.setLineColor(LIMIT);
    limit.setLineStyle(new BasicStroke(1f));
    limit.setMarker(SeriesMarkers.NONE);
    return new Picture(
        chart,
        chart.getTitle(),
        "Across: " + chart.getXAxisTitle() + ". Up: " + chart.getYAxisTitle() + ".");
  }

  private static List<Solution> shown(List<Solution> solutions, double most) {
    return solutions.stream().filter(solution -> solution.accuracyLoss() <= most).toList();
  }

  private static XYSeries add(XYChart chart, String name, List<Solution> solutions) {
    return chart.addSeries(
        name,
        solutions.stream().mapToDouble(Solution::power).toArray(),
        solutions.stream().mapToDouble(Solution::accuracyLoss).toArray());
  }
}
