package io.axnn.tools;

import io.axnn.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/**
 * Counts the exact zeros that reach a Sign. ONNX's Sign gives 0 for them and a bit gives +1, so
 * this is how often a network on bits may differ from its file.
 */
public final class ZeroCounter implements ValueObserver {
  private final Set<String> values;
  private long zeros;
  private long total;

  /**
   * A counter for networks of a model.
   *
   * @param model the model
   */
  public ZeroCounter(Model model) {
    this.values = model.signInputs();
  }

  @Override
  public void observe(String value, Tensor tensor) {
    if (!values.contains(value)) {
      return;
    }
    total += tensor.size();
    for (long i = 0; i < tensor.size(); i++) {
      if (tensor.memory().getAtIndex(ValueLayout.JAVA_FLOAT, i) == 0f) {
        zeros++;
      }
    }
  }

  /**
   * The zeros so far, of either sign.
   *
   * @return a count
   */
  public long zeros() {
    return zeros;
  }

  /**
   * The numbers that were looked at so far.
   *
   * @return a count
   */
  public long total() {
    return total;
  }
}
