package io.axnn.tools.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Greedy descent in power, led by the sensitivity of single layers.
 *
 * <ol>
 *   <li>Each layer is evaluated with each multiplier while all others are exact: the sensitivity
 *       table, (candidates - 1) x layers evaluations. HAWQ ranks layers for mixed precision in the
 *       same way, by curvature in place of measured losses (Dong et al., ICCV 2019).
 *   <li>A step gives one layer a multiplier of less power. From all-exact on, the one is tried that
 *       saves most power per predicted loss, which is the difference of two entries of the table:
 *       as if losses of layers added up. Steps that should lose nothing come first, the one that
 *       saves most before the others. If the accuracy then evaluated is within the limit, the step
 *       is taken; else it is undone, and not tried again in this pass.
 *   <li>When no step is left, all that were undone are tried again, for what is lost together does
 *       not add up, from the best solution so far. A pass that takes none ends the search.
 * </ol>
 *
 * <p>So unless the budget ended it, no single cheaper multiplier is left that would keep the limit.
 *
 * @param maximumLoss limit on the loss of accuracy, 0 to 100 percentage points
 * @param maxEvaluations limit on different assignments evaluated; at least the sensitivity table
 *     and the exact assignment
 */
public record GreedySearch(double maximumLoss, int maxEvaluations) implements Search {
  /** Checks the limits. */
  public GreedySearch {
    Evaluations.requireLimits(maximumLoss, maxEvaluations);
  }

  /** A cheaper multiplier for one layer, what it saves in mW and what it should lose in points. */
  private record Step(int layer, int candidate, double saving, double predictedLoss) {

    /** Best first. */
    static final Comparator<Step> ORDER =
        Comparator.comparingDouble(Step::savingPerLoss)
            .thenComparingDouble(Step::saving)
            .reversed()
            .thenComparingInt(Step::layer)
            .thenComparingInt(Step::candidate);

    double savingPerLoss() {
      return predictedLoss > 0 ? saving / predictedLoss : Double.POSITIVE_INFINITY;
    }
  }

  @Override
  public SearchResult run(SearchSpace space, AccuracyOracle oracle, SearchProgress progress)
      throws InterruptedException {
    requireTableInBudget(space);
    Evaluations evaluations = new Evaluations(space, oracle, maxEvaluations, progress);
    evaluateSingleLayers(space, evaluations);
    Sensitivity sensitivity = evaluations.result(maximumLoss).sensitivity();
    Solution start;
    Solution best = evaluations.exact();
    do {
      start = best;
      descend(space, evaluations, sensitivity, start.assignment());
      best = evaluations.result(maximumLoss).best();
    } while (best.power() < start.power());
    return evaluations.result(maximumLoss);
  }

  private void requireTableInBudget(SearchSpace space) {
    long least = 1 + (space.candidates().size() - 1L) * space.layers().size();
    if (maxEvaluations < least) {
      throw new IllegalArgumentException(
          ("maxEvaluations is %d; the sensitivity of %d layers to %d candidates takes %d, so it"
                  + " must be at least that")
              .formatted(maxEvaluations, space.layers().size(), space.candidates().size(), least));
    }
  }

  private static void evaluateSingleLayers(SearchSpace space, Evaluations evaluations)
      throws InterruptedException {
    for (int layer = 0; layer < space.layers().size(); layer++) {
      for (int candidate = 0; candidate < space.candidates().size(); candidate++) {
        evaluations.evaluate(space.exact().with(layer, candidate));
      }
    }
  }

  /** One pass: takes steps until none is left that was not undone, or the budget ends it. */
  private void descend(
      SearchSpace space, Evaluations evaluations, Sensitivity sensitivity, Assignment start)
      throws InterruptedException {
    Assignment current = start;
    List<Step> steps = steps(space, sensitivity, current);
    boolean[][] undone = new boolean[space.layers().size()][space.candidates().size()];
    while (!steps.isEmpty()) {
      Step step = steps.getFirst();
      Assignment next = current.with(step.layer(), step.candidate());
      Optional<Solution> evaluated = evaluations.evaluate(next);
      if (evaluated.isEmpty()) {
        return;
      }
      if (evaluated.get().accuracyLoss() <= maximumLoss) {
        current = next;
        steps = steps(space, sensitivity, current);
        steps.removeIf(left -> undone[left.layer()][left.candidate()]);
      } else {
        undone[step.layer()][step.candidate()] = true;
        steps.removeFirst();
      }
    }
  }

  /** All steps from an assignment, best first. */
  private static List<Step> steps(SearchSpace space, Sensitivity sensitivity, Assignment from) {
    List<Step> steps = new ArrayList<>();
    for (int layer = 0; layer < space.layers().size(); layer++) {
      double power = space.candidates().get(from.choice(layer)).power();
      double loss = sensitivity.loss(layer, from.choice(layer)).orElseThrow();
      for (int candidate = 0; candidate < space.candidates().size(); candidate++) {
        double saving = (power - space.candidates().get(candidate).power()) * space.share(layer);
        if (saving > 0) {
          double predicted = sensitivity.loss(layer, candidate).orElseThrow() - loss;
          steps.add(new Step(layer, candidate, saving, predicted));
        }
      }
    }
    steps.sort(Step.ORDER);
    return steps;
  }
}
