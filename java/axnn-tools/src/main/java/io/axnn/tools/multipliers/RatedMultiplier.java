package io.axnn.tools.multipliers;

import io.axnn.multiplier.ErrorFigures;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * A multiplier with what it costs.
 *
 * @param multiplier closed with the {@link MultiplierSet} that it is of
 * @param source a text for which {@link MultiplierSource} finds it again
 * @param milliwatts power in mW, or empty where it is not known
 * @param maePercent mean absolute error over all pairs of operands, in percent of the largest
 *     product range; of a sample of 2^20 pairs where both operands have more than 22 bits together
 */
public record RatedMultiplier(
    Multiplier multiplier, String source, OptionalDouble milliwatts, double maePercent) {
  private static final int ALL_PAIRS_BITS = 22;
  private static final int SAMPLE = 1 << 20;

  /** Refuses null. */
  public RatedMultiplier {
    Objects.requireNonNull(multiplier, "multiplier");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(milliwatts, "milliwatts");
  }

  /** Looks the error up. */
  static RatedMultiplier of(Multiplier multiplier, String source, OptionalDouble milliwatts) {
    return new RatedMultiplier(multiplier, source, milliwatts, figures(multiplier).maePercent());
  }

  private static ErrorFigures figures(Multiplier multiplier) {
    Operand row = multiplier.rowOperand();
    Operand column = multiplier.columnOperand();
    return row.bits() + column.bits() <= ALL_PAIRS_BITS
        ? ErrorFigures.of(multiplier)
        : ErrorFigures.ofSample(multiplier, SAMPLE, 1);
  }
}
