package io.axnn.quant;

import io.axnn.Tensor;
import io.axnn.internal.Codes;

/**
 * Covers the values between the (100 - p)th and the pth percentile, read from a histogram of 2048
 * bins and interpolated within a bin, so exact to a bin's width. Safe for many threads.
 */
public final class PercentileObserver extends RangeObserver {

  private final double percentile;
  private Histogram histogram;

  /**
   * An observer without values.
   *
   * @param scheme the codes
   * @param percentile p, above 50 and at most 100, such as 99.99
   */
  public PercentileObserver(QuantizationScheme scheme, double percentile) {
    super(scheme::ofRange);
    if (!(percentile > 50 && percentile <= 100)) {
      throw new IllegalArgumentException(
          "percentile is " + percentile + ", but must be above 50 and at most 100");
    }
    this.percentile = percentile;
  }

  @Override
  void observe(Tensor values, Codes.Range range, boolean first) {
    if (first) {
      histogram = new Histogram(range);
    }
    histogram.add(values, range);
  }

  @Override
  Codes.Range range() {
    double[] counts = histogram.counts();
    double total = 0;
    for (double count : counts) {
      total += count;
    }
    double dropped = total * (1 - percentile / 100);
    double low = 0;
    double left = dropped;
    while (left >= counts[(int) low]) {
      left -= counts[(int) low++];
    }
    low += left / counts[(int) low];
    double high = counts.length;
    left = dropped;
    while (left >= counts[(int) high - 1]) {
      left -= counts[(int) --high];
    }
    high -= left / counts[(int) high - 1];
    return new Codes.Range(histogram.value(low), histogram.value(high));
  }
}
