package io.axnn.layers;

import io.axnn.Context;
import io.axnn.Tensor;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A linear layer whose every 8-bit product is an entry of a {@link io.axnn.multiplier.Multiplier}'s
 * table, summed exactly, with the numbers of {@link ApproxConv2d}. The operand order of
 * TorchApprox's linear layer is {@link OperandOrder#ACTIVATION_FIRST}; the default here is that of
 * all layers, {@link OperandOrder#WEIGHT_FIRST}.
 */
public final class ApproxLinear extends ApproxLayer {

  private final Geometry.Rows rows;

  private ApproxLinear(Builder builder) {
    super("ApproxLinear", builder);
    rows = builder.rows;
  }

  /**
   * Begins the approximate form of an exact layer, with its weights and bias.
   *
   * @param context what the new layer runs in
   * @param linear the exact layer; not changed, not kept, may be closed
   * @return a new builder
   */
  public static Builder fromLinear(Context context, Linear linear) {
    Objects.requireNonNull(linear, "linear");
    return builder(context, linear.weights(), linear.bias().orElse(null));
  }

  /**
   * TorchApprox's other name for {@link #fromLinear}.
   *
   * @param context what the new layer runs in
   * @param linear the exact layer; not changed, not kept, may be closed
   * @return a new builder
   */
  public static Builder fromSuper(Context context, Linear linear) {
    return fromLinear(context, linear);
  }

  /**
   * Begins a layer that {@link #save} wrote, with all that is in the file.
   *
   * @param context what the new layer runs in
   * @param file a safetensors file
   * @return a new builder; {@code multiplier(...)} is not set
   * @throws IllegalArgumentException if the file is no saved ApproxLinear; the message names it
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Builder load(Context context, Path file) {
    ApproxFile saved = ApproxFile.read(file, "ApproxLinear");
    return saved.settings(builder(context, saved.weights(), saved.bias()));
  }

  /**
   * Begins a layer.
   *
   * @param context what it runs in
   * @param weights FLOAT32 [outFeatures, inFeatures]; read when the layer is built
   * @param biasOrNull FLOAT32 [outFeatures] or null; read when the layer is built
   * @return a new builder
   * @throws IllegalArgumentException if weights or bias have another type or shape
   */
  public static Builder builder(Context context, Tensor weights, Tensor biasOrNull) {
    return new Builder(context, Geometry.Rows.ofWeights(weights), weights, biasOrNull);
  }

  /**
   * The multiplications for one row of the input.
   *
   * @return inFeatures * outFeatures
   */
  public long opCount() {
    return (long) rows.inFeatures() * rows.outFeatures();
  }

  /** Settings of a new {@link ApproxLinear}. */
  public static final class Builder extends ApproxBuilder<Builder, ApproxLinear> {

    private final Geometry.Rows rows;

    private Builder(Context context, Geometry.Rows rows, Tensor weights, Tensor biasOrNull) {
      super(context, rows, weights, biasOrNull);
      this.rows = rows;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    public ApproxLinear build() {
      return new ApproxLinear(this);
    }
  }
}
