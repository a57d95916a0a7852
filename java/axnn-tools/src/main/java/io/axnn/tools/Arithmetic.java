package io.axnn.tools;

import io.axnn.Tensor;
import io.axnn.layers.InferenceMode;
import io.axnn.layers.ZeroPointCorrection;
import io.axnn.multiplier.Multiplier;
import io.axnn.multiplier.Operand;
import io.axnn.quant.MinMaxObserver;
import io.axnn.quant.Quantization;
import io.axnn.quant.QuantizationScheme;
import io.axnn.quant.WeightQuantization;
import io.axnn.quant.WeightQuantizer;
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
   * Codes as wide as a multiplier's operands, every product one of the multiplier's. Weights are
   * quantised per output channel, symmetric; activations by the range that calibration saw: of 8
   * bits codes 0..127 where no value is negative, else -127..127, both with zero point 0. {@link
   * Approximate#withAffineInput} chooses affine codes instead. Operands without a sign get codes
   * from 0: activations affine ones, weights ones around the middle code.
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
   * Codes of 8 bits and exact products.
   *
   * @return the arithmetic; {@link Quantized#withAffineInput} chooses affine codes for activations
   */
  static Quantized quantized() {
    return new Quantized(Operand.SIGNED8, Operand.SIGNED8, false);
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

  /** Codes of a few bits, multiplied as integers. */
  sealed interface Coded extends Arithmetic {
    /**
     * Whose values the weights' codes are.
     *
     * @return the operand
     */
    Operand weightOperand();

    /**
     * Whose values the activations' codes are.
     *
     * @return the operand
     */
    Operand inputOperand();

    /**
     * How activations become codes.
     *
     * @return true for affine codes over all of the operand's, false for zero point 0 where the
     *     operand has a sign
     */
    boolean affineInput();

    /**
     * The quantisation of a layer's input.
     *
     * @param range what the input ranged over, finite
     * @return codes of {@link #inputOperand}
     */
    default Quantization inputQuantization(Calibration.Range range) {
      int bits = inputOperand().bits();
      if (!inputOperand().signed()) {
        return QuantizationScheme.unsignedAffine(bits).ofRange(range.min(), range.max());
      }
      return affineInput()
          ? QuantizationScheme.signedAffine(bits).ofRange(range.min(), range.max())
          : Quantization.ofRange(range.min(), range.max(), bits);
    }

    /**
     * The quantisation of a layer's weights.
     *
     * @param weights FLOAT32, output channels first
     * @return codes of {@link #weightOperand}, a scale for each output channel
     */
    default WeightQuantization weightQuantization(Tensor weights) {
      int bits = weightOperand().bits();
      return weightOperand().signed()
          ? WeightQuantization.perChannel(weights, bits)
          : new WeightQuantizer(
                  MinMaxObserver::new, QuantizationScheme.unsignedSymmetric(bits), true)
              .of(weights);
    }

    /**
     * The codes in words.
     *
     * @return as {@code 8-bit affine}, which says that activations have a zero point
     */
    default String codes() {
      int weightBits = weightOperand().bits();
      int inputBits = inputOperand().bits();
      String bits = weightBits == inputBits ? "" + weightBits : weightBits + "x" + inputBits;
      return bits + "-bit" + (affineInput() || !inputOperand().signed() ? " affine" : "");
    }
  }

  /**
   * Codes and exact products.
   *
   * @param weightOperand whose values the weights' codes are
   * @param inputOperand whose values the activations' codes are
   * @param affineInput true for activations in affine codes, false for zero point 0
   */
  record Quantized(Operand weightOperand, Operand inputOperand, boolean affineInput)
      implements Coded {
    /** Refuses null. */
    public Quantized {
      Objects.requireNonNull(weightOperand, "weightOperand");
      Objects.requireNonNull(inputOperand, "inputOperand");
    }

    /**
     * The same with activations in affine codes.
     *
     * @return the arithmetic
     */
    public Quantized withAffineInput() {
      return new Quantized(weightOperand, inputOperand, true);
    }

    @Override
    public String toString() {
      return codes() + " exact";
    }
  }

  /**
   * Codes and the products of a multiplier.
   *
   * @param multiplier row operand for weights, column operand for activations
   * @param affineInput true for activations in affine codes, of 8 bits -128..127; false for zero
   *     point 0
   * @param zeroPointCorrection how the zero points are taken out of the sums
   */
  record Approximate(
      Multiplier multiplier, boolean affineInput, ZeroPointCorrection zeroPointCorrection)
      implements Coded {
    /** Refuses null. */
    public Approximate {
      Objects.requireNonNull(multiplier, "multiplier");
      Objects.requireNonNull(zeroPointCorrection, "zeroPointCorrection");
    }

    @Override
    public Operand weightOperand() {
      return multiplier.rowOperand();
    }

    @Override
    public Operand inputOperand() {
      return multiplier.columnOperand();
    }

    /**
     * The same with activations in affine codes.
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
     * The same codes with exact products.
     *
     * @return what this one's errors are measured against
     */
    public Quantized exact() {
      return new Quantized(weightOperand(), inputOperand(), affineInput);
    }

    /**
     * The same codes with exact products and Gaussian noise, which models the multiplier's error.
     *
     * @param seed of the noise; the same batches in the same order get the same. Each layer has
     *     noise of its own
     * @return the arithmetic
     */
    public Noisy asNoise(long seed) {
      return new Noisy(this, seed);
    }

    @Override
    public String toString() {
      boolean zeroPoints = affineInput || !inputOperand().signed() || !weightOperand().signed();
      return codes() + " " + multiplier.name() + (zeroPoints ? " " + zeroPointCorrection : "");
    }
  }

  /**
   * Exact products of a multiplier's codes, and Gaussian noise in the place of its error, as {@link
   * InferenceMode#NOISE}. The noise of a layer has the mean and the standard deviation that the
   * error has over the layer's outputs for its first batch.
   *
   * @param of the arithmetic whose error the noise models
   * @param seed of the noise
   */
  record Noisy(Approximate of, long seed) implements Coded {
    /** Refuses null. */
    public Noisy {
      Objects.requireNonNull(of, "of");
    }

    @Override
    public Operand weightOperand() {
      return of.weightOperand();
    }

    @Override
    public Operand inputOperand() {
      return of.inputOperand();
    }

    @Override
    public boolean affineInput() {
      return of.affineInput();
    }

    @Override
    public String toString() {
      return of + " as noise";
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
