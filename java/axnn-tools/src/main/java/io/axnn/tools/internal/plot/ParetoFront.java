package io.axnn.tools.internal.plot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The Pareto front of things that have a cost and a loss, both better where they are lower. */
public final class ParetoFront {

  private ParetoFront() {}

  /** Those that no other one equals or beats in both, by cost; the first of equal ones. */
  public static <T> List<T> of(List<T> all, ToDoubleFunction<T> cost, ToDoubleFunction<T> loss) {
    List<T> front = new ArrayList<>();
    all.stream()
        .sorted(Comparator.comparingDouble(cost).thenComparingDouble(loss))
        .forEach(
            one -> {
              if (front.isEmpty()
                  || loss.applyAsDouble(one) < loss.applyAsDouble(front.getLast())) {
                front.add(one);
              }
            });
    return front;
  }
}
