/**
 * Which layer gets which multiplier: assignments that need the least power within a limit on the
 * loss of accuracy.
 *
 * <p>A {@link io.axnn.tools.search.SearchSpace} has the layers, with their operation counts, and
 * the multipliers to choose from, with their power; an {@link io.axnn.tools.search.AccuracyOracle}
 * tells how accurate the network is with an assignment, which takes seconds. {@link
 * io.axnn.tools.search.GreedySearch} and {@link io.axnn.tools.search.Nsga2Search} ask it as often
 * as a budget allows. Nothing here knows what a network is.
 *
 * <pre>{@code
 * SearchSpace space = new SearchSpace(layers, candidates, exactOne);
 * try (EvaluationMemo memo = EvaluationMemo.open(file, space, modelAndDataHash)) {
 *   AccuracyOracle oracle = memo.remembering(assignment -> measure(network, assignment));
 *   SearchResult greedy =
 *       new GreedySearch(1.0, 500).run(space, oracle, SearchProgress.NONE);
 *   SearchResult evolved =
 *       Nsga2Search.of(1.0, 2000)
 *           .withStart(greedy.front().stream().map(Solution::assignment).toList())
 *           .run(space, oracle, SearchProgress.NONE);
 *   Solution best = greedy.and(evolved).best();
 * }
 * }</pre>
 *
 * <p><b>Stopping and resuming.</b> The algorithms are deterministic: the same space, accuracies and
 * parameters give the same sequence of evaluations. Interrupt the thread to stop one; it ends with
 * an {@link java.lang.InterruptedException} once the evaluation under way is finished and written
 * down. To resume is to run it again on the same memo, which answers what was evaluated before.
 */
package io.axnn.tools.search;
