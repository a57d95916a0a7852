package io.axnn.tools.internal.plot;

import java.awt.geom.Line2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Places for the names of points in a plot: beside their points, over no point, line or other name.
 * Names that come first choose first; one that finds no room has none. All in pixels, y up.
 */
public final class LabelPlacer {

  private static final double GAP = 3;

  private final Rectangle2D plot;
  private final List<Line2D> lines = new ArrayList<>();
  private final List<Rectangle2D> taken = new ArrayList<>();

  /**
   * A plot with its points and no names.
   *
   * @param radius of a point
   * @param line the ends of its parts
   */
  public LabelPlacer(
      double width, double height, List<Point2D> points, double radius, List<Point2D> line) {
    for (int i = 1; i < line.size(); i++) {
      lines.add(new Line2D.Double(line.get(i - 1), line.get(i)));
    }
    plot = new Rectangle2D.Double(0, 0, width, height);
    for (Point2D point : points) {
      taken.add(around(point.getX(), point.getY(), 2 * radius, 2 * radius));
    }
  }

  /** The centre of a text of some size beside a point; no later one may overlap it. */
  public Optional<Point2D> place(Point2D point, double radius, double width, double height) {
    // First right and left, where a falling line leaves more room; then farther off.
    for (double far : new double[] {0, height + GAP}) {
      double x = radius + GAP + width / 2;
      double y = radius + height / 2 + far;
      double[][] steps = {
        {x, y - radius}, {x, far}, {-x, -y + radius}, {-x, -far}, {0, y}, {0, -y}, {x, -y}, {-x, y}
      };
      for (double[] step : steps) {
        Rectangle2D box = around(point.getX() + step[0], point.getY() + step[1], width, height);
        if (plot.contains(box)
            && taken.stream().noneMatch(box::intersects)
            && lines.stream().noneMatch(box::intersectsLine)) {
          taken.add(box);
          return Optional.of(new Point2D.Double(box.getCenterX(), box.getCenterY()));
        }
      }
    }
    return Optional.empty();
  }

  /** No name that is placed from now on overlaps a rectangle. */
  public void keepFree(Rectangle2D rectangle) {
    taken.add(rectangle);
  }

  private static Rectangle2D around(double x, double y, double width, double height) {
    return new Rectangle2D.Double(x - width / 2, y - height / 2, width, height);
  }
}
