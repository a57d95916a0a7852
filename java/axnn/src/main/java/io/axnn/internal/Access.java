package io.axnn.internal;

import io.axnn.Context;
import io.axnn.multiplier.Multiplier;
import java.util.function.Function;

/**
 * Lets the packages of this module reach the handles inside public classes without making them
 * public. Each class hands over its key when it is initialised, which is before any object of it
 * exists.
 */
public final class Access {

  private static volatile Function<Context, Lease> contextLease;
  private static volatile Function<Multiplier, Lease> multiplierLease;

  private Access() {}

  public static void setContextLease(Function<Context, Lease> key) {
    contextLease = key;
  }

  public static void setMultiplierLease(Function<Multiplier, Lease> key) {
    multiplierLease = key;
  }

  public static Lease lease(Context context) {
    return contextLease.apply(context);
  }

  public static Lease lease(Multiplier multiplier) {
    return multiplierLease.apply(multiplier);
  }
}
