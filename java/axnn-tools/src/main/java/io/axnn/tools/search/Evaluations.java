package io.axnn.tools.search;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The evaluations of one run of a search: counts them against the budget, makes none twice, and
 * ends the run between two of them when its thread is interrupted.
 */
final class Evaluations {
  private final SearchSpace space;
  private final AccuracyOracle oracle;
  private final SearchProgress progress;
  private final int budget;
  private final Map<Assignment, Solution> known = new LinkedHashMap<>();
  private final Solution exact;

  /**
   * Evaluates the exact assignment, which all losses refer to.
   *
   * @param maxEvaluations at least 1
   */
  Evaluations(SearchSpace space, AccuracyOracle oracle, int maxEvaluations, SearchProgress progress)
      throws InterruptedException {
    this.space = space;
    this.oracle = oracle;
    this.progress = progress;
    budget = (int) Math.min(maxEvaluations, space.size());
    double accuracy = ask(space.exact());
    exact = remember(Solution.of(space, space.exact(), accuracy, accuracy));
  }

  Solution exact() {
    return exact;
  }

  /** Empty if the assignment is a new one and the budget is used. */
  Optional<Solution> evaluate(Assignment assignment) throws InterruptedException {
    Solution before = known.get(assignment);
    if (before != null) {
      return Optional.of(before);
    }
    if (exhausted()) {
      return Optional.empty();
    }
    double accuracy = ask(assignment);
    return Optional.of(remember(Solution.of(space, assignment, accuracy, exact.accuracyPercent())));
  }

  private double ask(Assignment assignment) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException(
          "the search was interrupted after %d evaluations".formatted(known.size()));
    }
    return requireAccuracy(assignment, oracle.accuracyPercent(assignment));
  }

  private Solution remember(Solution solution) {
    known.put(solution.assignment(), solution);
    progress.evaluated(known.size(), budget, solution);
    return solution;
  }

  boolean contains(Assignment assignment) {
    return known.containsKey(assignment);
  }

  boolean exhausted() {
    return known.size() >= budget;
  }

  SearchResult result(double maximumLoss) {
    return new SearchResult(space, maximumLoss, List.copyOf(known.values()));
  }

  /** The accuracy, if it is one. */
  static double requireAccuracy(Assignment assignment, double percent) {
    if (!(percent >= 0 && percent <= 100)) {
      throw new IllegalStateException(
          "the oracle says that the accuracy of %s is %s; it must be from 0 to 100 percent"
              .formatted(assignment.choices(), percent));
    }
    return percent;
  }

  /** What every algorithm demands of its limits. */
  static void requireLimits(double maximumLoss, int maxEvaluations) {
    if (!(maximumLoss >= 0 && maximumLoss <= 100)) {
      throw new IllegalArgumentException(
          "maximumLoss is %s; it must be from 0 to 100 percentage points".formatted(maximumLoss));
    }
    if (maxEvaluations < 1) {
      throw new IllegalArgumentException(
          "maxEvaluations is %d; it must be at least 1".formatted(maxEvaluations));
    }
  }
}
