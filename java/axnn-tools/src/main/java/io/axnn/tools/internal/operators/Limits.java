package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import java.util.List;
import java.util.function.Supplier;

/**
 * The range that a value is cut to, y = min(max(x, min), max).
 *
 * @param min negative infinity for none
 * @param max positive infinity for none
 */
public record Limits(float min, float max) {
  /** No limits. */
  public static final Limits NONE = new Limits(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

  /** A step and then these limits, for layers that do not cut their output themselves. */
  Step after(Step step) {
    return equals(NONE) ? step : new Limited(step, this);
  }

  /** Cuts a tensor into another one, or into itself. */
  void apply(Tensor from, Tensor to) {
    PerImage.apply(
        from,
        to,
        (x, y) -> {
          for (int i = 0; i < x.length; i++) {
            y[i] = Math.min(Math.max(x[i], min), max);
          }
        });
  }

  private record Limited(Step step, Limits limits) implements Step {
    @Override
    public Value run(List<Value> inputs, Supplier<Tensor> output) {
      Value.Floats y = (Value.Floats) step.run(inputs, output);
      limits.apply(y.tensor(), y.tensor());
      return y;
    }

    @Override
    public String explain(List<Value> inputs) {
      return step.explain(inputs);
    }

    @Override
    public void close() {
      step.close();
    }
  }
}
