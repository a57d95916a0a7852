package io.axnn.quant;

import io.axnn.Tensor;
import io.axnn.internal.Codes;
import java.lang.foreign.ValueLayout;

/**
 * Counts values in 2048 bins of equal width from the smallest to the largest value. When the range
 * grows, each old bin's count is spread evenly over the new bins that it overlaps.
 */
final class Histogram {

  static final int BINS = 2048;

  private double[] counts = new double[BINS];
  private Codes.Range range;

  Histogram(Codes.Range range) {
    this.range = range;
  }

  double[] counts() {
    return counts;
  }

  double width() {
    return ((double) range.max() - range.min()) / BINS;
  }

  /** The real value at a place counted in bins, 0..BINS. */
  float value(double place) {
    return (float) Math.clamp(range.min() + place * width(), range.min(), range.max());
  }

  /** Counts finite values whose range is given. */
  void add(Tensor values, Codes.Range added) {
    grow(range.union(added));
    for (long i = 0; i < values.size(); i++) {
      counts[bin(place(values.memory().getAtIndex(ValueLayout.JAVA_FLOAT, i)))]++;
    }
  }

  private void grow(Codes.Range wider) {
    if (wider.equals(range)) {
      return;
    }
    double[] old = counts;
    double oldMin = range.min();
    double oldWidth = width();
    range = wider;
    counts = new double[BINS];
    for (int i = 0; i < BINS; i++) {
      if (old[i] > 0) {
        spread(old[i], place(oldMin + i * oldWidth), place(oldMin + (i + 1) * oldWidth));
      }
    }
  }

  private void spread(double count, double from, double to) {
    int first = bin(from);
    int last = bin(to);
    if (first == last) {
      counts[first] += count;
      return;
    }
    // The old bins are no wider than the new ones, so there are two at most.
    double share = (last - from) / (to - from);
    counts[first] += count * share;
    counts[last] += count * (1 - share);
  }

  private double place(double value) {
    double width = width();
    return width > 0 ? (value - range.min()) / width : 0;
  }

  private static int bin(double place) {
    return Math.clamp((long) place, 0, BINS - 1);
  }
}
