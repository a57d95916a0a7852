package io.axnn.tools.search;

/** Is told how far a search is. */
@FunctionalInterface
public interface SearchProgress {
  /** Ignores it. */
  SearchProgress NONE = (done, budget, latest) -> {};

  /**
   * Called after each evaluation, in the thread of the search; so also for those that a memo
   * answers.
   *
   * @param done evaluations so far
   * @param budget how many there can be
   * @param latest what was evaluated
   */
  void evaluated(int done, int budget, Solution latest);
}
