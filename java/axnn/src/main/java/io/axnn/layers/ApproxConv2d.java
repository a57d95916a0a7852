package io.axnn.layers;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.internal.Shapes;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A convolution whose every 8-bit product is an entry of a {@link io.axnn.multiplier.Multiplier}'s
 * table, summed exactly: TorchApprox's ApproxConv2d, bit for bit where that is right. Weights and
 * activations are quantised, the sums corrected for the zero points ({@link ZeroPointCorrection}),
 * scaled by {@code inputScale * weightScale[o]} and added to the bias, in float32.
 *
 * <p>All tiers and thread counts give the same bits.
 */
public final class ApproxConv2d extends ApproxLayer {

  private final Conv2dArgs args;
  private final AtomicLong opCount = new AtomicLong();

  private ApproxConv2d(Builder builder) {
    super("ApproxConv2d", builder);
    args = builder.args;
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
   * TorchApprox's other name for {@link #fromConv2d}.
   *
   * @param context what the new layer runs in
   * @param conv2d the exact layer; not changed, not kept, may be closed
   * @return a new builder
   */
  public static Builder fromSuper(Context context, Conv2d conv2d) {
    return fromConv2d(context, conv2d);
  }

  /**
   * Begins a layer that {@link #save} wrote, with all that is in the file.
   *
   * @param context what the new layer runs in
   * @param file a safetensors file
   * @return a new builder; {@code multiplier(...)} is not set
   * @throws IllegalArgumentException if the file is no saved ApproxConv2d; the message names it
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Builder load(Context context, Path file) {
    ApproxFile saved = ApproxFile.read(file, "ApproxConv2d");
    Builder builder = builder(context, saved.convArgs(), saved.weights(), saved.bias());
    return saved.settings(builder).paddingCode(saved.paddingCode());
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
   * The geometry.
   *
   * @return as given
   */
  public Conv2dArgs convArgs() {
    return args;
  }

  /**
   * The multiplications for one image of the first forward pass.
   *
   * @return {@link #opCount(int, int)} of that image's size
   * @throws IllegalStateException before the first forward pass
   */
  public long opCount() {
    long count = opCount.get();
    if (count == 0) {
      throw new IllegalStateException(
          "opCount is that of the first forward pass, which has not been yet; opCount(h, w) needs"
              + " none");
    }
    return count;
  }

  /**
   * The multiplications for one image.
   *
   * @param h rows of the input
   * @param w columns of the input
   * @return fanIn * outChannels * outH * outW
   * @throws IllegalArgumentException if there is no output pixel, or the number exceeds a long
   */
  public long opCount(int h, int w) {
    int[] dims = args.outputDims(h, w);
    return Shapes.size(fanIn(), args.outChannels(), dims[0], dims[1]);
  }

  /**
   * Whether native code takes its depthwise path.
   *
   * @return {@link Conv2dArgs#useFastDwConv}
   */
  public boolean useFastDwConv() {
    return args.useFastDwConv();
  }

  /**
   * The code of padded taps.
   *
   * @return as built
   */
  public PaddingCode paddingCode() {
    return settings().paddingCode();
  }

  @Override
  void ran(Tensor x) {
    if (opCount.get() == 0) {
      opCount.compareAndSet(0, opCount(x.dimension(2), x.dimension(3)));
    }
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
      return new ApproxConv2d(this);
    }
  }
}
