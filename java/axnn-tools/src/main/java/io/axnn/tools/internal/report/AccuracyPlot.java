package io.axnn.tools.internal.report;

import io.axnn.tools.internal.plot.LabelPlacer;
import io.axnn.tools.search.ParetoFront;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Accuracy against what multipliers cost or do wrong, as SVG whose colours are those of the page.
 * Where some accuracies are far below the best, the axis is coarse there and fine at the top, for
 * what is of interest is close to the best.
 */
public final class AccuracyPlot {

  /** What is across. */
  public enum Across {
    /** Power in mW; the plot has a Pareto front. */
    POWER("mean power of one product, mW"),
    /** Mean absolute error in percent of the largest product range, on a logarithmic scale. */
    ERROR("mean absolute error of the multiplier, %");

    private final String title;

    Across(String title) {
      this.title = title;
    }

    /** What the axis shows. */
    public String title() {
      return title;
    }
  }

  /** A multiplier; those of one series have one shape and colour. */
  public record Point(String name, String series, double across, double percent) {}

  /** An accuracy that all are compared with. */
  public record Reference(String name, double percent) {}

  private static final int WIDTH = 880;
  private static final int HEIGHT = 470;
  private static final int LEFT = 52;
  private static final int RIGHT = WIDTH - 16;
  private static final int TOP = 34;
  private static final int BOTTOM = HEIGHT - 50;
  private static final double RADIUS = 4.5;
  private static final double LETTER_WIDTH = 6.7;
  private static final double LETTER_HEIGHT = 10;

  /** The fine scale reaches so many points below the best accuracy, if others are far below it. */
  private static final double CLOSE = 5;

  private static final double FAR = 8;

  /** The place of the coarse scale. */
  private static final double COARSE_HEIGHT = 96;

  private static final String COARSE = "coarser scale";

  /** How far apart numbers beside the axes are at least. */
  private static final double ACROSS_SPACING = 56;

  private static final double FINE_SPACING = 36;
  private static final double COARSE_SPACING = 22;

  /** Farther from its point than this a name is tied to it by a line. */
  private static final double BESIDE = 6;

  /** How a marker of each series is drawn, about its middle. */
  private static final List<String> MARKERS =
      List.of(
          "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
          "M-4-4h8v8h-8z",
          "M0-5l5 8.5h-10z",
          "M0-5.5l5 5.5l-5 5.5l-5-5.5z");

  private final Across across;
  private final List<Point> points;
  private final List<Point> front;
  private final List<Reference> references;
  private final List<String> series;
  private final Axis horizontal;
  private final Axis vertical;

  /** Where the coarse scale ends, or {@link #BOTTOM} where there is none. */
  private final double coarseTop;

  /** At least one point. */
  public AccuracyPlot(Across across, List<Point> points, List<Reference> references) {
    this.across = across;
    this.points = List.copyOf(points);
    this.references =
        references.stream()
            .sorted(Comparator.comparingDouble(Reference::percent).reversed())
            .toList();
    series = points.stream().map(Point::series).distinct().toList();
    front =
        across == Across.POWER
            ? ParetoFront.of(points, Point::across, point -> -point.percent())
            : List.of();
    horizontal = horizontal();
    double best = accuracies().max().orElseThrow();
    double worst = accuracies().min().orElseThrow();
    double least = accuracies().filter(percent -> percent >= best - CLOSE).min().orElseThrow();
    boolean broken = worst < best - FAR && least < best;
    double low = broken ? least : worst;
    double margin = Math.max(0.1 * (best - low), 0.05);
    coarseTop = broken ? BOTTOM - COARSE_HEIGHT : BOTTOM;
    Axis fine = Axis.linear(low - margin, best + margin, coarseTop, TOP, FINE_SPACING);
    vertical =
        broken
            ? Axis.linear(Math.max(0, worst - 5), low - margin, BOTTOM, coarseTop, COARSE_SPACING)
                .then(low - margin, fine)
            : fine;
  }

  private DoubleStream accuracies() {
    return DoubleStream.concat(
        points.stream().mapToDouble(Point::percent),
        references.stream().mapToDouble(Reference::percent));
  }

