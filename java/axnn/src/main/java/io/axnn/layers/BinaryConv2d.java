package io.axnn.layers;

import io.axnn.Context;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A convolution of signs: bitorch-engine's BinaryConv2dCPP and Larq's QuantConv2D of signs, for any
 * channel count, shape, stride, dilation, padding and groups. {@link BinaryLayer} has the numbers.
 */
public final class BinaryConv2d extends BinaryLayer {

  private final Conv2dArgs args;
  private final PaddingValue paddingValue;

  private BinaryConv2d(Builder builder) {
    super("BinaryConv2d", builder);
    args = builder.args;
    paddingValue = builder.paddingValue;
  }

  /**
   * Begins a layer of weights whose signs count.
   *
   * @param context what it runs in
   * @param args geometry
   * @param weights of {@link Conv2dArgs#weightShape}: FLOAT32, which the layer copies when it is
   *     built, or INT8 of +1 and -1, of which it keeps the bits only
   * @return a new builder
   * @throws IllegalArgumentException if the weights have another type or shape, or a byte other
   *     than +1 and -1
   */
  public static Builder builder(Context context, Conv2dArgs args, Tensor weights) {
    Objects.requireNonNull(args, "args");
    return new Builder(context, args, weights);
  }

  /**
   * Begins a layer with weights that were packed before.
   *
   * @param context what it runs in
   * @param args geometry
   * @param weights [outChannels, {@link Conv2dArgs#fanIn}]
   * @return a new builder
   * @throws IllegalArgumentException if the weights have another shape
   */
  public static Builder fromPackedWeights(Context context, Conv2dArgs args, PackedBits weights) {
    Objects.requireNonNull(args, "args");
    Objects.requireNonNull(weights, "weights");
    return new Builder(context, args, weights);
  }

  /**
   * Begins a layer with weights that another system packed.
   *
   * @param context what it runs in
   * @param args geometry
   * @param packedWeights the bytes; bitorch-engine's convolutions have {@link
   *     PackedWeightFormat#ROWS}
   * @param format their order
   * @return a new builder
   * @throws IllegalArgumentException if there are more or fewer bytes than the geometry needs, or
   *     an unused bit is 1
   */
  public static Builder fromPackedWeights(
      Context context, Conv2dArgs args, byte[] packedWeights, PackedWeightFormat format) {
    Objects.requireNonNull(args, "args");
    Objects.requireNonNull(packedWeights, "packedWeights");
    Objects.requireNonNull(format, "format");
    return new Builder(context, args, format.unpack(packedWeights, args.weightShape()));
  }

  /**
   * Begins a layer that {@link #save} wrote, with all that is in the file.
   *
   * @param context what the new layer runs in
   * @param file a safetensors file
   * @return a new builder
   * @throws IllegalArgumentException if the file is no saved BinaryConv2d; the message names it
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Builder load(Context context, Path file) {
    Objects.requireNonNull(context, "context");
    BinaryFile saved = BinaryFile.read(context, file, "BinaryConv2d");
    Conv2dArgs args = saved.convArgs();
    Builder builder =
        saved
            .floatWeights(args.weightShape())
            .map(weights -> builder(context, args, weights))
            .orElseGet(
                () -> fromPackedWeights(context, args, saved.packedWeights(args.weightShape())));
    return saved.settings(builder).paddingValue(saved.paddingValue());
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
   * What padded taps count as.
   *
   * @return as built
   */
  public PaddingValue paddingValue() {
    return paddingValue;
  }

  /** Settings of a new {@link BinaryConv2d}. */
  public static final class Builder extends BinaryBuilder<Builder, BinaryConv2d> {

    private final Conv2dArgs args;
    private PaddingValue paddingValue;

    private Builder(Context context, Conv2dArgs args, Tensor weights) {
      super(context, new Geometry.Convolution(args), weights);
      this.args = args;
    }

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
      return new BinaryConv2d(this);
    }
  }
}
