package io.axnn.tools;

import io.axnn.quant.HistogramObserver;
import io.axnn.quant.MinMaxObserver;
import io.axnn.quant.MovingAverageMinMaxObserver;
import io.axnn.quant.Observer;
import io.axnn.quant.PercentileObserver;
import io.axnn.quant.QuantizationScheme;
import java.util.Locale;
import java.util.function.Function;

/** How a range for 8-bit codes is found from the values that calibration images give. */
public enum CalibrationMethod {
  /** From the smallest to the largest value, as {@link MinMaxObserver}. */
  MIN_MAX(MinMaxObserver::new),

  /**
   * Ends that move by a hundredth towards those of each batch, {@link MovingAverageMinMaxObserver}.
   */
  MOVING_AVERAGE(MovingAverageMinMaxObserver::new),

  /**
   * Without the lowest and the highest ten thousandth of the values, {@link PercentileObserver}.
   */
  PERCENTILE(scheme -> new PercentileObserver(scheme, 99.99)),

  /** The range of least squared error for 256 codes, {@link HistogramObserver}. */
  HISTOGRAM(HistogramObserver::new);

  private final Function<QuantizationScheme, Observer> observer;

  CalibrationMethod(Function<QuantizationScheme, Observer> observer) {
    this.observer = observer;
  }

  /** A new observer, of which the range is asked. */
  Observer observer() {
    return observer.apply(QuantizationScheme.signedAffine(Byte.SIZE));
  }

  /** The name on a command line, as {@code min-max}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
