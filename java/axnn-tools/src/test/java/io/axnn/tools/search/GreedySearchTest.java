package io.axnn.tools.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.tools.search.SearchSpace.Candidate;
import io.axnn.tools.search.SearchSpace.Layer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the greedy search finds, on networks small enough to know everything. */
@Timeout(120)
class GreedySearchTest {
  private static final int LAYERS = 5;
  private static final int CANDIDATES = 4;
  private static final int UNLIMITED = Integer.MAX_VALUE;
  private static final double[] LIMITS = {0, 0.5, 2, 10, 100};

  /**
   * By hand: layers of 50, 30 and 20 operations, a multiplier that saves 0.1 mW and one that saves
   * 0.3. Single losses are in the table; each further layer that is not exact gives back half a
   * point.
   */
  @Test
  void stepsAreTakenInTheOrderOfWhatTheySavePerLoss() throws InterruptedException {
    SearchSpace space =
        new SearchSpace(
            List.of(new Layer("a", 50), new Layer("b", 30), new Layer("c", 20)),
            List.of(
                new Candidate("exact", "0", 0.4),
                new Candidate("fine", "1", 0.3),
                new Candidate("rough", "2", 0.1)),
            0);
    double[][] losses = {{0, 1, 4}, {0, 1, 2.9}, {0, 0, 3}};
    List<Assignment> asked = new ArrayList<>();
    AccuracyOracle oracle =
        assignment -> {
          asked.add(assignment);
          double loss = 0;
          int changed = 0;
          for (int layer = 0; layer < 3; layer++) {
            loss += losses[layer][assignment.choice(layer)];
            changed += assignment.choice(layer) == 0 ? 0 : 1;
          }
          return 90 - loss + 0.5 * Math.max(0, changed - 1);
        };
    Solution best = new GreedySearch(2.5, 100).run(space, oracle, SearchProgress.NONE).best();
    assertThat(asked.subList(7, asked.size()))
        .extracting(Assignment::choices)
        .containsExactly(
            // (0, 0, 1) loses nothing, and is in the table
            List.of(1, 0, 1),
            List.of(2, 0, 1), // undone
            List.of(1, 2, 1), // undone
            List.of(1, 1, 1),
            List.of(1, 1, 2), // undone
            List.of(2, 1, 1)); // second pass; the other two are known
    assertThat(best.assignment().choices()).containsExactly(1, 1, 1);
    assertThat(best.accuracyLoss()).isEqualTo(1);
  }

  /** No cheaper multiplier in any one layer is left that keeps the limit. */
  @Test
  void nothingMoreCanBeSavedInOneStep() throws InterruptedException {
    for (long seed = 0; seed < 50; seed++) {
      for (double limit : LIMITS) {
        SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, seed);
        SearchSpace space = network.space();
        Solution best =
            new GreedySearch(limit, UNLIMITED).run(space, network, SearchProgress.NONE).best();
        assertThat(best.accuracyLoss()).isLessThanOrEqualTo(limit);
        assertThat(network.all())
            .filteredOn(other -> differences(other.assignment(), best.assignment()) == 1)
            .filteredOn(other -> other.power() < best.power())
            .allMatch(other -> other.accuracyLoss() > limit);
      }
    }
  }

  private static long differences(Assignment one, Assignment other) {
    long count = 0;
    for (int layer = 0; layer < LAYERS; layer++) {
      count += one.choice(layer) == other.choice(layer) ? 0 : 1;
    }
    return count;
  }

  /** With losses that add up, as the prediction has it, little power is wasted. */
  @Test
  void theBestIsNearTheOptimumWhereLossesAddUp() throws InterruptedException {
    int networks = 40;
    double excess = 0;
    for (long seed = 0; seed < networks; seed++) {
      SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, seed, 0);
      SearchResult result =
          new GreedySearch(2, UNLIMITED).run(network.space(), network, SearchProgress.NONE);
      excess += (result.best().power() / network.leastPower(2) - 1) / networks;
    }
    assertThat(excess).isLessThan(0.02);
  }

  @Test
  void sensitivityIsTheLossOfSingleLayers() throws InterruptedException {
    SyntheticNetwork network = new SyntheticNetwork(LAYERS, CANDIDATES, 1);
    SearchSpace space = network.space();
    List<Solution> all = network.all();
    Sensitivity sensitivity =
        new GreedySearch(1, UNLIMITED).run(space, network, SearchProgress.NONE).sensitivity();
    for (int layer = 0; layer < LAYERS; layer++) {
      assertThat(sensitivity.loss(layer, 0)).hasValue(0);
      for (int candidate = 0; candidate < CANDIDATES; candidate++) {
        Assignment single = space.exact().with(layer, candidate);
        double loss =
            all.stream()
                .filter(solution -> solution.assignment().equals(single))
                .findFirst()
                .orElseThrow()
                .accuracyLoss();
        assertThat(sensitivity.loss(layer, candidate)).hasValue(loss);
      }
    }
  }
}
