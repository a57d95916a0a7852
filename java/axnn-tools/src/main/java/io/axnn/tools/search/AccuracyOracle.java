package io.axnn.tools.search;

/** Tells how accurate the network is with an assignment. Expensive: seconds. */
@FunctionalInterface
public interface AccuracyOracle {
  /**
   * Evaluates an assignment. The same one must always have the same accuracy.
   *
   * @param assignment one multiplier for each layer
   * @return top-1 accuracy in percent, from 0 to 100
   * @throws InterruptedException if it was stopped before it knew
   */
  double accuracyPercent(Assignment assignment) throws InterruptedException;
}
