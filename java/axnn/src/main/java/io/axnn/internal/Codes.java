package io.axnn.internal;

import io.axnn.DataType;
import io.axnn.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Quantisation in Java, bit for bit what {@code axnn_quantize} does, and the checks it needs. */
public final class Codes {

  /** Floats that {@link #range} looks at together. */
  private static final int CHUNK = 4096;

  private Codes() {}

  /**
   * @throws IllegalArgumentException if [min, max] is neither within -32768..32767 nor within
   *     0..65535
   */
  public static void checkRange(int codeMin, int codeMax) {
    boolean signed = codeMin >= Short.MIN_VALUE && codeMax <= Short.MAX_VALUE;
    boolean unsigned = codeMin >= 0 && codeMax <= Character.MAX_VALUE;
    if (codeMin > codeMax || !(signed || unsigned)) {
      throw new IllegalArgumentException(
          "codeMin..codeMax is "
              + codeMin
              + ".."
              + codeMax
              + ", but must be within -32768..32767 or within 0..65535");
    }
  }

  /** Whether a code is a byte: the range is within -128..127 or within 0..255. */
  public static boolean areBytes(int codeMin, int codeMax) {
    return codeMin < 0 ? codeMin >= Byte.MIN_VALUE && codeMax <= Byte.MAX_VALUE : codeMax <= 255;
  }

  /** The type that holds all codes of a range, as {@code axnn_quantize} writes them. */
  public static DataType type(int codeMin, int codeMax) {
    if (!areBytes(codeMin, codeMax)) {
      return DataType.INT32;
    }
    return codeMin < 0 || codeMax <= Byte.MAX_VALUE ? DataType.INT8 : DataType.UINT8;
  }

  /**
   * Quantises {@code count} floats from element {@code from} on, with one scale and zero point, to
   * codes of {@link #type}.
   */
  public static void quantize(
      MemorySegment values,
      MemorySegment codes,
      long from,
      long count,
      float scale,
      int zeroPoint,
      int codeMin,
      int codeMax) {
    boolean bytes = areBytes(codeMin, codeMax);
    for (long i = from; i < from + count; i++) {
      float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      int code = code(value, scale, zeroPoint, codeMin, codeMax);
      if (bytes) {
        codes.set(ValueLayout.JAVA_BYTE, i, (byte) code);
      } else {
        codes.setAtIndex(ValueLayout.JAVA_INT, i, code);
      }
    }
  }

  private static int code(float value, float scale, int zeroPoint, int codeMin, int codeMax) {
    float rounded = (float) Math.rint(value / scale + zeroPoint);
    if (Float.isNaN(rounded)) {
      return zeroPoint;
    }
    return (int) Math.min(Math.max(rounded, codeMin), codeMax);
  }

  /**
   * The largest code of a signed operand.
   *
   * @throws IllegalArgumentException if the bits are not 2..16
   */
  public static int largestSigned(int bits) {
    return (1 << (Check.range("bits", bits, 2, Short.SIZE) - 1)) - 1;
  }

  /** The scale that maps the magnitude to {@code steps} codes; 1 where it would be 0. */
  public static float symmetricScale(float magnitude, float steps) {
    float scale = Math.min(magnitude / steps, Float.MAX_VALUE);
    return scale > 0 ? scale : 1;
  }

  /**
   * The scales of symmetric 8-bit codes of weights, from the largest magnitude of each channel.
   *
   * @throws IllegalArgumentException if one is not finite; the message names the weight
   */
  public static float[] channelScales(String name, Tensor weights, float[] magnitudes) {
    long count = weights.size() / magnitudes.length;
    float[] scales = new float[magnitudes.length];
    for (int channel = 0; channel < scales.length; channel++) {
      if (!Float.isFinite(magnitudes[channel])) {
        demandFinite(name, weights.memory(), channel * count, count);
      }
      scales[channel] = symmetricScale(magnitudes[channel], Byte.MAX_VALUE);
    }
    return scales;
  }

  /**
   * @throws IllegalArgumentException if one of them is not finite or min is above max
   */
  public static void checkValues(float min, float max) {
    Check.finite("min", min);
    Check.finite("max", max);
    if (min > max) {
      throw new IllegalArgumentException("min is " + min + ", but must not be above max " + max);
    }
  }

  /**
   * Smallest and largest of {@code count} floats from element {@code from} on.
   *
   * @throws IllegalArgumentException if one of them is NaN or infinite
   */
  public static Range range(String name, Tensor values, long from, long count) {
    MemorySegment memory = values.memory();
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    // Java vectorises minima over arrays, not over memory segments.
    float[] chunk = new float[(int) Math.min(count, CHUNK)];
    for (long i = from; i < from + count; i += chunk.length) {
      int length = (int) Math.min(from + count - i, chunk.length);
      MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, i * Float.BYTES, chunk, 0, length);
      for (int j = 0; j < length; j++) {
        min = Math.min(min, chunk[j]);
        max = Math.max(max, chunk[j]);
      }
    }
    // NaN and infinities survive in a minimum or maximum.
    if (!Float.isFinite(min) || !Float.isFinite(max)) {
      demandFinite(name, memory, from, count);
    }
    return new Range(min, max);
  }

  private static void demandFinite(String name, MemorySegment memory, long from, long count) {
    for (long i = from; i < from + count; i++) {
      float value = memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException(
            name + " has " + value + " at element " + i + ", but every value must be finite");
      }
    }
  }

  /** The span of some values. */
  public record Range(float min, float max) {
    public float magnitude() {
      return Math.max(Math.abs(min), Math.abs(max));
    }

    public Range union(Range other) {
      return new Range(Math.min(min, other.min), Math.max(max, other.max));
    }
  }
}
