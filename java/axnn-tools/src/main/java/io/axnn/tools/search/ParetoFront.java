package io.axnn.tools.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The Pareto front of points with two objectives, both of which are to be small. */
public final class ParetoFront {
  private ParetoFront() {}

  /**
   * The points that no other one equals or beats in both objectives; of points that are equal in
   * both, the first.
   *
   * @param <T> the points
   * @param points any number, in any order
   * @param first an objective, never NaN
   * @param second the other one, never NaN
   * @return from the least in the first objective to the least in the second
   */
  public static <T> List<T> of(
      List<T> points, ToDoubleFunction<? super T> first, ToDoubleFunction<? super T> second) {
    List<T> front = new ArrayList<>();
    points.stream()
        .sorted(Comparator.<T>comparingDouble(first).thenComparingDouble(second))
        .forEach(
            point -> {
              if (front.isEmpty()
                  || second.applyAsDouble(point) < second.applyAsDouble(front.getLast())) {
                front.add(point);
              }
            });
    return List.copyOf(front);
  }
}
