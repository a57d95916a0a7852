package io.axnn.layers;

import io.axnn.internal.Check;
import java.util.Arrays;
import java.util.Objects;

/**
 * A batch normalisation with fixed statistics, {@code y = (x - mean) / sqrt(variance + epsilon) *
 * gamma + beta} for each channel. Equal when all numbers are.
 *
 * @param mean running mean of each channel, finite
 * @param variance running variance of each channel, finite, not negative
 * @param gamma factor of each channel, finite, of any sign; 1 where the normalisation has none
 * @param beta summand of each channel, finite; 0 where the normalisation has none
 * @param epsilon finite, not negative; above 0 where a variance is 0
 */
public record BatchNorm(
    float[] mean, float[] variance, float[] gamma, float[] beta, float epsilon) {

  /**
   * Checks and copies the numbers.
   *
   * @throws IllegalArgumentException if there are no channels, the arrays differ in length or a
   *     number is outside its range
   */
  public BatchNorm {
    mean = Objects.requireNonNull(mean, "mean").clone();
    variance = Objects.requireNonNull(variance, "variance").clone();
    gamma = Objects.requireNonNull(gamma, "gamma").clone();
    beta = Objects.requireNonNull(beta, "beta").clone();
    if (mean.length == 0) {
      throw new IllegalArgumentException("mean is empty, but must have one element a channel");
    }
    demandLength("variance", variance, mean.length);
    demandLength("gamma", gamma, mean.length);
    demandLength("beta", beta, mean.length);
    demandNotNegative("epsilon", epsilon);
    for (int i = 0; i < mean.length; i++) {
      Check.finite("mean[" + i + "]", mean[i]);
      demandNotNegative("variance[" + i + "]", variance[i]);
      Check.finite("gamma[" + i + "]", gamma[i]);
      Check.finite("beta[" + i + "]", beta[i]);
      if (variance[i] == 0 && epsilon == 0) {
        throw new IllegalArgumentException(
            "variance[" + i + "] and epsilon are 0, but their sum must be above 0");
      }
    }
  }

  /**
   * A normalisation without factor and summand.
   *
   * @param mean running mean of each channel
   * @param variance running variance of each channel
   * @param epsilon not negative
   * @return gamma 1 and beta 0
   */
  public static BatchNorm of(float[] mean, float[] variance, float epsilon) {
    float[] ones = new float[Objects.requireNonNull(mean, "mean").length];
    Arrays.fill(ones, 1);
    return new BatchNorm(mean, variance, ones, new float[mean.length], epsilon);
  }

  private static void demandLength(String name, float[] values, int length) {
    if (values.length != length) {
      throw new IllegalArgumentException(
          name + " has " + values.length + " elements, but must have as many as mean: " + length);
    }
  }

  private static void demandNotNegative(String name, float value) {
    if (!(value >= 0) || Float.isInfinite(value)) {
      throw new IllegalArgumentException(
          name + " is " + value + ", but must be finite and not negative");
    }
  }

  /**
   * The number of channels.
   *
   * @return at least 1
   */
  public int channels() {
    return mean.length;
  }

  /** What the input of a channel is multiplied with. */
  double factor(int channel) {
    return gamma[channel] / Math.sqrt((double) variance[channel] + epsilon);
  }

  /** {@code factor * (bias - mean) + beta}: the summand, if there was a bias before. */
  double summand(int channel, double bias) {
    return factor(channel) * (bias - mean[channel]) + beta[channel];
  }

  /**
   * The means.
   *
   * @return a copy
   */
  @Override
  public float[] mean() {
    return mean.clone();
  }

  /**
   * The variances.
   *
   * @return a copy
   */
  @Override
  public float[] variance() {
    return variance.clone();
  }

  /**
   * The factors.
   *
   * @return a copy
   */
  @Override
  public float[] gamma() {
    return gamma.clone();
  }

  /**
   * The summands.
   *
   * @return a copy
   */
  @Override
  public float[] beta() {
    return beta.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BatchNorm that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(variance, that.variance)
        && Arrays.equals(gamma, that.gamma)
        && Arrays.equals(beta, that.beta)
        && Float.compare(epsilon, that.epsilon) == 0;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        Arrays.hashCode(mean),
        Arrays.hashCode(variance),
        Arrays.hashCode(gamma),
        Arrays.hashCode(beta),
        epsilon);
  }

  @Override
  public String toString() {
    return "BatchNorm[" + mean.length + " channels, epsilon=" + epsilon + "]";
  }
}
