package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import java.util.Objects;

/**
 * A convolution of signs, one bit each, by XNOR and popcount: bitorch-engine's BinaryConv2dCPP, for
 * any channel count, shape, dilation and groups. {@code sign(v)} is +1 if {@code v >= 0} (both
 * zeros), else -1 (NaN too). The output is {@code sum * scale[o] + bias[o]} in float32.
 *
 * <p>All tiers and thread counts give the same bits.
 */
public final class BinaryConv2d extends PlanLayer {

  private final Conv2dArgs args;
  private final PackedBits packedWeights;

  private BinaryConv2d(NativePlan plan, Builder builder) {
    super(plan);
    args = builder.args;
    packedWeights = builder.weights();
  }

  /**
   * Begins a layer with the signs of float weights.
   *
   * @param context what it runs in
   * @param args geometry
   * @param weights FLOAT32 of {@link Conv2dArgs#weightShape}
   * @return a new builder
   * @throws IllegalArgumentException if the weights have another type or shape
   */
  public static Builder builder(Context context, Conv2dArgs args, Tensor weights) {
    Objects.requireNonNull(args, "args");
    Check.shape("weights", weights, DataType.FLOAT32, args.weightShape());
    return fromPackedWeights(context, args, PackedBits.pack(context, weights));
  }

  /**
   * Begins a layer with weights that were packed before.
   *
   * @param context what it runs in
   * @param args geometry
   * @param weights outChannels rows of {@link Conv2dArgs#fanIn} bits
   * @return a new builder
   * @throws IllegalArgumentException if the weights have other rows or columns
   */
  public static Builder fromPackedWeights(Context context, Conv2dArgs args, PackedBits weights) {
    Objects.requireNonNull(args, "args");
    Objects.requireNonNull(weights, "weights");
    return new Builder(context, args, weights);
  }

  /**
   * The exact sums of products of signs, padding included, before scale and bias.
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
   * The weights as bits, to be stored and given to {@link #fromPackedWeights} later.
   *
   * @return outChannels rows of {@link Conv2dArgs#fanIn} bits
   */
  public PackedBits packedWeights() {
    return packedWeights;
  }

  /** Settings of a new {@link BinaryConv2d}. */
  public static final class Builder extends BinaryBuilder<Builder, BinaryConv2d> {

    private final Conv2dArgs args;
    private PaddingValue paddingValue;

    private Builder(Context context, Conv2dArgs args, PackedBits weights) {
      super(context, new Geometry.Convolution(args), weights);
      this.args = args;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    PaddingValue paddingValue() {
      return paddingValue;
    }

    /**
     * Sets what padded taps count as. There is no default, because the systems that networks come
     * from differ.
     *
     * @param paddingValue -1, 0 or +1
     * @return this
     */
    public Builder paddingValue(PaddingValue paddingValue) {
      this.paddingValue = Objects.requireNonNull(paddingValue, "paddingValue");
      return this;
    }

    @Override
    public BinaryConv2d build() {
      if (paddingValue == null) {
        throw new IllegalStateException(
            "paddingValue(...) must be called before build(): MINUS_ONE as bitorch-engine, ZERO, or"
                + " PLUS_ONE as Larq");
      }
      return new BinaryConv2d(plan("BinaryConv2d"), this);
    }
  }
}
