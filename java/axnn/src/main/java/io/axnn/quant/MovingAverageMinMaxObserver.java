package io.axnn.quant;

import io.axnn.Tensor;
import io.axnn.internal.Codes;

/**
 * Follows the smallest and largest value slowly: each tensor moves both ends of the range by {@code
 * constant} of the way to its own; the first one sets them. Safe for many threads.
 */
public final class MovingAverageMinMaxObserver extends RangeObserver {

  /** PyTorch's averaging constant. */
  private static final float DEFAULT_CONSTANT = 0.01f;

  private final float constant;
  private Codes.Range range;

  /**
   * An observer without values, averaging constant 0.01.
   *
   * @param scheme the codes
   */
  public MovingAverageMinMaxObserver(QuantizationScheme scheme) {
    this(scheme, DEFAULT_CONSTANT);
  }

  /**
   * An observer without values.
   *
   * @param scheme the codes
   * @param constant the weight of a new tensor, above 0 and at most 1
   */
  public MovingAverageMinMaxObserver(QuantizationScheme scheme, float constant) {
    super(scheme::ofRange);
    if (!(constant > 0 && constant <= 1)) {
      throw new IllegalArgumentException(
          "constant is " + constant + ", but must be above 0 and at most 1");
    }
    this.constant = constant;
  }

  @Override
  void observe(Tensor values, Codes.Range range, boolean first) {
    this.range =
        first
            ? range
            : new Codes.Range(
                towards(this.range.min(), range.min()), towards(this.range.max(), range.max()));
  }

  private float towards(float from, float to) {
    return (float) (from + constant * ((double) to - from));
  }

  @Override
  Codes.Range range() {
    return range;
  }
}
