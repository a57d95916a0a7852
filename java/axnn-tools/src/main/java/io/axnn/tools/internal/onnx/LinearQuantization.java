package io.axnn.tools.internal.onnx;

/**
 * What ONNX QuantizeLinear and DequantizeLinear compute, in float32: {@code code =
 * saturate(round_half_even(x / scale) + zero_point)} and {@code x = (code - zero_point) * scale}.
 * The zero point is added after the rounding, as ONNX Runtime does; axnn's layers add it before,
 * which differs at ties of odd zero points. Both give the code of a value that is one code's.
 *
 * @param axis along which the scales lie; without a meaning where there is one scale
 * @param scales one for the whole tensor or one for each entry of the axis, finite and above 0;
 *     never written
 * @param zeroPoints the codes of 0, as many as scales; never written
 */
public record LinearQuantization(CodeType type, int axis, float[] scales, int[] zeroPoints) {

  /** True if there is one scale for the whole tensor. */
  public boolean isPerTensor() {
    return scales.length == 1;
  }

  /** The same with its scales along another axis, for a tensor whose axes were permuted. */
  public LinearQuantization withAxis(int newAxis) {
    return new LinearQuantization(type, newAxis, scales, zeroPoints);
  }

  /** The code of a number by scale and zero point i. */
  public int code(float x, int i) {
    return zeroPoints[i] + steps(x, scales[i], leastSteps(i), mostSteps(i));
  }

  /** The number of a code by scale and zero point i. */
  public float value(int code, int i) {
    return (float) (code - zeroPoints[i]) * scales[i];
  }

  /** How far the smallest code lies from zero point i. */
  public float leastSteps(int i) {
    return type.min() - zeroPoints[i];
  }

  /** How far the largest code lies from zero point i. */
  public float mostSteps(int i) {
    return type.max() - zeroPoints[i];
  }

  /** How many codes a number lies from the zero point; 0 for NaN, as in axnn's layers. */
  public static int steps(float x, float scale, float least, float most) {
    return (int) Math.rint(Math.min(Math.max(x / scale, least), most));
  }

  /** True if one scale, the zero point and the type are those of another. */
  public boolean matches(LinearQuantization other) {
    return type == other.type
        && isPerTensor()
        && other.isPerTensor()
        && scales[0] == other.scales[0]
        && zeroPoints[0] == other.zeroPoints[0];
  }

  @Override
  public String toString() {
    return isPerTensor()
        ? "%s, scale %s, zero point %d".formatted(type, scales[0], zeroPoints[0])
        : "%s, %d scales along axis %d".formatted(type, scales.length, axis);
  }
}
