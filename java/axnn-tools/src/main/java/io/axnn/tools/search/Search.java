package io.axnn.tools.search;

/**
 * An algorithm with its parameters: looks for the assignment of least power among those that lose
 * at most so much accuracy. Immutable, and deterministic: the same space and accuracies give the
 * same sequence of evaluations.
 */
public sealed interface Search permits GreedySearch, Nsga2Search {

  /**
   * Runs to the end, in the calling thread.
   *
   * @param space what can be chosen
   * @param oracle evaluates assignments, never the same one twice; best one that remembers, {@link
   *     EvaluationMemo#remembering}. What it throws ends the search
   * @param progress is told after each evaluation
   * @return what was found
   * @throws InterruptedException if the thread was interrupted; asked before each evaluation, so
   *     that none that was made is lost
   * @throws IllegalArgumentException if the parameters do not fit the space
   */
  SearchResult run(SearchSpace space, AccuracyOracle oracle, SearchProgress progress)
      throws InterruptedException;
}
