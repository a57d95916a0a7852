package io.axnn.layers;

/** How the gradients of a layer of integers are estimated. */
public enum GradientEstimator {
  /**
   * Straight through: the gradients of the exact float32 layer with the float weights (Bengio et
   * al., "Estimating or Propagating Gradients Through Stochastic Neurons", 2013).
   */
  STE,
  /**
   * Differences of neighbouring products, smoothed over a half window (Meng et al., "Gradient
   * Approximation of Approximate Multipliers for High-Accuracy Deep Neural Network Retraining",
   * DATE 2025): those of the multiplier's table in mode {@link InferenceMode#APPROXIMATE}, those of
   * the exact product in every other mode.
   */
  TABLE_DIFFERENCE
}
