package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.layers.Layer;
import java.util.List;

/** An operator that is ready to run. Steps of one network may run in many threads at once. */
public interface Step extends AutoCloseable {
  void run(List<Tensor> inputs, Tensor output);

  /** Frees what is native; plain operators have nothing. */
  @Override
  default void close() {}

  /** The step that runs a layer. */
  static Step of(Layer layer) {
    return new Step() {
      @Override
      public void run(List<Tensor> inputs, Tensor output) {
        layer.forward(inputs.getFirst(), output);
      }

      @Override
      public void close() {
        layer.close();
      }
    };
  }
}
