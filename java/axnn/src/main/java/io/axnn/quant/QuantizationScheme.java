package io.axnn.quant;

import io.axnn.internal.Check;
import io.axnn.internal.Codes;

/**
 * Which codes a quantiser may use and how it turns a range of real values into a scale and a zero
 * point, as PyTorch does. Immutable, so safe for use by many threads.
 *
 * @param codeMin the smallest code
 * @param codeMax the largest code, above codeMin; both are within -32768..32767 or both within
 *     0..65535
 * @param symmetric whether real 0.0 has a fixed code: 0 where codeMin is negative, else the middle
 *     code {@code (codeMin + codeMax + 1) / 2}
 */
public record QuantizationScheme(int codeMin, int codeMax, boolean symmetric) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if the codes do not fit 16 bits, are fewer than two, or are
   *     negative only and symmetric
   */
  public QuantizationScheme {
    Codes.checkRange(codeMin, codeMax);
    Check.range("codeMin", codeMin, Short.MIN_VALUE, codeMax - 1);
    if (symmetric) {
      Check.atLeast("codeMax", codeMax, 0);
    }
  }

  /**
   * Symmetric codes {@code -(2^(bits-1) - 1)..2^(bits-1) - 1}.
   *
   * @param bits 2..16
   * @return 8 bits: -127..127
   */
  public static QuantizationScheme signedSymmetric(int bits) {
    int codeMax = codes(bits) / 2 - 1;
    return new QuantizationScheme(-codeMax, codeMax, true);
  }

  /**
   * Affine codes {@code -2^(bits-1)..2^(bits-1) - 1}.
   *
   * @param bits 2..16
   * @return 8 bits: -128..127
   */
  public static QuantizationScheme signedAffine(int bits) {
    int half = codes(bits) / 2;
    return new QuantizationScheme(-half, half - 1, false);
  }

  /**
   * Symmetric codes {@code 0..2^bits - 1} around the middle code {@code 2^(bits-1)}.
   *
   * @param bits 2..16
   * @return 8 bits: 0..255, zero point 128
   */
  public static QuantizationScheme unsignedSymmetric(int bits) {
    return new QuantizationScheme(0, codes(bits) - 1, true);
  }

  /**
   * Affine codes {@code 0..2^bits - 1}.
   *
   * @param bits 2..16
   * @return 8 bits: 0..255
   */
  public static QuantizationScheme unsignedAffine(int bits) {
    return new QuantizationScheme(0, codes(bits) - 1, false);
  }

  private static int codes(int bits) {
    return 1 << Check.range("bits", bits, 2, 16);
  }

  /**
   * The quantisation whose codes cover a range of values, first widened to contain 0. Affine:
   * {@code scale = (max - min) / (codeMax - codeMin)} and {@code zeroPoint = codeMin -
   * round_half_even(min / scale)}, clamped to the codes. Symmetric: {@code scale = max(|min|,
   * |max|) / ((codeMax - codeMin) / 2)} and the fixed zero point. A range so small that its scale
   * would be 0 gets scale 1.
   *
   * @param min smallest value, finite
   * @param max largest value, finite, not below {@code min}
   * @return codes codeMin..codeMax
   */
  public Quantization ofRange(float min, float max) {
    Codes.checkValues(min, max);
    int steps = codeMax - codeMin;
    if (symmetric) {
      float scale = Codes.symmetricScale(new Codes.Range(min, max).magnitude(), steps / 2f);
      int zeroPoint = codeMin < 0 ? 0 : (codeMin + codeMax + 1) / 2;
      return new Quantization(scale, zeroPoint, codeMin, codeMax);
    }
    double low = Math.min(min, 0);
    double high = Math.max(max, 0);
    float scale = (float) Math.min((high - low) / steps, Float.MAX_VALUE);
    if (scale == 0) {
      return new Quantization(1, codeMin, codeMin, codeMax);
    }
    double zeroPoint = codeMin - Math.rint(low / scale);
    return new Quantization(scale, (int) Math.clamp(zeroPoint, codeMin, codeMax), codeMin, codeMax);
  }
}
