package io.axnn.tools;

import io.axnn.Tensor;

/** Is shown the values that a network computes, in the order in which it computes them. */
@FunctionalInterface
public interface ValueObserver {
  /**
   * Called once for the network's input and once for every value that is computed as floats.
   *
   * @param value its name in the model file
   * @param tensor what it holds; valid during the call only, for its memory is used again
   */
  void observe(String value, Tensor tensor);
}
