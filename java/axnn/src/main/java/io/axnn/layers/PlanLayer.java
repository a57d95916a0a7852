package io.axnn.layers;

import io.axnn.Tensor;

/** What exact layers have in common: one plan for good. */
abstract class PlanLayer implements Layer {

  private final NativePlan plan;

  PlanLayer(NativePlan plan) {
    this.plan = plan;
  }

  final Gradients gradients(Tensor x, Tensor gradOut) {
    return plan.backward(x, gradOut, GradientOptions.STE);
  }

  @Override
  public final Tensor forward(Tensor x) {
    return plan.forward(x);
  }

  @Override
  public final void forward(Tensor x, Tensor y) {
    plan.forward(x, y);
  }

  @Override
  public final int[] outputShape(int... inputShape) {
    return plan.outputShape(inputShape);
  }

  @Override
  public final String explain(int... inputShape) {
    return plan.explain(inputShape);
  }

  @Override
  public final void close() {
    plan.close();
  }
}
