package io.axnn.tools.multipliers;

import io.axnn.multiplier.Multiplier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Multipliers that differ from each other, to be closed together. */
public final class MultiplierSet implements AutoCloseable {
  private final List<RatedMultiplier> multipliers;

  private MultiplierSet(List<RatedMultiplier> multipliers) {
    this.multipliers = List.copyOf(multipliers);
  }

  /** A multiplier and the text for which it is found again. */
  record Found(Multiplier multiplier, String source) {}

  /**
   * Keeps the first of equal ones; one with the name of an earlier one gets its source as name, by
   * which its power is then known.
   */
  static MultiplierSet of(List<Found> all, PowerTable power) {
    Set<String> identities = new HashSet<>();
    Set<String> names = new HashSet<>();
    List<RatedMultiplier> rated = new ArrayList<>();
    for (Found found : all) {
      Multiplier multiplier = found.multiplier();
      if (!identities.add(multiplier.identity())) {
        multiplier.close();
        continue;
      }
      if (!names.add(multiplier.name())) {
        multiplier = multiplier.withName(found.source());
        names.add(multiplier.name());
        found.multiplier().close();
      }
      rated.add(RatedMultiplier.of(multiplier, found.source(), power.of(multiplier)));
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

  /** Closes all of them, as {@link Multiplier#close()} does. */
  @Override
  public void close() {
    multipliers.forEach(rated -> rated.multiplier().close());
  }
}
