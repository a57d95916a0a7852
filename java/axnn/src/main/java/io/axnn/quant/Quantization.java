package io.axnn.quant;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import io.axnn.internal.Codes;
import io.axnn.internal.NativeCalls;
import io.axnn.internal.QuantizationDescriptor;
import io.axnn.internal.ffi.AxnnH;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * How the real numbers of a whole tensor become codes: {@code clamp(round_half_even(v / scale +
 * zeroPoint), codeMin, codeMax)}, in float32 in this order. Infinities saturate, NaN gives the zero
 * point.
 *
 * @param scale the real step between two codes, finite and greater than 0
 * @param zeroPoint the code of real 0.0, in codeMin..codeMax
 * @param codeMin the smallest code
 * @param codeMax the largest code; both are within -32768..32767 or both within 0..65535
 */
public record Quantization(float scale, int zeroPoint, int codeMin, int codeMax) {

  private static final QuantizationScheme AFFINE = QuantizationScheme.signedAffine(8);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if the scale is not finite and greater than 0, the codes do
   *     not fit 16 bits or the zero point is not one of them
   */
  public Quantization {
    Check.scale("scale", scale);
    Codes.checkRange(codeMin, codeMax);
    Check.range("zeroPoint", zeroPoint, codeMin, codeMax);
  }

  /**
   * Affine codes -128..127.
   *
   * @param scale finite and greater than 0
   * @param zeroPoint the code of real 0.0, -128..127
   * @return codes -128..127
   */
  public static Quantization affine(float scale, int zeroPoint) {
    return new Quantization(scale, zeroPoint, Byte.MIN_VALUE, Byte.MAX_VALUE);
  }

  /**
   * Affine codes -128..127 that cover a range of values: {@code scale = (max - min) / 255} and
   * {@code zeroPoint = round_half_even(-128 - min / scale)}, the range first widened to contain 0.
   *
   * @param min smallest value, finite
   * @param max largest value, finite, not below {@code min}
   * @return codes -128..127; scale 1 for the range 0..0
   */
  public static Quantization affineOfRange(float min, float max) {
    return AFFINE.ofRange(min, max);
  }

  /**
   * Symmetric codes -127..127 with zero point 0.
   *
   * @param scale finite and greater than 0
   * @return codes -127..127
   */
  public static Quantization symmetric(float scale) {
    return new Quantization(scale, 0, -Byte.MAX_VALUE, Byte.MAX_VALUE);
  }

  /**
   * Codes 0..127 with zero point 0, for values that are never negative: TorchApprox's default for
   * activations after a ReLU.
   *
   * @param scale finite and greater than 0
   * @return codes 0..127
   */
  public static Quantization unsigned7(float scale) {
    return new Quantization(scale, 0, 0, Byte.MAX_VALUE);
  }

  /**
   * The default for activations of a known range, zero point 0: {@link #unsigned7} with scale
   * {@code max / 127} where no value is negative, else {@link #symmetric} with the largest
   * magnitude / 127.
   *
   * @param min smallest value, finite
   * @param max largest value, finite, not below {@code min}
   * @return codes that cover the range; scale 1 for the range 0..0
   */
  public static Quantization ofRange(float min, float max) {
    return ofRange(min, max, Byte.SIZE);
  }

  /**
   * {@link #ofRange(float, float)} for operands of some width: codes {@code 0..2^(bits-1) - 1}
   * where no value is negative, else {@code -(2^(bits-1) - 1)..2^(bits-1) - 1}.
   *
   * @param min smallest value, finite
   * @param max largest value, finite, not below {@code min}
   * @param bits width of a signed operand, 2..16
   * @return codes that cover the range; scale 1 for the range 0..0
   */
  public static Quantization ofRange(float min, float max, int bits) {
    Codes.checkValues(min, max);
    int codeMax = Codes.largestSigned(bits);
    float scale = Codes.symmetricScale(new Codes.Range(min, max).magnitude(), codeMax);
    return new Quantization(scale, 0, min >= 0 ? 0 : -codeMax, codeMax);
  }

  /**
   * {@link #ofRange} of the smallest and largest value of a tensor.
   *
   * @param values FLOAT32, all finite
   * @return codes that cover the values
   */
  public static Quantization of(Tensor values) {
    return of(values, Byte.SIZE);
  }

