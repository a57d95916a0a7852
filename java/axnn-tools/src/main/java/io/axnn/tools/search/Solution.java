package io.axnn.tools.search;

/**
 * An assignment and what it costs.
 *
 * @param assignment one multiplier for each layer
 * @param accuracyPercent what the oracle said
 * @param accuracyLoss percentage points below the exact assignment, negative if above it; to a
 *     billionth of a point, so that 84.97 % loses 1 point of 85.97 % and not a rounding error more
 * @param power mean power of a multiplication in mW, {@link SearchSpace#power}
 */
public record Solution(
    Assignment assignment, double accuracyPercent, double accuracyLoss, double power) {

  private static final double BILLION = 1e9;

  static Solution of(
      SearchSpace space, Assignment assignment, double accuracyPercent, double exactPercent) {
    double loss = Math.round((exactPercent - accuracyPercent) * BILLION) / BILLION;
    return new Solution(assignment, accuracyPercent, loss, space.power(assignment));
  }
}
