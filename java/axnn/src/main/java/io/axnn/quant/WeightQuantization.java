package io.axnn.quant;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.Codes;
import java.util.Arrays;
import java.util.Objects;

/**
 * How the weights of a layer become codes: as {@link Quantization}, with one scale and zero point
 * for all of them or one of each for every output channel. Equal when all numbers are.
 *
 * @param scales the real step between two codes, each finite and greater than 0; one, or one for
 *     each output channel
 * @param zeroPoints the code of real 0.0, in codeMin..codeMax; as many as scales
 * @param codeMin the smallest code
 * @param codeMax the largest code; both are within -32768..32767 or both within 0..65535
 */
public record WeightQuantization(float[] scales, int[] zeroPoints, int codeMin, int codeMax) {

  /**
   * Checks and copies the numbers.
   *
   * @throws IllegalArgumentException if there are no scales or not as many zero points, a scale is
   *     not finite and greater than 0, the codes do not fit 16 bits or a zero point is not one of
   *     them
   */
  public WeightQuantization {
    scales = Objects.requireNonNull(scales, "scales").clone();
    zeroPoints = Objects.requireNonNull(zeroPoints, "zeroPoints").clone();
    if (scales.length == 0) {
      throw new IllegalArgumentException("scales is empty, but must have at least one element");
    }
    if (zeroPoints.length != scales.length) {
      throw new IllegalArgumentException(
          "zeroPoints has "
              + zeroPoints.length
              + " elements, but must have as many as scales: "
              + scales.length);
    }
    Codes.checkRange(codeMin, codeMax);
    for (int i = 0; i < scales.length; i++) {
      // Names are joined only for what is refused: new weights come with hundreds of scales.
      if (!Check.isScale(scales[i])) {
        Check.scale("scales[" + i + "]", scales[i]);
      }
      if (zeroPoints[i] < codeMin || zeroPoints[i] > codeMax) {
        Check.range("zeroPoints[" + i + "]", zeroPoints[i], codeMin, codeMax);
      }
    }
  }

  /**
   * Affine codes -128..127.
   *
   * @param scales one, or one for each output channel
   * @param zeroPoints as many as scales, each -128..127
   * @return codes -128..127
   */
  public static WeightQuantization of(float[] scales, int[] zeroPoints) {
    return new WeightQuantization(scales, zeroPoints, Byte.MIN_VALUE, Byte.MAX_VALUE);
  }

  /**
   * Symmetric codes -127..127 with zero point 0.
   *
   * @param scales one, or one for each output channel
   * @return codes -127..127
   */
  public static WeightQuantization of(float... scales) {
    Objects.requireNonNull(scales, "scales");
    return new WeightQuantization(scales, new int[scales.length], -Byte.MAX_VALUE, Byte.MAX_VALUE);
  }

  /**
   * The default of every layer: symmetric codes -127..127 for each output channel, scale = its
   * largest magnitude / 127, 1 for a channel of zeros.
   *
   * @param weights FLOAT32 [out, ...], all finite
   * @return one scale for each entry of the first axis
   */
  public static WeightQuantization perChannel(Tensor weights) {
    return perChannel(weights, Byte.SIZE);
  }

  /**
   * {@link #perChannel(Tensor)} for operands of some width: symmetric codes {@code -(2^(bits-1) -
   * 1)..2^(bits-1) - 1}.
   *
   * @param weights FLOAT32 [out, ...], all finite
   * @param bits width of a signed operand, 2..16
   * @return one scale for each entry of the first axis
   */
  public static WeightQuantization perChannel(Tensor weights, int bits) {
    Check.type("weights", weights, DataType.FLOAT32);
    int codeMax = Codes.largestSigned(bits);
    float[] scales = new float[weights.dimension(0)];
    long count = weights.size() / scales.length;
    for (int channel = 0; channel < scales.length; channel++) {
      Codes.Range range = Codes.range("weights", weights, channel * count, count);
      scales[channel] = Codes.symmetricScale(range.magnitude(), codeMax);
    }
    return new WeightQuantization(scales, new int[scales.length], -codeMax, codeMax);
  }

  /**
   * Symmetric codes -127..127 for all weights together, scale = the largest magnitude / 127.
   *
   * @param weights FLOAT32 of any shape, all finite
   * @return one scale
   */
  public static WeightQuantization perTensor(Tensor weights) {
    Check.type("weights", weights, DataType.FLOAT32);
    Codes.Range range = Codes.range("weights", weights, 0, weights.size());
    return of(Codes.symmetricScale(range.magnitude(), Byte.MAX_VALUE));
  }

