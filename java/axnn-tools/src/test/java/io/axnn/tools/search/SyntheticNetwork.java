package io.axnn.tools.search;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A random small space, and accuracies that are not the sum of what single layers lose: errors of
 * two layers may reinforce or cancel each other, and accuracies are those of 1000 images.
 */
final class SyntheticNetwork implements AccuracyOracle {
  private static final double EXACT_PERCENT = 85;

  private final SearchSpace space;
  private final double[] errors;
  private final double[] sensitivities;
  private final double[][] interactions;
  private final List<Assignment> asked = new ArrayList<>();

  SyntheticNetwork(int layers, int candidates, long seed) {
    this(layers, candidates, seed, 1);
  }

  /** With interactions of another strength; with 0, losses add up. */
  SyntheticNetwork(int layers, int candidates, long seed, double strength) {
    Random random = new Random(seed);
    List<SearchSpace.Layer> layerList = new ArrayList<>();
    sensitivities = new double[layers];
    interactions = new double[layers][layers];
    for (int layer = 0; layer < layers; layer++) {
      layerList.add(new SearchSpace.Layer("layer" + layer, 1000L * (1 + random.nextInt(20))));
      sensitivities[layer] = random.nextDouble(0.1, 2);
      for (int other = 0; other < layer; other++) {
        interactions[layer][other] = strength * random.nextDouble(-0.5, 1);
      }
    }
    List<SearchSpace.Candidate> candidateList = new ArrayList<>();
    errors = new double[candidates];
    for (int candidate = 0; candidate < candidates; candidate++) {
      errors[candidate] = candidate == 0 ? 0 : candidate + random.nextDouble(-0.9, 0.9);
      double power = 0.4 / (1 + errors[candidate]) + random.nextDouble(0.02);
      candidateList.add(new SearchSpace.Candidate("m" + candidate, "identity" + candidate, power));
    }
    space = new SearchSpace(layerList, candidateList, 0);
  }

  SearchSpace space() {
    return space;
  }

  /** All that was asked for, in order. */
  List<Assignment> asked() {
    return List.copyOf(asked);
  }

  @Override
  public double accuracyPercent(Assignment assignment) {
    asked.add(assignment);
    return accuracy(assignment);
  }

  private double accuracy(Assignment assignment) {
    double loss = 0;
    for (int layer = 0; layer < sensitivities.length; layer++) {
      double error = errors[assignment.choice(layer)];
      loss += sensitivities[layer] * error;
      for (int other = 0; other < layer; other++) {
        loss += interactions[layer][other] * error * errors[assignment.choice(other)];
      }
    }
    double percent = Math.clamp(EXACT_PERCENT - loss, 10.0, 100.0);
    return Math.round(percent * 10) / 10.0;
  }

  /** Every assignment of the space. */
  List<Solution> all() {
    List<Assignment> assignments = List.of(space.exact());
    for (int layer = 0; layer < space.layers().size(); layer++) {
      List<Assignment> more = new ArrayList<>();
      for (Assignment assignment : assignments) {
        for (int candidate = 0; candidate < space.candidates().size(); candidate++) {
          more.add(assignment.with(layer, candidate));
        }
      }
      assignments = more;
    }
    double exact = accuracy(space.exact());
    return assignments.stream()
        .map(assignment -> Solution.of(space, assignment, accuracy(assignment), exact))
        .toList();
  }

  /** The true front. */
  List<Solution> front() {
    return ParetoFront.of(all(), Solution::accuracyLoss, Solution::power);
  }

  /** The least power that any assignment within the limit needs. */
  double leastPower(double maximumLoss) {
    return all().stream()
        .filter(solution -> solution.accuracyLoss() <= maximumLoss)
        .mapToDouble(Solution::power)
        .min()
        .orElseThrow();
  }

  /** How many points of the true front are in another one. */
  static double share(List<Solution> trueFront, List<Solution> found) {
    Set<List<Double>> points = new HashSet<>();
    found.forEach(solution -> points.add(List.of(solution.accuracyLoss(), solution.power())));
    return (double)
            trueFront.stream()
                .filter(
                    solution -> points.contains(List.of(solution.accuracyLoss(), solution.power())))
                .count()
        / trueFront.size();
  }
}
