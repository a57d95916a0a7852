package io.axnn.tools.search;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How much accuracy each multiplier costs in each layer when all other layers are exact: what was
 * evaluated of this table of layers and candidates. Immutable.
 */
public final class Sensitivity {
  private final SearchSpace space;
  private final Map<Assignment, Double> losses = new HashMap<>();

  Sensitivity(SearchSpace space, Collection<Solution> evaluated) {
    this.space = space;
    evaluated.forEach(solution -> losses.put(solution.assignment(), solution.accuracyLoss()));
  }

  /**
   * An entry.
   *
   * @param layer the index of the only layer that is not exact
   * @param candidate the index of its multiplier
   * @return percentage points, negative if the accuracy grows; empty if it was not evaluated, which
   *     is never so after a {@link GreedySearch}
   */
  public OptionalDouble loss(int layer, int candidate) {
    Double loss = losses.get(space.exact().with(layer, candidate));
    return loss == null ? OptionalDouble.empty() : OptionalDouble.of(loss);
  }
}
