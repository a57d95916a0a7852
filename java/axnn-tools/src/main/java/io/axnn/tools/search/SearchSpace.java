package io.axnn.tools.search;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What can be chosen: layers, and multipliers that each of them can have. Immutable.
 *
 * @param layers at least one, of different names
 * @param candidates at least one, of different names and identities
 * @param reference the index of the candidate whose products are exact; losses of accuracy count
 *     from the network that has it in every layer
 */
public record SearchSpace(List<Layer> layers, List<Candidate> candidates, int reference) {

  /**
   * A layer.
   *
   * @param name its name in the network
   * @param opCount products that one image takes, at least 1
   */
  public record Layer(String name, long opCount) {
    /** Checks the count. */
    public Layer {
      Objects.requireNonNull(name, "name");
      if (opCount < 1) {
        throw new IllegalArgumentException(
            "opCount of layer %s is %d; it must be at least 1".formatted(name, opCount));
      }
    }
  }

  /**
   * A multiplier.
   *
   * @param name what people call it
   * @param identity what tells its products from those of all others, as {@link
   *     io.axnn.multiplier.Multiplier#identity()}
   * @param power of the circuit, in mW, at least 0
   */
  public record Candidate(String name, String identity, double power) {
    /** Checks the power. */
    public Candidate {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(identity, "identity");
      if (!(power >= 0 && power < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "power of candidate %s is %s mW; it must be finite and not negative"
                .formatted(name, power));
      }
    }
  }

  /** Copies the lists and checks them. */
  public SearchSpace {
    layers = List.copyOf(layers);
    candidates = List.copyOf(candidates);
    requireDifferent("layers", "names", layers.stream().map(Layer::name).toList());
    requireDifferent("candidates", "names", candidates.stream().map(Candidate::name).toList());
    requireDifferent(
        "candidates", "identities", candidates.stream().map(Candidate::identity).toList());
    if (reference < 0 || reference >= candidates.size()) {
      throw new IllegalArgumentException(
          "reference is %d; it must be the index of one of %d candidates"
              .formatted(reference, candidates.size()));
    }
  }

  private static void requireDifferent(String list, String what, List<String> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException(list + " is empty; it must have at least one entry");
    }
    Set<String> seen = new HashSet<>();
    for (String value : values) {
      if (!seen.add(value)) {
        throw new IllegalArgumentException(
            "%s has %s twice; their %s must be different".formatted(list, value, what));
      }
    }
  }

  /**
   * The same multiplier for every layer.
   *
   * @param candidate its index
   * @return the assignment
   */
  public Assignment uniform(int candidate) {
    Objects.checkIndex(candidate, candidates.size());
    return new Assignment(Collections.nCopies(layers.size(), candidate));
  }

  /**
   * The exact multiplier for every layer.
   *
   * @return the assignment
   */
  public Assignment exact() {
    return uniform(reference);
  }

  /**
   * How much of the network's work a layer is.
   *
   * @param layer its index
   * @return its share of all operations, above 0 and at most 1
   */
  public double share(int layer) {
    return (double) layers.get(layer).opCount() / opCount();
  }

  private long opCount() {
    return layers.stream().mapToLong(Layer::opCount).reduce(0, Math::addExact);
  }

  /**
   * The mean power of a multiplication: that of each layer's multiplier, weighted by the layer's
   * operation count. Exactly the same for assignments that give each multiplier the same number of
   * operations.
   *
   * @param assignment one of this space
   * @return in mW
   */
  public double power(Assignment assignment) {
    require(assignment);
    long[] operations = new long[candidates.size()];
    for (int layer = 0; layer < layers.size(); layer++) {
      operations[assignment.choice(layer)] += layers.get(layer).opCount();
    }
    double total = opCount();
    double power = 0;
    for (int candidate = 0; candidate < operations.length; candidate++) {
      power += candidates.get(candidate).power() * (operations[candidate] / total);
    }
    return power;
  }

  /**
   * How many assignments there are.
   *
   * @return {@code Long.MAX_VALUE} if there are more
   */
  public long size() {
    double size = Math.pow(candidates.size(), layers.size());
    return size < Long.MAX_VALUE ? Math.round(size) : Long.MAX_VALUE;
  }

  /** Refuses assignments of other spaces. */
  void require(Assignment assignment) {
    boolean fits =
        assignment.choices().size() == layers.size()
            && assignment.choices().stream()
                .allMatch(choice -> choice >= 0 && choice < candidates.size());
    if (!fits) {
      throw new IllegalArgumentException(
          "assignment is %s; it must have %d choices, each from 0 to %d"
              .formatted(assignment.choices(), layers.size(), candidates.size() - 1));
    }
  }
}
