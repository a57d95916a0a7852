package io.axnn.tools.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The front against its definition. */
class ParetoFrontTest {
  private record Point(double x, double y, int number) {}

  /** Of random points, many of them equal: those in the front are beaten by none, others by one. */
  @Test
  void theFrontIsWhatNoneBeats() {
    Random random = new Random(7);
    for (int repeat = 0; repeat < 500; repeat++) {
      List<Point> points = new ArrayList<>();
      int size = random.nextInt(30);
      for (int i = 0; i < size; i++) {
        points.add(new Point(random.nextInt(8), random.nextInt(8), i));
      }
      List<Point> front = ParetoFront.of(points, Point::x, Point::y);
      assertThat(front).isSortedAccordingTo((a, b) -> Double.compare(a.x(), b.x()));
      for (Point point : points) {
        boolean beaten = points.stream().anyMatch(other -> beats(other, point));
        assertThat(front.contains(point)).as("%s of %s", point, points).isNotEqualTo(beaten);
      }
    }
  }

  private static boolean beats(Point one, Point other) {
    boolean equal = one.x() == other.x() && one.y() == other.y();
    return equal ? one.number() < other.number() : one.x() <= other.x() && one.y() <= other.y();
  }
}
