package io.axnn.internal;

import io.axnn.Context;
import io.axnn.PackedBits;
import io.axnn.multiplier.Multiplier;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Lets the packages of this module reach what is inside public classes without making it public.
 * Each class hands over its key when it is initialised, which is before any object of it exists.
 */
public final class Access {

  private static volatile Function<Context, Lease> contextLease;
  private static volatile Function<Multiplier, Lease> multiplierLease;
  private static volatile BiFunction<MemorySegment, int[], PackedBits> packedBits;

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

  public static void setPackedBits(BiFunction<MemorySegment, int[], PackedBits> key) {
    packedBits = key;
  }

  /** Bits that native code has written, which nobody writes to from now on; not copied. */
  public static PackedBits packedBits(MemorySegment memory, int... shape) {
    try {
      MethodHandles.lookup().ensureInitialized(PackedBits.class);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
    return packedBits.apply(memory, shape);
  }
}
