package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.layers.Layer;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** An operator that is ready to run. Steps of one network may run in many threads at once. */
public interface Step extends AutoCloseable {

  /**
   * Runs on one batch.
   *
   * @param output memory for the result where that is floats
   * @return the result
   */
  Value run(List<Value> inputs, Supplier<Tensor> output);

  /** Says how a layer runs on such inputs, in one line for a person; empty for plain operators. */
  default String explain(List<Value> inputs) {
    return "";
  }

  /** Frees what is native; plain operators have nothing. */
  @Override
  default void close() {}

  /** The step of a function from floats to floats. */
  static Step of(BiConsumer<List<Tensor>, Tensor> function) {
    return (inputs, output) -> {
      Tensor y = output.get();
      function.accept(inputs.stream().map(value -> ((Value.Floats) value).tensor()).toList(), y);
      return new Value.Floats(y);
    };
  }

  /** The step that runs a layer on floats. */
  static Step of(Layer layer) {
    Step run = of((inputs, y) -> layer.forward(inputs.getFirst(), y));
    return new Step() {
      @Override
      public Value run(List<Value> inputs, Supplier<Tensor> output) {
        return run.run(inputs, output);
      }

      @Override
      public String explain(List<Value> inputs) {
        return layer.explain(inputs.getFirst().shape());
      }

      @Override
      public void close() {
        layer.close();
      }
    };
  }
}
