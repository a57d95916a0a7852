package io.axnn.layers;

import io.axnn.internal.Access;
import io.axnn.internal.Lease;
import io.axnn.multiplier.Multiplier;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * One state of an approximate layer: its settings, and the native plans of these settings that were
 * needed so far. Plans are read by any thread, but made and closed under the layer's lock only.
 */
final class Form implements Live.State<Form> {

  private final PlanMaker maker;
  private final ApproxSettings settings;
  private final HeldMultiplier multiplier;
  private final AtomicReferenceArray<NativePlan> plans =
      new AtomicReferenceArray<>(PlanKind.values().length);

  private Form(PlanMaker maker, ApproxSettings settings, HeldMultiplier multiplier) {
    this.maker = maker;
    this.settings = settings;
    this.multiplier = multiplier;
  }

  /**
   * The first form of a layer.
   *
   * @throws IllegalStateException if the multiplier is closed
   */
  static Form first(PlanMaker maker, ApproxSettings settings) {
    return new Form(maker, settings, HeldMultiplier.of(settings.multiplier()));
  }

  /**
   * The form after this one, with the same kinds of plans: those that the new settings leave as
   * they are, and new ones for the others. Nothing has changed if this throws.
   */
  Form next(ApproxSettings newSettings) {
    boolean sameMultiplier = newSettings.multiplier() == settings.multiplier();
    Form next =
        new Form(
            maker,
            newSettings,
            sameMultiplier ? multiplier : HeldMultiplier.of(newSettings.multiplier()));
    try {
      for (PlanKind kind : PlanKind.values()) {
        NativePlan plan = plan(kind);
        if (plan != null && newSettings.samePlan(kind, settings)) {
          next.plans.set(kind.ordinal(), plan);
        }
      }
      NativePlan codes = newSettings.sameCodes(settings) ? anyCodes() : null;
      for (PlanKind kind : PlanKind.values()) {
        if (plan(kind) != null) {
          next.make(kind, codes);
        }
      }
      return next;
    } catch (RuntimeException | Error e) {
      next.closeUnless(this);
      throw e;
    }
  }

  ApproxSettings settings() {
    return settings;
  }

  /** A plan, or null if it was not needed so far. */
  NativePlan plan(PlanKind kind) {
    return plans.get(kind.ordinal());
  }

  /**
   * Makes a plan if it is not there yet.
   *
   * @throws IllegalStateException if a setting is missing that the plan needs
   */
  void make(PlanKind kind) {
    make(kind, null);
  }

  private void make(PlanKind kind, NativePlan codesOrNull) {
    if (plan(kind) == null) {
      plans.set(kind.ordinal(), newPlan(kind, codesOrNull));
    }
  }

  private NativePlan newPlan(PlanKind kind, NativePlan codesOrNull) {
    if (kind == PlanKind.FLOAT) {
      return maker.floats(settings.parameters());
    }
    demandSettings(kind);
    NativePlan own = anyCodes();
    NativePlan base = own == null ? codesOrNull : own;
    return base == null
        ? maker.create(kind, settings, handle())
        : maker.derive(base, kind, settings, handle());
  }

  /** A plan of the scaled sums, before bias and limits; the caller closes it. */
  NativePlan scaledSums() {
    return maker.derive(plan(PlanKind.EXACT), PlanKind.EXACT, settings.scaledSums(), handle());
  }

  private MemorySegment handle() {
    return multiplier == null ? MemorySegment.NULL : multiplier.handle();
  }

  /** A plan that has the weights' codes, or null. */
  private NativePlan anyCodes() {
    NativePlan table = plan(PlanKind.TABLE);
    return table == null ? plan(PlanKind.EXACT) : table;
  }

  private void demandSettings(PlanKind kind) {
    if (settings.input() == null) {
      throw new IllegalStateException(
          "this "
              + maker.kind()
              + " has no input quantisation: call calibrate(x) and freeze(), or"
              + " setInputQuantization(...)");
    }
    if (kind == PlanKind.TABLE && multiplier == null) {
      throw new IllegalStateException(
          "this " + maker.kind() + " has no multiplier: call setMultiplier(...)");
    }
  }

  @Override
  public void closeUnless(Form other) {
    for (PlanKind kind : PlanKind.values()) {
      NativePlan plan = plan(kind);
      if (plan != null && plan != other.plan(kind)) {
        plan.close();
      }
    }
    if (multiplier != null && multiplier != other.multiplier) {
      multiplier.release();
    }
  }

  @Override
  public void close() {
    for (PlanKind kind : PlanKind.values()) {
      NativePlan plan = plan(kind);
      if (plan != null) {
        plan.close();
      }
    }
    if (multiplier != null) {
      multiplier.release();
    }
  }

  /** A multiplier that its owner may close while this layer still has to make plans with it. */
  private record HeldMultiplier(Lease lease, MemorySegment handle) {

    static HeldMultiplier of(Multiplier multiplierOrNull) {
      if (multiplierOrNull == null) {
        return null;
      }
      Lease lease = Access.lease(multiplierOrNull);
      return new HeldMultiplier(lease, lease.acquire());
    }

    void release() {
      lease.release();
    }
  }
}
