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
   * The form after this one, with the plans that the new settings leave as they are and, where the
   * weights' codes stay, new plans that share them. Plans of other weights are made on first need:
   * a step of training seldom needs all kinds, and the memory of the old plans is free by then.
   * Nothing has changed if this throws.
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
      if (newSettings.sameCodes(settings)) {
        next.derive(PlanKind.EXACT, this);
        next.derive(PlanKind.TABLE, this);
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
    if (plan(kind) == null) {
      plans.set(kind.ordinal(), newPlan(kind, anyCodes()));
    }
  }

  /** Makes a plan, if the other form has one, with the codes of the other form. */
  private void derive(PlanKind kind, Form other) {
    if (plan(kind) == null && other.plan(kind) != null) {
      plans.set(kind.ordinal(), newPlan(kind, other.anyCodes()));
    }
  }

  private NativePlan newPlan(PlanKind kind, NativePlan codesOrNull) {
    if (kind == PlanKind.FLOAT) {
      return maker.floats(settings.parameters());
    }
    demandSettings(kind);
    return codesOrNull == null
        ? maker.create(kind, settings, handle())
        : maker.derive(codesOrNull, kind, settings, handle());
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
