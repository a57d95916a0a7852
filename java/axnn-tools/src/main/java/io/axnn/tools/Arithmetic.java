package io.axnn.tools;

import io.axnn.layers.ZeroPointCorrection;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import java.util.Objects;

/** How a layer with weights computes its products. */
public sealed interface Arithmetic {

  /**
   * Ordinary float32, what the network was trained with.
   *
   * @return the arithmetic
   */
  static Arithmetic float32() {
    return Float32.INSTANCE;
  }

  /**
   * 8-bit codes, every product an entry of a multiplier's table. Weights are quantised per output
   * channel, symmetric; activations by the range that calibration saw: codes 0..127 where no value
   * is negative, else -127..127, both with zero point 0. {@link Approximate#withAffineInput}
   * chooses affine codes instead.
   *
   * <p>Where the file quantises a layer's input by a QuantizeLinear/DequantizeLinear pair, or its
   * weights by a DequantizeLinear, the layer has the file's scales, zero points and codes instead,
   * also where affine codes were chosen. An input that a pair gives needs no calibration.
   *
   * @param multiplier stays the caller's, who closes it after the networks that use it
   * @return the arithmetic
   */
  static Approximate approximate(Multiplier multiplier) {
    return new Approximate(multiplier, false, ZeroPointCorrection.EXACT);
  }

  /**
   * One bit a weight and one bit an activation. Only for a binary layer: a convolution of signs
   * whose weights have one magnitude per output channel. A bit has no zero: where ONNX's Sign makes
   * 0 of an exact 0.0, a bit stands for +1.
   *
   * @return the arithmetic, with float32 between the layers; {@link Binary#withBitsBetweenLayers}
   *     keeps bits there
   */
  static Binary binary() {
    return new Binary(false);
  }

  /** Ordinary float32. */
  enum Float32 implements Arithmetic {
    /** The only one. */
    INSTANCE;

    @Override
    public String toString() {
      return "float32";
    }
  }

  /**
   * 8-bit codes and a table of products.
   *
   * @param multiplier the table
   * @param affineInput true for activations in affine codes -128..127, false for zero point 0
   * @param zeroPointCorrection how the zero points are taken out of the sums
   */
  record Approximate(
      Multiplier multiplier, boolean affineInput, ZeroPointCorrection zeroPointCorrection)
      implements Arithmetic {
    /** Refuses null. */
    public Approximate {
      Objects.requireNonNull(multiplier, "multiplier");
      Objects.requireNonNull(zeroPointCorrection, "zeroPointCorrection");
    }

    /**
     * The same with activations in the affine codes -128..127 of {@link
     * Quantization#affineOfRange}.
     *
     * @return the arithmetic
     */
    public Approximate withAffineInput() {
      return new Approximate(multiplier, true, zeroPointCorrection);
    }

    /**
     * The same with another correction for zero points.
     *
     * @param correction by exact products or by those of the table
     * @return the arithmetic
     */
    public Approximate withZeroPointCorrection(ZeroPointCorrection correction) {
      return new Approximate(multiplier, affineInput, correction);
    }

    /**
     * The quantisation of a layer's input.
     *
     * @param range what the input ranged over, finite
     * @return affine codes -128..127, or the default of {@link Quantization#ofRange}
     */
    public Quantization inputQuantization(Calibration.Range range) {
      return affineInput
          ? Quantization.affineOfRange(range.min(), range.max())
          : Quantization.ofRange(range.min(), range.max());
    }

    @Override
    public String toString() {
      return affineInput
          ? "8-bit affine %s %s".formatted(multiplier.name(), zeroPointCorrection)
          : "8-bit " + multiplier.name();
    }
  }

  /**
   * Bits.
   *
   * @param bitsBetweenLayers true if a value that only such layers read, also through a MaxPool, is
   *     never made as floats: the layer before gives its sign as a bit
   */
  record Binary(boolean bitsBetweenLayers) implements Arithmetic {

    /**
     * The same with bits between such layers. The network computes the same numbers, but where a
     * NaN meets a MaxPool: a bit of it is -1, and the largest of the others wins.
     *
     * @return the arithmetic
     */
    public Binary withBitsBetweenLayers() {
      return new Binary(true);
    }

    @Override
    public String toString() {
      return bitsBetweenLayers ? "binary, bits between layers" : "binary";
    }
  }
}
