package io.axnn.layers;

import io.axnn.Tensor;
import io.axnn.multiplier.ErrorFigures;

/** Noise from the error statistics of a multiplier; see {@link ApproxLayer#noiseOf}. */
final class NoiseEstimate {

  private NoiseEstimate() {}

  /**
   * @param y scaled sums of a typical input
   * @throws IllegalArgumentException if all its values are the same
   */
  static Noise of(ErrorFigures error, ApproxSettings settings, int fanIn, Tensor y) {
    double spread = standardDeviation(y.toFloatArray());
    if (spread == 0) {
      throw new IllegalArgumentException(
          "x gives the same value everywhere in the output, but must give different ones");
    }
    double scale = settings.input().scale() * mean(settings.weights().scales());
    double stdev = Math.sqrt(fanIn) * error.standardDeviation() * scale / spread;
    return new Noise((float) stdev, (float) (fanIn * error.bias() * scale));
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** Unbiased; 0 for one value. */
  private static double standardDeviation(float[] values) {
    double mean = mean(values);
    double squares = 0;
    for (float value : values) {
      squares += (value - mean) * (value - mean);
    }
    return values.length == 1 ? 0 : Math.sqrt(squares / (values.length - 1));
  }
}