  /**
   * The scales.
   *
   * @return a copy
   */
  @Override
  public float[] scales() {
    return scales.clone();
  }

  /**
   * The zero points.
   *
   * @return a copy
   */
  @Override
  public int[] zeroPoints() {
    return zeroPoints.clone();
  }

  /**
   * Quantises weights in Java, to the codes that a layer makes of them.
   *
   * @param weights FLOAT32 [out, ...]
   * @return codes in the shape of weights: INT8 where the codes are at most 127, else UINT8; INT32
   *     where their range is wider than a byte's
   * @throws IllegalArgumentException if there is neither one scale nor one for each output channel
   */
  public Tensor quantize(Tensor weights) {
    Check.type("weights", weights, DataType.FLOAT32);
    int channels = weights.dimension(0);
    checkChannels(channels);
    Tensor codes = Tensor.allocate(Codes.type(codeMin, codeMax), weights.shape());
    long count = weights.size() / channels;
    for (int channel = 0; channel < channels; channel++) {
      int i = scales.length == 1 ? 0 : channel;
      Codes.quantize(
          weights.memory(),
          codes.memory(),
          channel * count,
          count,
          scales[i],
          zeroPoints[i],
          codeMin,
          codeMax);
    }
    return codes;
  }

  /**
   * Fake quantisation as {@link Quantization#fakeQuantize}.
   *
   * @param context where the work is done
   * @param weights FLOAT32 [out, ...]
   * @return the real values of the codes, in the shape of weights
   * @throws IllegalArgumentException if there is neither one scale nor one for each output channel
   */
  public Tensor fakeQuantize(Context context, Tensor weights) {
    Check.type("weights", weights, DataType.FLOAT32);
    checkChannels(weights.dimension(0));
    Tensor y = Tensor.allocate(DataType.FLOAT32, weights.shape());
    for (int i = 0; i < scales.length; i++) {
      part(i).fakeQuantize(context, part(i, weights), part(i, y));
    }
    return y;
  }

  /**
   * The straight-through gradient as {@link Quantization#fakeQuantizeGradient}.
   *
   * @param context where the work is done
   * @param weights FLOAT32 [out, ...], what was quantised
   * @param gradY FLOAT32 in the shape of weights
   * @return the gradient of weights
   * @throws IllegalArgumentException if there is neither one scale nor one for each output channel
   */
  public Tensor fakeQuantizeGradient(Context context, Tensor weights, Tensor gradY) {
    Check.type("weights", weights, DataType.FLOAT32);
    Check.shape("gradY", gradY, DataType.FLOAT32, weights.shape());
    checkChannels(weights.dimension(0));
    Tensor gradX = Tensor.allocate(DataType.FLOAT32, weights.shape());
    for (int i = 0; i < scales.length; i++) {
      part(i).fakeQuantizeGradient(context, part(i, weights), part(i, gradY), part(i, gradX));
    }
    return gradX;
  }

  private Quantization part(int i) {
    return new Quantization(scales[i], zeroPoints[i], codeMin, codeMax);
  }

  /** What scale i is for: a channel, or all of the tensor where there is one scale. */
  private Tensor part(int i, Tensor tensor) {
    return scales.length == 1 ? tensor : tensor.slice(i, i + 1);
  }

  /**
   * Says whether these numbers fit a layer.
   *
   * @param outChannels the layer's output channels
   * @throws IllegalArgumentException if there is neither one scale nor one for each output channel
   */
  public void checkChannels(int outChannels) {
    if (scales.length != 1 && scales.length != outChannels) {
      throw new IllegalArgumentException(
          "weightQuantization has "
              + scales.length
              + " scales, but must have 1 or one for each output channel: "
              + outChannels);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WeightQuantization that
        && Arrays.equals(scales, that.scales)
        && Arrays.equals(zeroPoints, that.zeroPoints)
        && codeMin == that.codeMin
        && codeMax == that.codeMax;
  }

  @Override
  public int hashCode() {
    return Objects.hash(Arrays.hashCode(scales), Arrays.hashCode(zeroPoints), codeMin, codeMax);
  }

  @Override
  public String toString() {
    return "WeightQuantization[scales="
        + Arrays.toString(scales)
        + ", zeroPoints="
        + Arrays.toString(zeroPoints)
        + ", codeMin="
        + codeMin
        + ", codeMax="
        + codeMax
        + "]";
  }
}
