package io.axnn.tools.search;

import io.axnn.tools.search.NonDominatedSort.Ranked;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * NSGA-II (Deb, Pratap, Agarwal and Meyarivan, IEEE Transactions on Evolutionary Computation 6(2),
 * 2002) on the objectives accuracy loss and power, with a gene for each layer; what ALWANN searches
 * layers' multipliers with (Mrazek, Vasicek, Sekanina, Hanif and Shafique, ICCAD 2019).
 *
 * <p>The first population has the exact assignment, each multiplier in all layers, the start
 * assignments that were given, and random ones: a random share of the layers is exact, the others
 * have any multiplier. Parents are chosen by binary tournament of rank, then crowding distance; a
 * child takes each gene from either parent, and each of its genes becomes a random other one with
 * probability 1 / layers. The best of parents and children, as many as the population has, survive.
 *
 * <p>Most assignments lose far too much for anybody, and most of the front would be theirs. So the
 * search looks for the front up to a loss only, which is a constraint in the sense of the paper.
 *
 * <p>Unlike the original, a child is always an assignment that this search has not evaluated yet:
 * genes are few and discrete, and an evaluation is dear. So the search has no number of
 * generations: it ends with its budget, or when breeding finds nothing new any more.
 *
 * @param maximumLoss limit on the loss of accuracy, 0 to 100 percentage points, that the best
 *     solution keeps
 * @param frontLimit the loss up to which the front is of interest, from maximumLoss to 100
 * @param maxEvaluations limit on different assignments evaluated
 * @param population how many survive, at least 2
 * @param seed of the random numbers
 * @param start assignments to begin with, as the front of a {@link GreedySearch}
 */
