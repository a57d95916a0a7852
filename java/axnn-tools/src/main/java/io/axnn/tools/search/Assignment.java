package io.axnn.tools.search;

import java.util.ArrayList;
import java.util.List;

/**
 * One multiplier for each layer of a {@link SearchSpace}. An immutable value.
 *
 * @param choices for each layer, in the order of {@link SearchSpace#layers()}, the index of its
 *     multiplier in {@link SearchSpace#candidates()}
 */
public record Assignment(List<Integer> choices) {
  /** Copies the choices. */
  public Assignment {
    choices = List.copyOf(choices);
  }

  /**
   * The multiplier of one layer.
   *
   * @param layer its index
   * @return the index of the candidate
   */
  public int choice(int layer) {
    return choices.get(layer);
  }

  /**
   * This assignment with another multiplier for one layer.
   *
   * @param layer its index
   * @param candidate the index of the multiplier
   * @return the new assignment
   */
  public Assignment with(int layer, int candidate) {
    List<Integer> changed = new ArrayList<>(choices);
    changed.set(layer, candidate);
    return new Assignment(changed);
  }
}
