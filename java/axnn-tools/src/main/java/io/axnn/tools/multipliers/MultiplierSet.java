package io.axnn.tools.multipliers;

import io.axnn.multiplier.Multiplier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Multipliers that differ from each other, to be closed together. */
public final class MultiplierSet implements AutoCloseable {
  private final List<RatedMultiplier> multipliers;

  private MultiplierSet(List<RatedMultiplier> multipliers) {
    this.multipliers = List.copyOf(multipliers);
  }

  /** Keeps the first of equal ones and closes the others. */
  static MultiplierSet of(List<Multiplier> multipliers, PowerTable power) {
    Set<String> seen = new HashSet<>();
    List<RatedMultiplier> rated = new ArrayList<>();
    for (Multiplier multiplier : multipliers) {
      if (seen.add(multiplier.identity())) {
        rated.add(RatedMultiplier.of(multiplier, power.of(multiplier)));
      } else {
        multiplier.close();
      }
    }
    return new MultiplierSet(rated);
  }

  /**
   * The multipliers.
   *
   * @return in the order in which they were named
   */
  public List<RatedMultiplier> multipliers() {
    return multipliers;
  }

  /**
   * The first one without error.
   *
   * @return empty if all have some
   */
  public Optional<RatedMultiplier> exact() {
    return multipliers.stream().filter(RatedMultiplier::exact).findFirst();
  }

  @Override
  public void close() {
    multipliers.forEach(rated -> rated.multiplier().close());
  }
}
