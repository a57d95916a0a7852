package io.axnn.tools.search;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a search found.
 *
 * @param space where it searched
 * @param maximumLoss the limit that it kept, in percentage points
 * @param evaluated everything that it evaluated, each assignment once, in the order of evaluation;
 *     first the exact one. Their number is the budget that it used
 */
public record SearchResult(SearchSpace space, double maximumLoss, List<Solution> evaluated) {
  /** Copies the list and checks that it begins with the exact assignment. */
  public SearchResult {
    evaluated = List.copyOf(evaluated);
    if (evaluated.isEmpty() || !evaluated.getFirst().assignment().equals(space.exact())) {
      throw new IllegalArgumentException("evaluated must begin with the exact assignment");
    }
  }

  /**
   * The solution of least power that loses at most {@link #maximumLoss}; of equal ones that of
   * least loss, then the first. There always is one, for the exact assignment loses nothing.
   *
   * @return the solution
   */
  public Solution best() {
    return evaluated.stream()
        .filter(solution -> solution.accuracyLoss() <= maximumLoss)
        .min(
            Comparator.comparingDouble(Solution::power).thenComparingDouble(Solution::accuracyLoss))
        .orElseThrow();
  }

  /**
   * The Pareto front of everything evaluated, whatever it loses: those that no other solution
   * equals or beats in both accuracy loss and power.
   *
   * @return from the least loss to the least power
   */
  public List<Solution> front() {
    return ParetoFront.of(evaluated, Solution::accuracyLoss, Solution::power);
  }

  /**
   * The losses of single layers, as far as they were evaluated.
   *
   * @return the table
   */
  public Sensitivity sensitivity() {
    return new Sensitivity(space, evaluated);
  }

  /**
   * This result and another one of the same space, limit and accuracies.
   *
   * @param other what another algorithm found
   * @return what both evaluated, each assignment once
   */
  public SearchResult and(SearchResult other) {
    if (!space.equals(other.space) || maximumLoss != other.maximumLoss) {
      throw new IllegalArgumentException(
          "other is of another space or another limit (%s and %s points); both must be the same"
              .formatted(other.maximumLoss, maximumLoss));
    }
    Map<Assignment, Solution> all = new LinkedHashMap<>();
    evaluated.forEach(solution -> all.put(solution.assignment(), solution));
    other.evaluated.forEach(solution -> all.putIfAbsent(solution.assignment(), solution));
    return new SearchResult(space, maximumLoss, List.copyOf(all.values()));
  }
}
