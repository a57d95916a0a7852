package io.axnn.layers;

import io.axnn.internal.Check;
import java.util.Objects;

/**
 * Which gradients {@link ApproxLayer#backward(io.axnn.Tensor, io.axnn.Tensor, GradientOptions)}
 * computes, and how.
 *
 * @param estimator straight through or through the products
 * @param halfWindow entries on each side that a difference is smoothed over, 0..63; 0 with {@link
 *     GradientEstimator#STE}
 * @param clip whether gradients vanish where a value lies outside its quantiser's codes, before
 *     clamping
 * @param input whether the gradient of the input is wanted
 * @param weights whether that of the weights is
 * @param bias whether that of the bias is
 */
public record GradientOptions(
    GradientEstimator estimator,
    int halfWindow,
    boolean clip,
    boolean input,
    boolean weights,
    boolean bias) {

  /** All three gradients, straight through, without clipping. */
  public static final GradientOptions STE =
      new GradientOptions(GradientEstimator.STE, 0, false, true, true, true);

  private static final int LARGEST_HALF_WINDOW = 63;

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if the half window is outside its range or no gradient is
   *     wanted
   */
  public GradientOptions {
    Objects.requireNonNull(estimator, "estimator");
    Check.range(
        "halfWindow", halfWindow, 0, estimator == GradientEstimator.STE ? 0 : LARGEST_HALF_WINDOW);
    if (!(input || weights || bias)) {
      throw new IllegalArgumentException(
          "input, weights and bias are false, but at least one gradient must be wanted");
    }
  }

  /**
   * All three gradients through the products, without clipping.
   *
   * @param halfWindow entries on each side that a difference is smoothed over, 0..63
   * @return those options
   */
  public static GradientOptions tableDifference(int halfWindow) {
    return new GradientOptions(
        GradientEstimator.TABLE_DIFFERENCE, halfWindow, false, true, true, true);
  }

  /**
   * The same with or without clipping.
   *
   * @param newClip whether gradients vanish outside the quantisers' codes
   * @return those options
   */
  public GradientOptions withClip(boolean newClip) {
    return new GradientOptions(estimator, halfWindow, newClip, input, weights, bias);
  }

  /**
   * The same for other gradients.
   *
   * @param newInput whether the gradient of the input is wanted
   * @param newWeights whether that of the weights is
   * @param newBias whether that of the bias is
   * @return those options
   */
  public GradientOptions of(boolean newInput, boolean newWeights, boolean newBias) {
    return new GradientOptions(estimator, halfWindow, clip, newInput, newWeights, newBias);
  }
}
