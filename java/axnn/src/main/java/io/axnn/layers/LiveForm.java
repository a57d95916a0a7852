package io.axnn.layers;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The form that an approximate layer has now. */
final class LiveForm extends Live<Form> {

  private final Geometry geometry;

  /** Memory for the next weights, or null: under the lock, and no call can see what is in it. */
  private Tensor spare;

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

  /**
   * Sets the weights. Their copy goes where earlier weights were, as fresh memory costs more than
   * all the rest: the system clears it page by page, when it is first written to.
   *
   * @param onlyCall says whether no other call of the layer is running; one that is may still read
   *     the old weights, whose memory is left to the garbage collector then
   */
  void setWeights(Tensor weights, BooleanSupplier onlyCall) {
    geometry.checkParameters(weights, null);
    exclusively(
        () -> {
          if (spare == null) {
            spare = Tensor.allocate(DataType.FLOAT32, geometry.weightShape());
          }
          WeightCopy copy = WeightCopy.into(spare, context(), weights, geometry.outputs());
          Tensor old = settings().parameters().weights();
          update(settings -> settings.withWeights(copy));
          // A call that begins from here on sees the new form.
          spare = onlyCall.getAsBoolean() ? old : null;
          return null;
        });
  }

  /** A copy of the weights: those of the settings may be overwritten once there are new ones. */
  Tensor copyOfWeights() {
    return exclusively(() -> FloatParameters.copy("weights", settings().parameters().weights()));
  }

  @Override
  void close() {
    super.close();
    spare = null;
  }
}
