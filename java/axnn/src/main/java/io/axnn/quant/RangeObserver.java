package io.axnn.quant;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.Codes;

/** What all observers share: they check values, find a range and turn it into a quantisation. */
abstract class RangeObserver implements Observer {

  /** From the smallest and largest value to a quantisation. */
  @FunctionalInterface
  interface Rule {
    Quantization ofRange(float min, float max);
  }

  private final Rule rule;
  private boolean empty = true;

  RangeObserver(Rule rule) {
    this.rule = rule;
  }

  @Override
  public final synchronized void observe(Tensor values) {
    Check.type("values", values, DataType.FLOAT32);
    observe(values, Codes.range("values", values, 0, values.size()), empty);
    empty = false;
  }

  @Override
  public final synchronized Quantization quantization() {
    Codes.Range range = observedRange();
    return rule.ofRange(range.min(), range.max());
  }

  @Override
  public final synchronized float min() {
    return observedRange().min();
  }

  @Override
  public final synchronized float max() {
    return observedRange().max();
  }

  private Codes.Range observedRange() {
    if (empty) {
      throw new IllegalStateException("no values were observed");
    }
    return range();
  }

  @Override
  public final synchronized void reset() {
    empty = true;
  }

  /** Takes note of finite values and their range; {@code first} starts anew. */
  abstract void observe(Tensor values, Codes.Range range, boolean first);

  /** The range to cover; called after values only. */
  abstract Codes.Range range();
}
