package io.axnn.tools.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What both algorithms keep: the limit, the budget, the sequence, and what was evaluated. */
@Timeout(120)
class SearchTest {
  private static final int LAYERS = 4;
  private static final int CANDIDATES = 4;
  private static final double LIMIT = 5;
  private static final int BUDGET = 60;

  @TempDir Path folder;

  static Stream<Search> searches() {
    return Stream.of(
        new GreedySearch(LIMIT, BUDGET), Nsga2Search.of(LIMIT, BUDGET).withPopulation(8));
  }

  @ParameterizedTest
  @MethodSource("searches")
  void limitAndBudgetAreKept(Search search) throws InterruptedException {
    for (long seed = 0; seed < 100; seed++) {
      SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, seed);
      List<Integer> done = new ArrayList<>();
      SearchResult result =
          search.run(
              network.space(),
              network,
              (count, budget, latest) -> {
                assertThat(budget).isEqualTo(BUDGET);
                done.add(count);
              });
      assertThat(result.best().accuracyLoss()).isLessThanOrEqualTo(LIMIT);
      assertThat(result.best().power()).isGreaterThanOrEqualTo(network.leastPower(LIMIT));
      assertThat(result.evaluated()).hasSizeLessThanOrEqualTo(BUDGET);
      assertThat(done).hasSameSizeAs(result.evaluated()).startsWith(1, 2, 3).isSorted();
      assertThat(result.evaluated())
          .extracting(Solution::assignment)
          .doesNotHaveDuplicates()
          .isEqualTo(network.asked());
      assertThat(network.all()).containsAll(result.evaluated());
      assertThat(result.front())
          .isEqualTo(ParetoFront.of(result.evaluated(), Solution::accuracyLoss, Solution::power));
    }
  }

  @ParameterizedTest
  @MethodSource("searches")
  void theSameSeedGivesTheSameSequence(Search search) throws InterruptedException {
    SyntheticNetwork first = new SyntheticNetwork(LAYERS, CANDIDATES, 5);
    SyntheticNetwork second = new SyntheticNetwork(LAYERS, CANDIDATES, 5);
    assertThat(search.run(first.space(), first, SearchProgress.NONE))
        .isEqualTo(search.run(second.space(), second, SearchProgress.NONE));
    assertThat(second.asked()).isEqualTo(first.asked());
  }

  /**
   * Interrupted after any number of evaluations and run again, as often as it takes: the result is
   * that of a run in one piece, and no assignment was evaluated twice.
   */
  @ParameterizedTest
  @MethodSource("searches")
  void resumingLosesNothingAndRepeatsNothing(Search search) throws Exception {
    SyntheticNetwork whole = new SyntheticNetwork(LAYERS, CANDIDATES, 11);
    SearchResult expected = search.run(whole.space(), whole, SearchProgress.NONE);
    int evaluations = expected.evaluated().size();
    assertThat(evaluations).isGreaterThan(20);
    for (int every = 1; every <= evaluations; every++) {
      SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, 11);
      Path file = folder.resolve("every" + every);
      SearchResult result = runInPieces(search, network, file, every);
      assertThat(result).as("interrupted after %d", every).isEqualTo(expected);
      assertThat(network.asked()).isEqualTo(whole.asked());
      assertThat(Files.readAllLines(file)).hasSize(1 + evaluations);
    }
  }

  private static SearchResult runInPieces(
      Search search, SyntheticNetwork network, Path file, int every) throws Exception {
    while (true) {
      int before = network.asked().size();
      try (EvaluationMemo memo = EvaluationMemo.open(file, network.space(), "data")) {
        AccuracyOracle oracle =
            assignment -> {
              double accuracy = network.accuracyPercent(assignment);
              if (network.asked().size() - before == every) {
                Thread.currentThread().interrupt();
              }
              return accuracy;
            };
        SearchResult result =
            search.run(network.space(), memo.remembering(oracle), SearchProgress.NONE);
        // The interrupt that came with the last evaluation is nobody's any more.
        assertThat(Thread.interrupted()).isEqualTo(network.asked().size() - before == every);
        return result;
      } catch (InterruptedException e) {
        assertThat(network.asked()).hasSize(before + every);
      }
    }
  }

  /** The oracle itself may be stopped half-way; that evaluation did not happen. */
  @ParameterizedTest
  @MethodSource("searches")
  void anOracleCanStopTheSearch(Search search) throws Exception {
    SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, 11);
    Path file = folder.resolve("stopped");
    try (EvaluationMemo memo = EvaluationMemo.open(file, network.space(), "data")) {
      AccuracyOracle oracle =
          assignment -> {
            if (network.asked().size() == 7) {
              throw new InterruptedException("stop");
            }
            return network.accuracyPercent(assignment);
          };
      assertThatThrownBy(
              () -> search.run(network.space(), memo.remembering(oracle), SearchProgress.NONE))
          .isInstanceOf(InterruptedException.class);
      assertThat(memo.size()).isEqualTo(7);
    }
  }

  /** One layer, one multiplier: there is nothing to find, and the search ends. */
  @ParameterizedTest
  @MethodSource("searches")
  void smallestSpaces(Search search) throws InterruptedException {
    for (int layers = 1; layers <= 2; layers++) {
      for (int candidates = 1; candidates <= 3; candidates++) {
        SyntheticNetwork network = new SyntheticNetwork(layers, candidates, 2);
        SearchResult result = search.run(network.space(), network, SearchProgress.NONE);
        assertThat(result.best().power()).isEqualTo(network.leastPower(LIMIT));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("searches")
  void whatIsNoAccuracyEndsTheSearch(Search search) {
    SearchSpace space = new SyntheticNetwork(LAYERS, CANDIDATES, 2).space();
    assertThatThrownBy(() -> search.run(space, assignment -> Double.NaN, SearchProgress.NONE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("accuracy of [0, 0, 0, 0] is NaN");
  }

  @Test
  void ofEqualPowerTheMoreAccurateIsBest() {
    SearchSpace space = new SyntheticNetwork(2, 3, 2).space();
    SearchResult result =
        new SearchResult(
            space,
            LIMIT,
            List.of(
                new Solution(space.exact(), 85, 0, 0.4),
                new Solution(space.uniform(1), 79.9, 5.1, 0.1),
                new Solution(space.uniform(2), 80, 5, 0.2),
                new Solution(new Assignment(List.of(1, 2)), 81, 4, 0.2)));
    assertThat(result.best()).isEqualTo(result.evaluated().get(3));
    assertThat(result.front()).extracting(Solution::power).containsExactly(0.4, 0.2, 0.1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SearchResult(space, LIMIT, result.front().reversed()))
        .withMessageContaining("must begin with the exact assignment");
  }

  @Test
  void resultsOfTwoSearchesAreOne() throws InterruptedException {
    SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, 3);
    List<SearchResult> results = new ArrayList<>();
    for (Search search : searches().toList()) {
      results.add(search.run(network.space(), network, SearchProgress.NONE));
    }
    SearchResult both = results.getFirst().and(results.getLast());
    assertThat(both.evaluated())
        .doesNotHaveDuplicates()
        .hasSize(new HashSet<>(network.asked()).size());
    assertThat(both.best().power())
        .isEqualTo(results.stream().mapToDouble(r -> r.best().power()).min().orElseThrow());
    SearchResult wider = new SearchResult(network.space(), 7, both.evaluated());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> both.and(wider))
        .withMessageContaining("(7.0 and 5.0 points)");
  }

  @Test
  void parametersAreChecked() {
    assertRefused(() -> new GreedySearch(-1, 10), "maximumLoss is -1.0; it must be from 0 to 100");
    assertRefused(() -> new GreedySearch(Double.NaN, 10), "maximumLoss is NaN");
    assertRefused(() -> Nsga2Search.of(1, 0), "maxEvaluations is 0");
    assertRefused(() -> Nsga2Search.of(1, 10).withPopulation(1), "population is 1");
    assertRefused(
        () -> Nsga2Search.of(1, 10).withFrontLimit(0.5),
        "frontLimit is 0.5; it must be from maximumLoss (1.0) to 100");
    SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new GreedySearch(1, 12).run(network.space(), network, SearchProgress.NONE))
        .withMessageContaining("maxEvaluations is 12; the sensitivity of 4 layers to 4 candidates")
        .withMessageContaining("takes 13");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Nsga2Search.of(1, 12)
                    .withStart(List.of(new Assignment(List.of(9))))
                    .run(network.space(), network, SearchProgress.NONE))
        .withMessageContaining("assignment is [9]");
    assertThat(network.asked()).isEmpty();
  }

  private static void assertRefused(Runnable action, String message) {
    assertThatIllegalArgumentException().isThrownBy(action::run).withMessageContaining(message);
  }
}
