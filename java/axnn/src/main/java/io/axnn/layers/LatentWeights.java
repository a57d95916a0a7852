package io.axnn.layers;

import io.axnn.Tensor;

/**
 * The float weights whose signs a binary layer runs on, and what follows them.
 *
 * @param weights not written to
 * @param magnitudes with {@link SignEstimator.Kind#MAGNITUDE_AWARE_SIGN}, else null
 */
record LatentWeights(Tensor weights, Magnitudes magnitudes) {

  /**
   * The two factors of a scale that follows the weights.
   *
   * @param given the layer's own scale, one an output channel
   * @param alpha the mean magnitudes of the weights
   */
  record Magnitudes(float[] given, float[] alpha) {

    /** The scale of the sums: a float product. */
    float[] scales() {
      float[] scales = new float[given.length];
      for (int o = 0; o < scales.length; o++) {
        scales[o] = given[o] * alpha[o];
      }
      return scales;
    }
  }

  /** Bytes that are kept. */
  long memoryBytes() {
    long follow = magnitudes == null ? 0 : magnitudes.given.length + magnitudes.alpha.length;
    return weights.memory().byteSize() + Float.BYTES * follow;
  }
}
