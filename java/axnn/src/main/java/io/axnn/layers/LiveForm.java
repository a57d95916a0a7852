package io.axnn.layers;

import io.axnn.Context;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The form that an approximate layer has now. */
final class LiveForm extends Live<Form> {

  private final Geometry geometry;

  /**
   * @param kind the layer's name, for messages
   * @throws IllegalStateException if the context or the multiplier is closed
   * @throws IllegalArgumentException if the settings do not fit each other
   */
  LiveForm(String kind, Context context, Geometry geometry, ApproxSettings settings) {
    super(
        context,
        handle ->
            Form.first(new PlanMaker(kind, handle, geometry), settings.check(geometry.outputs())));
    this.geometry = geometry;
  }

  ApproxSettings settings() {
    return state().settings();
  }

  /** Makes a plan now if its settings are there; a plan of other settings later, on need. */
  void prepare(PlanKind kind) {
    ApproxSettings settings = settings();
    boolean known = settings.input() != null;
    if (kind == PlanKind.FLOAT
        || known && (kind == PlanKind.EXACT || settings.multiplier() != null)) {
      prepared(form -> form.plan(kind) != null, form -> form.make(kind));
    }
  }

  /** Calls with a plan and the settings it was made of; again, if a setter closed the plan. */
  <T> T run(PlanKind kind, BiFunction<NativePlan, ApproxSettings, T> call) {
    return runForm(kind, form -> call.apply(form.plan(kind), form.settings()));
  }

  /** Calls with a form that has a plan of some kind. */
  <T> T runForm(PlanKind kind, Function<Form, T> call) {
    return run(form -> form.plan(kind) != null, form -> form.make(kind), call);
  }

  /**
   * Swaps the form. Nothing has changed if this throws.
   *
   * @throws IllegalArgumentException if the new settings do not fit each other
   */
  void update(UnaryOperator<ApproxSettings> change) {
    swap(form -> form.next(change.apply(form.settings()).check(geometry.outputs())));
  }
}
