package io.axnn.testing;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.Status;
import io.axnn.Tier;
import java.util.ArrayList;
import java.util.List;

/** The kernel tiers that this machine, its environment and this build can run. */
public final class Tiers {

  private Tiers() {}

  public static List<Tier> available() {
    List<Tier> tiers = new ArrayList<>();
    for (Tier tier : Tier.values()) {
      try (Context context = Context.builder().tier(tier).build()) {
        tiers.add(context.tier());
      } catch (AxnnException e) {
        if (e.status() != Status.TIER) {
          throw e;
        }
      }
    }
    return tiers;
  }

  /** A context of one thread for each available tier; the caller closes them. */
  public static List<Context> contexts() {
    return available().stream()
        .map(tier -> Context.builder().tier(tier).threads(1).build())
        .toList();
  }
}