  private Axis horizontal() {
    double least = points.stream().mapToDouble(Point::across).min().orElseThrow();
    double most = points.stream().mapToDouble(Point::across).max().orElseThrow();
    if (across == Across.ERROR) {
      double positive =
          points.stream().mapToDouble(Point::across).filter(x -> x > 0).min().orElse(0.1);
      return Axis.logarithmicWithZero(
          positive / 2, Math.max(most, positive) * 2, LEFT + 24, LEFT + 72, RIGHT);
    }
    double margin = most > least ? 0.06 * (most - least) : Math.max(0.1 * most, 0.01);
    // The best is at the right, and its name needs room.
    return Axis.linear(Math.max(least - margin, 0), most + 2 * margin, LEFT, RIGHT, ACROSS_SPACING);
  }

  /** Writes it. */
  public void appendTo(Html html) {
    html.open(
        "svg",
        "class",
        "plot",
        "viewBox",
        "0 0 " + WIDTH + " " + HEIGHT,
        "role",
        "img",
        "aria-label",
        description());
    html.line();
    appendAxes(html);
    appendReferences(html);
    if (front.size() > 1) {
      html.shape("polyline", "class", "front-line", "points", corners(front));
    }
    appendNames(html);
    appendPoints(html);
    html.close().line();
  }

  private String description() {
    return "Top-1 accuracy in percent against "
        + across.title()
        + ". "
        + points.stream()
            .map(
                point ->
                    "%s: %s %%, %s"
                        .formatted(
                            point.name(),
                            Numbers.fixed(point.percent(), 2),
                            Numbers.fixed(point.across(), 4)))
            .collect(Collectors.joining("; "));
  }

  private void appendAxes(Html html) {
    if (coarseTop < BOTTOM) {
      html.shape(
          "rect",
          "class",
          "coarse",
          "x",
          number(LEFT),
          "y",
          number(coarseTop),
          "width",
          number(RIGHT - LEFT),
          "height",
          number(BOTTOM - coarseTop));
    }
    for (Axis.Tick tick : vertical.ticks()) {
      line(html, "grid", LEFT, vertical.at(tick.value()), RIGHT, vertical.at(tick.value()));
      text(html, "tick", "end", LEFT - 8, vertical.at(tick.value()) + 4, tick.text());
    }
    for (Axis.Tick tick : horizontal.ticks()) {
      line(
          html,
          "tick-mark",
          horizontal.at(tick.value()),
          BOTTOM,
          horizontal.at(tick.value()),
          BOTTOM + 5);
      text(html, "tick", "middle", horizontal.at(tick.value()), BOTTOM + 19, tick.text());
    }
    line(html, "axis", LEFT, BOTTOM, RIGHT, BOTTOM);
    if (coarseTop < BOTTOM) {
      text(html, "tick", "end", RIGHT - 6, BOTTOM - 8, COARSE);
    }
    text(html, "axis-title", "start", 0, 12, "top-1 accuracy, %");
    text(html, "axis-title", "end", RIGHT, HEIGHT - 8, across.title());
    if (series.size() > 1) {
      appendLegend(html);
    }
    html.line();
  }

  private void appendLegend(Html html) {
    double x = RIGHT;
    for (int i = series.size() - 1; i >= 0; i--) {
      x -= series.get(i).length() * LETTER_WIDTH;
      text(html, "legend", "start", x, 12, series.get(i));
      x -= 12;
      marker(html, "point known series-" + i % MARKERS.size(), i, x, 8);
      x -= 20;
    }
  }

  /** Names at the left, where cheap and accurate multipliers would be if there were any. */
  private void appendReferences(Html html) {
    for (Reference reference : references) {
      double y = vertical.at(reference.percent());
      line(html, "reference", LEFT, y, RIGHT, y);
    }
    for (int i = 0; i < references.size(); i++) {
      text(
          html,
          "reference-name",
          "start",
          LEFT + 6,
          referenceNameAt(i) + LETTER_HEIGHT / 2 - 1,
          referenceName(references.get(i)));
    }
    html.line();
  }

  private static String referenceName(Reference reference) {
    return reference.name() + " " + Numbers.fixed(reference.percent(), 2) + " %";
  }