  /**
   * {@link #ofRange(float, float, int)} of the smallest and largest value of a tensor.
   *
   * @param values FLOAT32, all finite
   * @param bits width of a signed operand, 2..16
   * @return codes that cover the values
   */
  public static Quantization of(Tensor values, int bits) {
    Check.type("values", values, DataType.FLOAT32);
    Codes.Range range = Codes.range("values", values, 0, values.size());
    return ofRange(range.min(), range.max(), bits);
  }

  /**
   * Quantises with the kernels of a context.
   *
   * @param context where the work is done
   * @param x FLOAT32 of any shape
   * @return codes in the shape of x: INT8 where the codes are at most 127, else UINT8; INT32 where
   *     their range is wider than a byte's
   */
  public Tensor quantize(Context context, Tensor x) {
    Objects.requireNonNull(context, "context");
    Check.type("x", x, DataType.FLOAT32);
    MemorySegment values = Check.readable("x", x);
    Tensor codes = Tensor.allocate(Codes.type(codeMin, codeMax), x.shape());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment desc = QuantizationDescriptor.of(arena, this);
      NativeCalls.run(
          context,
          handle ->
              AxnnH.axnn_quantize(
                  handle,
                  desc,
                  values,
                  values.byteSize(),
                  x.size(),
                  codes.memory(),
                  codes.memory().byteSize()));
    }
    return codes;
  }

  /**
   * Fake quantisation: {@code y = (code - zeroPoint) * scale} in float32.
   *
   * @param context where the work is done
   * @param x FLOAT32 of any shape
   * @return y in the shape of x
   */
  public Tensor fakeQuantize(Context context, Tensor x) {
    Check.type("x", x, DataType.FLOAT32);
    Tensor y = Tensor.allocate(DataType.FLOAT32, x.shape());
    fakeQuantize(context, x, y);
    return y;
  }

  void fakeQuantize(Context context, Tensor x, Tensor y) {
    Objects.requireNonNull(context, "context");
    MemorySegment values = Check.readable("x", x);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment desc = QuantizationDescriptor.of(arena, this);
      NativeCalls.run(
          context,
          handle ->
              AxnnH.axnn_fake_quantize(
                  handle,
                  desc,
                  values,
                  values.byteSize(),
                  x.size(),
                  y.memory(),
                  y.memory().byteSize()));
    }
  }

  /**
   * The straight-through gradient of {@link #fakeQuantize}: gradY where the code of x before
   * clamping is in codeMin..codeMax, 0 elsewhere and where x is NaN.
   *
   * @param context where the work is done
   * @param x FLOAT32, what was quantised
   * @param gradY FLOAT32 in the shape of x
   * @return the gradient of x
   */
  public Tensor fakeQuantizeGradient(Context context, Tensor x, Tensor gradY) {
    Check.type("x", x, DataType.FLOAT32);
    Check.shape("gradY", gradY, DataType.FLOAT32, x.shape());
    Tensor gradX = Tensor.allocate(DataType.FLOAT32, x.shape());
    fakeQuantizeGradient(context, x, gradY, gradX);
    return gradX;
  }

  void fakeQuantizeGradient(Context context, Tensor x, Tensor gradY, Tensor gradX) {
    Objects.requireNonNull(context, "context");
    MemorySegment values = Check.readable("x", x);
    MemorySegment gradients = Check.readable("gradY", gradY);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment desc = QuantizationDescriptor.of(arena, this);
      NativeCalls.run(
          context,
          handle ->
              AxnnH.axnn_fake_quantize_backward(
                  handle,
                  desc,
                  values,
                  values.byteSize(),
                  gradients,
                  gradients.byteSize(),
                  x.size(),
                  gradX.memory(),
                  gradX.memory().byteSize()));
    }
  }

  /**
   * Quantises in Java, without the native library: the same codes, slower.
   *
   * @param x FLOAT32 of any shape
   * @return codes in the shape of x: INT8 where the codes are at most 127, else UINT8; INT32 where
   *     their range is wider than a byte's
   */
  public Tensor quantize(Tensor x) {
    Check.type("x", x, DataType.FLOAT32);
    Tensor codes = Tensor.allocate(Codes.type(codeMin, codeMax), x.shape());
    Codes.quantize(x.memory(), codes.memory(), 0, x.size(), scale, zeroPoint, codeMin, codeMax);
    return codes;
  }
}
