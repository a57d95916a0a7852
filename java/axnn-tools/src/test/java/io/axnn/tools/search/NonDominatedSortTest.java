package io.axnn.tools.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.axnn.tools.search.NonDominatedSort.Ranked;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Ranks against their definition, crowding distances against hand-made ones. */
class NonDominatedSortTest {

  private static final NonDominatedSort UNCONSTRAINED = new NonDominatedSort(100);

  @Test
  void ranksAreThoseOfPeeledFronts() {
    Random random = new Random(3);
    for (int repeat = 0; repeat < 300; repeat++) {
      List<Solution> population = new ArrayList<>();
      int size = random.nextInt(40);
      for (int i = 0; i < size; i++) {
        population.add(solution(i, random.nextInt(12), random.nextInt(12)));
      }
      assertThat(UNCONSTRAINED.fronts(population)).isEqualTo(peeled(population));
    }
  }

  /** Take away what nothing left dominates, again and again. */
  private static List<List<Solution>> peeled(List<Solution> population) {
    List<List<Solution>> fronts = new ArrayList<>();
    List<Solution> left = new ArrayList<>(population);
    while (!left.isEmpty()) {
      List<Solution> all = List.copyOf(left);
      List<Solution> front =
          all.stream().filter(one -> all.stream().noneMatch(o -> dominates(o, one))).toList();
      fronts.add(front);
      left.removeAll(front);
    }
    return fronts;
  }

  private static boolean dominates(Solution one, Solution other) {
    return one.power() <= other.power()
        && one.accuracyLoss() <= other.accuracyLoss()
        && (one.power() != other.power() || one.accuracyLoss() != other.accuracyLoss());
  }

  /** Fronts of what keeps the limit, then the others by their loss alone. */
  @Test
  void whatExceedsTheLimitComesAfterAllThatKeepsIt() {
    Random random = new Random(4);
    for (int repeat = 0; repeat < 300; repeat++) {
      List<Solution> population = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        population.add(solution(i, random.nextInt(12), random.nextInt(12)));
      }
      List<List<Solution>> expected =
          peeled(population.stream().filter(one -> one.accuracyLoss() <= 5).toList());
      for (int loss = 6; loss < 12; loss++) {
        double same = loss;
        List<Solution> front =
            population.stream().filter(one -> one.accuracyLoss() == same).toList();
        if (!front.isEmpty()) {
          expected.add(front);
        }
      }
      assertThat(new NonDominatedSort(5).fronts(population)).isEqualTo(expected);
    }
  }

  @Test
  void crowdingIsTheExtentBetweenNeighbours() {
    List<Solution> front =
        List.of(solution(0, 2, 6), solution(1, 0, 10), solution(2, 10, 0), solution(3, 3, 4));
    assertThat(NonDominatedSort.crowdingDistances(front))
        .containsExactly(
            3 / 10.0 + 6 / 10.0, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 1.4);
  }

  @Test
  void equalSolutionsCrowdEachOther() {
    List<Solution> front = List.of(solution(0, 1, 1), solution(1, 1, 1), solution(2, 1, 1));
    assertThat(NonDominatedSort.crowdingDistances(front))
        .containsExactly(Double.POSITIVE_INFINITY, 0, Double.POSITIVE_INFINITY);
  }

  @Test
  void lowerRanksComeFirstThenLessCrowdedOnes() {
    List<Solution> population =
        List.of(
            solution(0, 5, 5), // dominated by 4 and 5
            solution(1, 0, 10),
            solution(2, 10, 0),
            solution(3, 0.5, 9),
            solution(4, 4, 4),
            solution(5, 1, 5));
    List<Ranked> sorted = UNCONSTRAINED.sort(population);
    assertThat(sorted)
        .extracting(ranked -> population.indexOf(ranked.solution()))
        .containsExactly(1, 2, 4, 5, 3, 0);
    assertThat(sorted).extracting(Ranked::rank).containsExactly(0, 0, 0, 0, 0, 1);
  }

  private static Solution solution(int number, double loss, double power) {
    return new Solution(new Assignment(List.of(number)), 50 - loss, loss, power);
  }
}
