package io.axnn.quant;

import io.axnn.Tensor;
import io.axnn.internal.Codes;

/** Covers every value: the range is from the smallest to the largest. Safe for many threads. */
public final class MinMaxObserver extends RangeObserver {

  private Codes.Range range;

  /** The default of activations, whose codes depend on the sign: {@link Quantization#ofRange}. */
  public MinMaxObserver() {
    super(Quantization::ofRange);
  }

  /**
   * The default of activations of some width: {@link Quantization#ofRange(float, float, int)}.
   *
   * @param bits width of a signed operand, 2..16
   */
  public MinMaxObserver(int bits) {
    super((min, max) -> Quantization.ofRange(min, max, bits));
  }

  /**
   * An observer without values.
   *
   * @param scheme the codes
   */
  public MinMaxObserver(QuantizationScheme scheme) {
    super(scheme::ofRange);
  }

  @Override
  void observe(Tensor values, Codes.Range range, boolean first) {
    this.range = first ? range : this.range.union(range);
  }

  @Override
  Codes.Range range() {
    return range;
  }
}
