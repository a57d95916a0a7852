package io.axnn.tools.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What NSGA-II finds of true fronts, known from evaluating everything. */
@Timeout(120)
class Nsga2SearchTest {
  private static final int LAYERS = 6;
  private static final int CANDIDATES = 4;
  private static final int ALL = 4096;
  private static final int NETWORKS = 20;
  private static final double LIMIT = 3;

  /** A seventh of the evaluations find two thirds of the front, as random ones find a seventh. */
  @Test
  void mostOfTheFrontIsFound() throws InterruptedException {
    int budget = 600;
    double found = 0;
    double foundByChance = 0;
    for (long seed = 0; seed < NETWORKS; seed++) {
      SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, seed);
      SearchResult result =
          Nsga2Search.of(LIMIT, budget)
              .withFrontLimit(100)
              .run(network.space(), network, SearchProgress.NONE);
      assertThat(result.evaluated()).hasSize(budget);
      found += SyntheticNetwork.share(network.front(), result.front()) / NETWORKS;
      List<Solution> some = new ArrayList<>(network.all());
      Collections.shuffle(some, new Random(seed));
      foundByChance += SyntheticNetwork.share(network.front(), some.subList(0, budget)) / NETWORKS;
    }
    assertThat(found).isGreaterThan(0.6);
    assertThat(foundByChance).isLessThan(0.2);
  }

  /** Where the budget has no end, the search ends when it finds nothing new, and misses little. */
  @Test
  void nearlyAllOfTheFrontIsFoundInTheEnd() throws InterruptedException {
    for (long seed = 0; seed < 5; seed++) {
      SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, seed);
      SearchResult result =
          Nsga2Search.of(LIMIT, ALL)
              .withFrontLimit(100)
              .run(network.space(), network, SearchProgress.NONE);
      assertThat(SyntheticNetwork.share(network.front(), result.front())).isGreaterThan(0.95);
      assertThat(result.evaluated()).hasSizeLessThan(ALL);
    }
  }

  /**
   * Where layers interact strongly, a tenth of the evaluations find what greedy search misses; more
   * so when they begin where it ended.
   */
  @Test
  void theBestIsNearTheOptimum() throws InterruptedException {
    double excess = 0;
    double excessFromGreedy = 0;
    double greedyExcess = 0;
    for (long seed = 0; seed < NETWORKS; seed++) {
      SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, seed);
      SearchSpace space = network.space();
      double least = network.leastPower(LIMIT);
      Nsga2Search search = Nsga2Search.of(LIMIT, 400);
      SearchResult greedy = new GreedySearch(LIMIT, ALL).run(space, network, SearchProgress.NONE);
      List<Assignment> start = greedy.front().stream().map(Solution::assignment).toList();
      SearchResult alone = search.run(space, network, SearchProgress.NONE);
      SearchResult started = search.withStart(start).run(space, network, SearchProgress.NONE);
      assertThat(started.best().power()).isLessThanOrEqualTo(greedy.best().power());
      greedyExcess += (greedy.best().power() / least - 1) / NETWORKS;
      excess += (alone.best().power() / least - 1) / NETWORKS;
      excessFromGreedy += (started.best().power() / least - 1) / NETWORKS;
    }
    assertThat(greedyExcess).isBetween(0.1, 0.15);
    assertThat(excess).isLessThan(0.015);
    assertThat(excessFromGreedy).isLessThan(0.01);
  }

  @Test
  void anotherSeedIsAnotherSequence() throws InterruptedException {
    SyntheticNetwork first = new SyntheticNetwork(LAYERS, CANDIDATES, 1);
    SyntheticNetwork second = new SyntheticNetwork(LAYERS, CANDIDATES, 1);
    Nsga2Search search = Nsga2Search.of(LIMIT, 100);
    search.run(first.space(), first, SearchProgress.NONE);
    search.withSeed(2).run(second.space(), second, SearchProgress.NONE);
    assertThat(second.asked()).isNotEqualTo(first.asked());
  }

  /** The exact and the uniform assignments, those to begin with, and random ones, half exact. */
  @Test
  void theFirstPopulationHasWhatIsKnownToBeGood() throws InterruptedException {
    SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, 1);
    Assignment start = new Assignment(List.of(0, 1, 2, 3, 2, 1));
    Nsga2Search.of(LIMIT, 40)
        .withStart(List.of(start))
        .run(network.space(), network, SearchProgress.NONE);
    SearchSpace space = network.space();
    List<Assignment> random = network.asked().subList(5, 30);
    assertThat(random.stream().mapToLong(Nsga2SearchTest::exactLayers).sum())
        .isGreaterThan(random.size() * LAYERS / 2);
    assertThat(random).anyMatch(assignment -> exactLayers(assignment) <= 1);
    assertThat(network.asked())
        .startsWith(space.uniform(0), space.uniform(1), space.uniform(2), space.uniform(3), start);
  }

  private static long exactLayers(Assignment assignment) {
    return assignment.choices().stream().filter(choice -> choice == 0).count();
  }
}
