package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.layers.ApproxLayer;
import io.axnn.layers.Noise;
import java.util.Arrays;

/**
 * The Gaussian noise that a multiplier's error in a layer resembles: of the same mean and standard
 * deviation over the outputs for some input. {@link ApproxLayer#noiseOf} takes them from the
 * multiplier alone, all operands equally frequent; in a network small ones are far more frequent,
 * and a biased multiplier would look much worse than it is.
 */
final class ErrorNoise {
  private ErrorNoise() {}

  /** Runs the layer on an input with exact products and with those of its multiplier. */
  static Noise of(ApproxLayer layer, Tensor x) {
    Tensor exact = layer.quantForward(x);
    float[] outputs = exact.toFloatArray();
    float[] approximate = layer.approxForward(x).toFloatArray();
    double[] errors = new double[outputs.length];
    Arrays.setAll(errors, i -> (double) approximate[i] - outputs[i]);
    double deviation = deviation(errors);
    double scale = deviation(withoutBias(layer, outputs, exact.shape()));
    // Noise is relative to the outputs; where they are all the same there is none but the mean.
    return new Noise(scale == 0 ? 0 : (float) (deviation / scale), (float) mean(errors));
  }

  /** [n, channels, ...]: what noise is added to. */
  private static double[] withoutBias(ApproxLayer layer, float[] outputs, int[] shape) {
    double[] values = new double[outputs.length];
    int channels = shape[1];
    int perChannel = outputs.length / (shape[0] * channels);
    float[] bias = layer.bias().map(Tensor::toFloatArray).orElseGet(() -> new float[channels]);
    Arrays.setAll(values, i -> outputs[i] - bias[i / perChannel % channels]);
    return values;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / values.length);
  }
}