  /** The middle of a name: the first one's above its line, the others' below, none over another. */
  private double referenceNameAt(int index) {
    double y = vertical.at(references.get(index).percent());
    if (index == 0) {
      return y - 9;
    }
    return Math.max(y + 9, referenceNameAt(index - 1) + LETTER_HEIGHT + 5);
  }

  private void appendPoints(Html html) {
    for (Point point : points) {
      int index = series.indexOf(point.series());
      boolean filled = across == Across.ERROR || front.contains(point);
      html.open("g");
      html.element(
          "title",
          "%s, %s: %s %% at %s"
              .formatted(
                  point.name(),
                  point.series(),
                  Numbers.fixed(point.percent(), 2),
                  Numbers.fixed(point.across(), 4)));
      marker(
          html,
          (filled ? "point filled series-" : "point series-") + index % MARKERS.size(),
          index,
          place(point).getX(),
          place(point).getY());
      html.close().line();
    }
  }

  private Point2D place(Point point) {
    return new Point2D.Double(horizontal.at(point.across()), vertical.at(point.percent()));
  }

  /** Those of the front choose their places first. */
  private void appendNames(Html html) {
    LabelPlacer placer =
        new LabelPlacer(
            RIGHT - LEFT,
            BOTTOM - TOP,
            points.stream().map(this::upwards).toList(),
            RADIUS,
            front.stream().map(this::upwards).toList());
    for (int i = 0; i < references.size(); i++) {
      placer.keepFree(
          new Rectangle2D.Double(
              6,
              BOTTOM - referenceNameAt(i) - LETTER_HEIGHT / 2,
              referenceName(references.get(i)).length() * LETTER_WIDTH,
              LETTER_HEIGHT));
    }
    if (coarseTop < BOTTOM) {
      double width = COARSE.length() * LETTER_WIDTH;
      placer.keepFree(new Rectangle2D.Double(RIGHT - LEFT - 6 - width, 6, width, LETTER_HEIGHT));
    }
    Stream.concat(front.stream(), points.stream().filter(point -> !front.contains(point)))
        .forEach(
            point ->
                placer
                    .place(
                        upwards(point), RADIUS, point.name().length() * LETTER_WIDTH, LETTER_HEIGHT)
                    .ifPresent(centre -> appendName(html, point, centre)));
    html.line();
  }

  private void appendName(Html html, Point point, Point2D centre) {
    double x = LEFT + centre.getX();
    double y = BOTTOM - centre.getY();
    double halfWidth = point.name().length() * LETTER_WIDTH / 2;
    Point2D from = place(point);
    double nearestX = Math.clamp(from.getX(), x - halfWidth, x + halfWidth);
    double nearestY = Math.clamp(from.getY(), y - LETTER_HEIGHT / 2, y + LETTER_HEIGHT / 2);
    if (from.distance(nearestX, nearestY) > RADIUS + BESIDE) {
      line(html, "tie", from.getX(), from.getY(), nearestX, nearestY);
    }
    text(html, "name", "middle", x, y + LETTER_HEIGHT / 2 - 1, point.name());
  }

  /** A place within the axes, y up. */
  private Point2D upwards(Point point) {
    return new Point2D.Double(place(point).getX() - LEFT, BOTTOM - place(point).getY());
  }

  private String corners(List<Point> line) {
    return line.stream()
        .map(point -> number(place(point).getX()) + "," + number(place(point).getY()))
        .collect(Collectors.joining(" "));
  }

  private static void marker(Html html, String kind, int series, double x, double y) {
    html.shape(
        "path",
        "class",
        kind,
        "d",
        MARKERS.get(series % MARKERS.size()),
        "transform",
        "translate(" + number(x) + " " + number(y) + ")");
  }

  private static void line(Html html, String kind, double x1, double y1, double x2, double y2) {
    html.shape(
        "line",
        "class",
        kind,
        "x1",
        number(x1),
        "y1",
        number(y1),
        "x2",
        number(x2),
        "y2",
        number(y2));
  }

  private static void text(Html html, String kind, String anchor, double x, double y, String text) {
    html.element(
        "text", text, "class", kind, "text-anchor", anchor, "x", number(x), "y", number(y));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
