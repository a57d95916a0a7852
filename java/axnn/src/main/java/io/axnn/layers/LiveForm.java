package io.axnn.layers;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Access;
import io.axnn.internal.Lease;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The form that an approximate layer has now. Setters swap it as a whole; calls under way finish on
 * the one they began with. The layer's own lease surrounds every call, so nothing here is closed
 * while one runs.
 */
final class LiveForm {

  private final Geometry geometry;
  private final Lease contextLease;
  private final MemorySegment context;
  private final Object lock = new Object();
  private volatile Form form;

  /** Memory for the next weights, or null: under the lock, and no call can see what is in it. */
  private Tensor spare;

  /**
   * @param kind the layer's name, for messages
   * @throws IllegalStateException if the context or the multiplier is closed
   * @throws IllegalArgumentException if the settings do not fit each other
   */
  LiveForm(String kind, Context context, Geometry geometry, ApproxSettings settings) {
    this.geometry = geometry;
    settings.check(geometry.outputs());
    contextLease = Access.lease(Objects.requireNonNull(context, "context"));
    this.context = contextLease.acquire();
    try {
      form = Form.first(new PlanMaker(kind, this.context, geometry), settings);
    } catch (RuntimeException | Error e) {
      contextLease.release();
      throw e;
    }
  }

  /** The context that the plans run in; open until {@link #close}. */
  MemorySegment context() {
    return context;
  }

  ApproxSettings settings() {
    return form.settings();
  }

  /** Makes a plan now if its settings are there; a plan of other settings later, on need. */
  void prepare(PlanKind kind) {
    ApproxSettings settings = settings();
    boolean known = settings.input() != null;
    if (kind == PlanKind.FLOAT
        || known && (kind == PlanKind.EXACT || settings.multiplier() != null)) {
      formWith(kind);
    }
  }

  /** Calls with a plan and the settings it was made of; again, if a setter closed the plan. */
  <T> T run(PlanKind kind, BiFunction<NativePlan, ApproxSettings, T> call) {
    return runForm(kind, seen -> call.apply(seen.plan(kind), seen.settings()));
  }

  /** Calls with a form that has a plan of some kind. */
  <T> T runForm(PlanKind kind, Function<Form, T> call) {
    while (true) {
      Form seen = formWith(kind);
      try {
        return call.apply(seen);
      } catch (Lease.ClosedException e) {
        if (form == seen) {
          throw e;
        }
      }
    }
  }

  private Form formWith(PlanKind kind) {
    Form seen = form;
    if (seen.plan(kind) != null) {
      return seen;
    }
    synchronized (lock) {
      form.make(kind);
      return form;
    }
  }

  /**
   * Swaps the form. Nothing has changed if this throws.
   *
   * @throws IllegalArgumentException if the new settings do not fit each other
   */
  void update(UnaryOperator<ApproxSettings> change) {
    synchronized (lock) {
      Form old = form;
      Form next = old.next(change.apply(old.settings()).check(geometry.outputs()));
      form = next;
      old.closeUnless(next);
    }
  }

  /**
   * Sets the weights. Their copy goes where earlier weights were, as fresh memory costs more than
   * all the rest: the system clears it page by page, when it is first written to.
   *
   * @param onlyCall says whether no other call of the layer is running; one that is may still read
   *     the old weights, whose memory is left to the garbage collector then
   */
  void setWeights(Tensor weights, BooleanSupplier onlyCall) {
    geometry.checkParameters(weights, null);
    synchronized (lock) {
      if (spare == null) {
        spare = Tensor.allocate(DataType.FLOAT32, geometry.weightShape());
      }
      WeightCopy copy = WeightCopy.into(spare, context, weights, geometry.outputs());
      Tensor old = settings().parameters().weights();
      update(settings -> settings.withWeights(copy));
      // A call that begins from here on sees the new form.
      spare = onlyCall.getAsBoolean() ? old : null;
    }
  }

  /** A copy of the weights: those of the settings may be overwritten once there are new ones. */
  Tensor copyOfWeights() {
    synchronized (lock) {
      return FloatParameters.copy("weights", settings().parameters().weights());
    }
  }

  /** Frees all; no call is running, and none comes after. */
  void close() {
    form.close();
    spare = null;
    contextLease.release();
  }
}
