package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import java.util.Objects;

/**
 * A convolution whose every 8-bit product is an entry of a {@link io.axnn.multiplier.Multiplier}'s
 * table, summed exactly: TorchApprox's ApproxConv2d, bit for bit where that is right. Weights and
 * activations are quantised, the sums corrected for the zero points ({@link ZeroPointCorrection}),
 * scaled by {@code inputScale * weightScale[o]} and added to the bias, in float32.
 *
 * <p>All tiers and thread counts give the same bits.
 */
public final class ApproxConv2d extends PlanLayer {

  private final Conv2dArgs args;
  private final Quantization inputQuantization;
  private final WeightQuantization weightQuantization;

  private ApproxConv2d(NativePlan plan, Builder builder) {
    super(plan);
    args = builder.args;
    inputQuantization = builder.inputQuantization();
    weightQuantization = builder.weightQuantization();
  }

  /**
   * Begins the approximate form of an exact layer, with its geometry, weights and bias.
   *
   * @param context what the new layer runs in
   * @param conv2d the exact layer; not changed, not kept, may be closed
   * @return a new builder
   */
  public static Builder fromConv2d(Context context, Conv2d conv2d) {
    Objects.requireNonNull(conv2d, "conv2d");
    return builder(context, conv2d.convArgs(), conv2d.weights(), conv2d.bias().orElse(null));
  }

  /**
   * Begins a layer.
   *
   * @param context what it runs in
   * @param args geometry
   * @param weights FLOAT32 of {@link Conv2dArgs#weightShape}; read when the layer is built
   * @param biasOrNull FLOAT32 [outChannels] or null; read when the layer is built
   * @return a new builder
   * @throws IllegalArgumentException if weights or bias have another type or shape
   */
  public static Builder builder(
      Context context, Conv2dArgs args, Tensor weights, Tensor biasOrNull) {
    return new Builder(context, args, weights, biasOrNull);
  }

  /**
   * The exact sums of table entries, before any correction for zero points: what the hardware's
   * accumulators hold.
   *
   * @param x input, FLOAT32 [n, inChannels, h, w]
   * @return INT64 [n, outChannels, outH, outW]
   * @throws IllegalArgumentException if type or shape of x do not fit this layer
   * @throws IllegalStateException if this layer is closed, or the arena of x
   * @throws AxnnException if the native library has no memory for it
   */
  public Tensor accumulate(Tensor x) {
    return sums(x);
  }

  /**
   * The geometry.
   *
   * @return as given
   */
  public Conv2dArgs convArgs() {
    return args;
  }

  /**
   * The number of products in one output value.
   *
   * @return inChannels / groups * kernelHeight * kernelWidth
   */
  public int fanIn() {
    return args.fanIn();
  }

  /**
   * The size of the output image.
   *
   * @param h rows of the input
   * @param w columns of the input
   * @return [height, width]
   * @throws IllegalArgumentException if there is no output pixel
   */
  public int[] outputDims(int h, int w) {
    return args.outputDims(h, w);
  }

  /**
   * How the input becomes codes.
   *
   * @return as given
   */
  public Quantization inputQuantization() {
    return inputQuantization;
  }

  /**
   * How the weights became codes.
   *
   * @return as given, or the default
   */
  public WeightQuantization weightQuantization() {
    return weightQuantization;
  }

  /** Settings of a new {@link ApproxConv2d}. */
  public static final class Builder extends ApproxBuilder<Builder, ApproxConv2d> {

    private final Conv2dArgs args;

    private Builder(Context context, Conv2dArgs args, Tensor weights, Tensor biasOrNull) {
      super(
          context,
          new Geometry.Convolution(Objects.requireNonNull(args, "args")),
          weights,
          biasOrNull);
      this.args = args;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the code of padded taps; {@link PaddingCode#ZERO_POINT} if this is not called.
     *
     * @param paddingCode zero point or 0
     * @return this
     */
    public Builder paddingCode(PaddingCode paddingCode) {
      this.paddingCode = Objects.requireNonNull(paddingCode, "paddingCode");
      return this;
    }

    @Override
    public ApproxConv2d build() {
      return new ApproxConv2d(plan("ApproxConv2d"), this);
    }
  }
}
