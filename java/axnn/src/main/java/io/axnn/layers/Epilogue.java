package io.axnn.layers;

import io.axnn.internal.Check;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;

/**
 * What a binary layer does with the sum of each output value: {@code y = clamp(sum * scale + bias,
 * min, max)}. A layer computes this in float32: the exact sum is converted, multiplied and added
 * to, with one rounding each. Scale and bias are doubles here, so that whatever is folded into them
 * is rounded only once, when a layer is made. Equal when all numbers are.
 *
 * @param scale the factor, finite as a float, of any sign; one, or one for each output channel
 * @param bias the summand, finite as a float; one, or one for each output channel
 * @param min lower limit, negative infinity for none
 * @param max upper limit, positive infinity for none
 */
public record Epilogue(double[] scale, double[] bias, float min, float max) {

  /** The sums as they are. */
  public static final Epilogue IDENTITY =
      new Epilogue(
          new double[] {1},
          new double[] {0},
          OutputRange.UNLIMITED.min(),
          OutputRange.UNLIMITED.max());

  /**
   * Checks and copies the numbers.
   *
   * @throws IllegalArgumentException if scale or bias are empty, have different numbers of channels
   *     or a value that is not finite as a float, a limit is NaN or min is above max
   */
  public Epilogue {
    scale = checked("scale", scale);
    bias = checked("bias", bias);
    if (scale.length != 1 && bias.length != 1 && scale.length != bias.length) {
      throw new IllegalArgumentException(
          "scale has "
              + scale.length
              + " elements and bias "
              + bias.length
              + ", but each must have 1 or one for each output channel");
    }
    new OutputRange(min, max);
  }

  static Epilogue of(float[] scale, float[] bias, OutputRange range) {
    return new Epilogue(doubles(scale), doubles(bias), range.min(), range.max());
  }

  private static double[] checked(String name, double[] values) {
    double[] copy = Objects.requireNonNull(values, name).clone();
    if (copy.length == 0) {
      throw new IllegalArgumentException(name + " is empty, but must have at least one element");
    }
    for (int i = 0; i < copy.length; i++) {
      if (!Float.isFinite((float) copy[i])) {
        throw new IllegalArgumentException(
            name + "[" + i + "] is " + copy[i] + ", but must be finite as a float");
      }
    }
    return copy;
  }

  /**
   * The same with another scale: XNOR-Net's alpha, for example, which {@link
   * BinaryLayer#meanMagnitudes} has. What was folded into the scale before is gone.
   *
   * @param newScale one finite number, or one for each output channel
   * @return an epilogue with that scale
   */
  public Epilogue withScale(float... newScale) {
    Objects.requireNonNull(newScale, "scale");
    return new Epilogue(doubles(newScale), bias, min, max);
  }

  /**
   * The same for inputs that stand for numbers of another magnitude than 1: the scale is multiplied
   * with it.
   *
   * @param inputScale what an input of +1 stands for, finite
   * @return an epilogue with that much more scale
   */
  public Epilogue withInputScale(float inputScale) {
    Check.finite("inputScale", inputScale);
    return new Epilogue(perChannel(scale.length, i -> scale[i] * inputScale), bias, min, max);
  }

  /**
   * The same with another bias. What was folded into the bias before is gone.
   *
   * @param newBias one finite number, or one for each output channel
   * @return an epilogue with that bias
   */
  public Epilogue withBias(float... newBias) {
    Objects.requireNonNull(newBias, "bias");
    return new Epilogue(scale, doubles(newBias), min, max);
  }

  /**
   * This epilogue and a batch normalisation after it, folded in double.
   *
   * @param batchNorm as many channels as scale and bias have, where these have more than one
   * @return {@code scale * factor} and {@code (bias - mean) * factor + beta}, with {@code factor =
   *     gamma / sqrt(variance + epsilon)}
   * @throws IllegalStateException if this epilogue has limits: they come after the normalisation
   * @throws IllegalArgumentException if the numbers of channels differ
   */
  public Epilogue withBatchNorm(BatchNorm batchNorm) {
    Objects.requireNonNull(batchNorm, "batchNorm");
    if (!range().equals(OutputRange.UNLIMITED)) {
      throw new IllegalStateException(
          "this epilogue is limited to "
              + min
              + ".."
              + max
              + ", but a batch normalisation can only be folded before limits: call"
              + " withBatchNorm(...) first and withRange(...) after it");
    }
    int channels = batchNorm.channels();
    check(channels);
    return new Epilogue(
        perChannel(channels, i -> at(scale, i) * batchNorm.factor(i)),
        perChannel(channels, i -> batchNorm.summand(i, at(bias, i))),
        min,
        max);
  }

  /**
   * The same with other limits.
   *
   * @param newMin lower limit, negative infinity for none
   * @param newMax upper limit, positive infinity for none
   * @return an epilogue with those limits
   */
  public Epilogue withRange(float newMin, float newMax) {
    return new Epilogue(scale, bias, newMin, newMax);
  }

  /**
   * The same with a lower limit of 0, or the one that there is if that is higher.
   *
   * @return an epilogue without negative outputs
   * @throws IllegalArgumentException if the upper limit is negative
   */
  public Epilogue relu() {
    return withRange(Math.max(min, 0), max);
  }

  /**
   * Refuses what does not fit a layer.
   *
   * @throws IllegalArgumentException if scale or bias have neither one element nor so many
   */
  Epilogue check(int outputs) {
    checkChannels("scale", scale, outputs);
    checkChannels("bias", bias, outputs);
    return this;
  }

  private static void checkChannels(String name, double[] values, int outputs) {
    if (values.length != 1 && values.length != outputs) {
      throw new IllegalArgumentException(
          name
              + " has "
              + values.length
              + " elements, but must have 1 or one for each output channel: "
              + outputs);
    }
  }

  /** The scale of every output channel, rounded to floats. */
  float[] scales(int outputs) {
    return floats(scale, outputs);
  }

  /** The bias of every output channel, rounded to floats. */
  float[] biases(int outputs) {
    return floats(bias, outputs);
  }

  OutputRange range() {
    return new OutputRange(min, max);
  }

  private static float[] floats(double[] values, int outputs) {
    float[] floats = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      floats[i] = (float) at(values, i);
    }
    return floats;
  }

  private static double[] doubles(float[] values) {
    return perChannel(values.length, i -> values[i]);
  }

  private static double[] perChannel(int channels, IntToDoubleFunction value) {
    double[] values = new double[channels];
    Arrays.setAll(values, value);
    return values;
  }

  private static double at(double[] values, int channel) {
    return values[values.length == 1 ? 0 : channel];
  }

  /**
   * The factors.
   *
   * @return a copy
   */
  @Override
  public double[] scale() {
    return scale.clone();
  }

  /**
   * The summands.
   *
   * @return a copy
   */
  @Override
  public double[] bias() {
    return bias.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Epilogue that
        && Arrays.equals(scale, that.scale)
        && Arrays.equals(bias, that.bias)
        && Float.compare(min, that.min) == 0
        && Float.compare(max, that.max) == 0;
  }

  @Override
  public int hashCode() {
    return Objects.hash(Arrays.hashCode(scale), Arrays.hashCode(bias), min, max);
  }

  @Override
  public String toString() {
    return "Epilogue[scale="
        + Arrays.toString(scale)
        + ", bias="
        + Arrays.toString(bias)
        + ", "
        + min
        + ".."
        + max
        + "]";
  }
}