public record Nsga2Search(
    double maximumLoss,
    double frontLimit,
    int maxEvaluations,
    int population,
    long seed,
    List<Assignment> start)
    implements Search {

  /**
   * Of 1, 2, 4 times maximumLoss and no limit, 2 and 4 gave the best solutions (synthetic networks
   * of 10 and 20 layers, 14 candidates, 1000 and 2000 evaluations, with and without a start).
   */
  private static final double DEFAULT_FRONT = 4;

  /** With 50 and 100, budgets of a few hundred end after too few generations. */
  private static final int DEFAULT_POPULATION = 30;

  /** Attempts in a row to find something new before it is given up. */
  private static final int ATTEMPTS = 200;

  /** Copies the list and checks the numbers. */
  public Nsga2Search {
    Evaluations.requireLimits(maximumLoss, maxEvaluations);
    if (!(frontLimit >= maximumLoss && frontLimit <= 100)) {
      throw new IllegalArgumentException(
          "frontLimit is %s; it must be from maximumLoss (%s) to 100 percentage points"
              .formatted(frontLimit, maximumLoss));
    }
    if (population < 2) {
      throw new IllegalArgumentException(
          "population is %d; it must be at least 2".formatted(population));
    }
    start = List.copyOf(start);
  }

  /**
   * The front up to four times the limit, a population of 30, seed 1, no start.
   *
   * @param maximumLoss limit on the loss of accuracy, 0 to 100 percentage points
   * @param maxEvaluations limit on different assignments evaluated, at least 1
   * @return the search
   */
  public static Nsga2Search of(double maximumLoss, int maxEvaluations) {
    double frontLimit = Math.min(DEFAULT_FRONT * maximumLoss, 100);
    return new Nsga2Search(
        maximumLoss, frontLimit, maxEvaluations, DEFAULT_POPULATION, 1, List.of());
  }

  /**
   * This search with another part of the front.
   *
   * @param loss the largest loss of interest, from maximumLoss to 100 percentage points
   * @return the new search
   */
  public Nsga2Search withFrontLimit(double loss) {
    return new Nsga2Search(maximumLoss, loss, maxEvaluations, population, seed, start);
  }

  /**
   * This search with another size of population.
   *
   * @param size at least 2
   * @return the new search
   */
  public Nsga2Search withPopulation(int size) {
    return new Nsga2Search(maximumLoss, frontLimit, maxEvaluations, size, seed, start);
  }

  /**
   * This search with other random numbers.
   *
   * @param number any
   * @return the new search
   */
  public Nsga2Search withSeed(long number) {
    return new Nsga2Search(maximumLoss, frontLimit, maxEvaluations, population, number, start);
  }

  /**
   * This search with assignments to begin with.
   *
   * @param assignments any number of the space that will be searched
   * @return the new search
   */
  public Nsga2Search withStart(List<Assignment> assignments) {
    return new Nsga2Search(maximumLoss, frontLimit, maxEvaluations, population, seed, assignments);
  }

  @Override
  public SearchResult run(SearchSpace space, AccuracyOracle oracle, SearchProgress progress)
      throws InterruptedException {
    start.forEach(space::require);
    RandomGenerator random = new Random(seed);
    Evaluations evaluations = new Evaluations(space, oracle, maxEvaluations, progress);
    List<Ranked> survivors =
        survivors(evaluateAll(firstPopulation(space, evaluations, random), evaluations));
    while (!evaluations.exhausted()) {
      Set<Assignment> children = breed(space, survivors, evaluations, random);
      if (children.isEmpty()) {
        break;
      }
      List<Solution> all = new ArrayList<>(survivors.stream().map(Ranked::solution).toList());
      all.addAll(evaluateAll(children, evaluations));
      survivors = survivors(all);
    }
    return evaluations.result(maximumLoss);
  }

  private Set<Assignment> firstPopulation(
      SearchSpace space, Evaluations evaluations, RandomGenerator random) {
    Set<Assignment> first = new LinkedHashSet<>();
    first.add(space.exact());
    for (int candidate = 0; candidate < space.candidates().size(); candidate++) {
      first.add(space.uniform(candidate));
    }
    first.addAll(start);
    fillUp(first, evaluations, () -> randomAssignment(space, random));
    return first;
  }

  /**
   * Along the whole front, which with genes all random would begin far from the exact assignment:
   * after 200 evaluations of the networks above the best one needs 8 to 13 % less power so.
   */
  private static Assignment randomAssignment(SearchSpace space, RandomGenerator random) {
    double exactShare = random.nextDouble();
    List<Integer> genes = new ArrayList<>();
    for (int layer = 0; layer < space.layers().size(); layer++) {
      boolean exact = random.nextDouble() < exactShare;
      genes.add(exact ? space.reference() : random.nextInt(space.candidates().size()));
    }
    return new Assignment(genes);
  }

  /** As many as the budget allows. */
  private static List<Solution> evaluateAll(Set<Assignment> assignments, Evaluations evaluations)
      throws InterruptedException {
    List<Solution> solutions = new ArrayList<>();
    for (Assignment assignment : assignments) {
      Optional<Solution> solution = evaluations.evaluate(assignment);
      solution.ifPresent(solutions::add);
    }
    return solutions;
  }

  /** Fills up with whole fronts, and the last place by crowding distance. */
  private List<Ranked> survivors(List<Solution> solutions) {
    List<Ranked> sorted = new NonDominatedSort(frontLimit).sort(solutions);
    return sorted.subList(0, Math.min(population, sorted.size()));
  }

  /** Empty if nothing new was found. */
  private Set<Assignment> breed(
      SearchSpace space, List<Ranked> parents, Evaluations evaluations, RandomGenerator random) {
    Set<Assignment> children = new LinkedHashSet<>();
    fillUp(
        children,
        evaluations,
        () -> {
          Assignment father = tournament(parents, random);
          Assignment mother = tournament(parents, random);
          return mutate(space, cross(father, mother, random), random);
        });
    return children;
  }

  /** Up to a population, with assignments that are neither there nor evaluated yet. */
  private void fillUp(
      Set<Assignment> assignments, Evaluations evaluations, Supplier<Assignment> source) {
    int failures = 0;
    while (assignments.size() < population && failures < ATTEMPTS) {
      Assignment assignment = source.get();
      boolean isNew = !evaluations.contains(assignment) && assignments.add(assignment);
      failures = isNew ? 0 : failures + 1;
    }
  }

  private static Assignment tournament(List<Ranked> parents, RandomGenerator random) {
    Ranked one = parents.get(random.nextInt(parents.size()));
    Ranked other = parents.get(random.nextInt(parents.size()));
    return (Ranked.ORDER.compare(one, other) <= 0 ? one : other).solution().assignment();
  }

  private static Assignment cross(Assignment one, Assignment other, RandomGenerator random) {
    List<Integer> genes = new ArrayList<>();
    for (int layer = 0; layer < one.choices().size(); layer++) {
      genes.add((random.nextBoolean() ? one : other).choice(layer));
    }
    return new Assignment(genes);
  }

  private static Assignment mutate(
      SearchSpace space, Assignment assignment, RandomGenerator random) {
    int candidates = space.candidates().size();
    int layers = space.layers().size();
    List<Integer> genes = new ArrayList<>(assignment.choices());
    for (int layer = 0; layer < layers && candidates > 1; layer++) {
      if (random.nextInt(layers) == 0) {
        int other = random.nextInt(candidates - 1);
        genes.set(layer, other < genes.get(layer) ? other : other + 1);
      }
    }
    return new Assignment(genes);
  }
}
