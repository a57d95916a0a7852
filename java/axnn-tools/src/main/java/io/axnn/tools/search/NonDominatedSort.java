package io.axnn.tools.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The order of NSGA-II: fast non-dominated sorting by constrained domination, then crowding
 * distance (Deb, Pratap, Agarwal and Meyarivan, IEEE Transactions on Evolutionary Computation 6(2),
 * 2002, sections III-A, III-B and VI-A).
 *
 * @param lossLimit the constraint: accuracy losses above it are to be avoided, whatever they save
 */
record NonDominatedSort(double lossLimit) {
  private static final List<ToDoubleFunction<Solution>> OBJECTIVES =
      List.of(Solution::accuracyLoss, Solution::power);

  /**
   * A solution and its place in a population.
   *
   * @param rank 0 for the Pareto front, 1 for the front of what is left without it, and so on
   * @param crowding half the circumference of the box between its neighbours in its front, in units
   *     of the front's extent; infinite for the ends
   */
  record Ranked(Solution solution, int rank, double crowding) {
    /** The crowded comparison: the lower rank first, then the greater crowding distance. */
    static final Comparator<Ranked> ORDER =
        Comparator.comparingInt(Ranked::rank)
            .thenComparing(Comparator.comparingDouble(Ranked::crowding).reversed());
  }

  /** A population by rank and crowding distance; equal ones stay in order. */
  List<Ranked> sort(List<Solution> population) {
    List<Ranked> sorted = new ArrayList<>();
    List<List<Solution>> fronts = fronts(population);
    for (int rank = 0; rank < fronts.size(); rank++) {
      List<Solution> front = fronts.get(rank);
      double[] distances = crowdingDistances(front);
      for (int i = 0; i < distances.length; i++) {
        sorted.add(new Ranked(front.get(i), rank, distances[i]));
      }
    }
    sorted.sort(Ranked.ORDER);
    return sorted;
  }

  /** Solutions by rank; in a front they are in the order of the population. */
  List<List<Solution>> fronts(List<Solution> population) {
    int size = population.size();
    int[] dominators = new int[size];
    List<List<Integer>> dominated = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      List<Integer> worse = new ArrayList<>();
      for (int j = 0; j < size; j++) {
        if (dominates(population.get(i), population.get(j))) {
          worse.add(j);
          dominators[j]++;
        }
      }
      dominated.add(worse);
    }
    List<List<Solution>> fronts = new ArrayList<>();
    List<Integer> front = IntStream.range(0, size).filter(i -> dominators[i] == 0).boxed().toList();
    while (!front.isEmpty()) {
      fronts.add(front.stream().map(population::get).toList());
      List<Integer> next = new ArrayList<>();
      for (int better : front) {
        for (int worse : dominated.get(better)) {
          dominators[worse]--;
          if (dominators[worse] == 0) {
            next.add(worse);
          }
        }
      }
      front = next.stream().sorted().toList();
    }
    return fronts;
  }

  /** Within the constraint Pareto's: in no objective worse, in one better. */
  private boolean dominates(Solution one, Solution other) {
    double violation = violation(one);
    double otherViolation = violation(other);
    if (violation > 0 || otherViolation > 0) {
      return violation < otherViolation;
    }
    return one.accuracyLoss() <= other.accuracyLoss()
        && one.power() <= other.power()
        && (one.accuracyLoss() < other.accuracyLoss() || one.power() < other.power());
  }

  private double violation(Solution solution) {
    return Math.max(solution.accuracyLoss() - lossLimit, 0);
  }

  /** The crowding distance of each solution of a front. */
  static double[] crowdingDistances(List<Solution> front) {
    double[] distances = new double[front.size()];
    for (ToDoubleFunction<Solution> objective : OBJECTIVES) {
      double[] values = front.stream().mapToDouble(objective).toArray();
      List<Integer> order =
          IntStream.range(0, values.length)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> values[i]))
              .toList();
      double extent = values[order.getLast()] - values[order.getFirst()];
      distances[order.getFirst()] = Double.POSITIVE_INFINITY;
      distances[order.getLast()] = Double.POSITIVE_INFINITY;
      for (int i = 1; extent > 0 && i < values.length - 1; i++) {
        distances[order.get(i)] += (values[order.get(i + 1)] - values[order.get(i - 1)]) / extent;
      }
    }
    return distances;
  }
}
