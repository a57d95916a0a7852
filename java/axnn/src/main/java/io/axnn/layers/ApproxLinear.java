package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import java.util.Objects;

/**
 * A linear layer whose every 8-bit product is an entry of a {@link io.axnn.multiplier.Multiplier}'s
 * table, summed exactly, with the numbers of {@link ApproxConv2d}. The operand order of
 * TorchApprox's linear layer is {@link OperandOrder#ACTIVATION_FIRST}; the default here is that of
 * all layers, {@link OperandOrder#WEIGHT_FIRST}.
 */
public final class ApproxLinear extends PlanLayer {

  private final Geometry geometry;
  private final Quantization inputQuantization;
  private final WeightQuantization weightQuantization;

  private ApproxLinear(NativePlan plan, Builder builder) {
    super(plan);
    geometry = builder.geometry;
    inputQuantization = builder.inputQuantization();
    weightQuantization = builder.weightQuantization();
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
   * The exact sums of table entries, before any correction for zero points.
   *
   * @param x input, FLOAT32 [..., inFeatures]
   * @return INT64 [..., outFeatures]
   * @throws IllegalArgumentException if type or shape of x do not fit this layer
   * @throws IllegalStateException if this layer is closed, or the arena of x
   * @throws AxnnException if the native library has no memory for it
   */
  public Tensor accumulate(Tensor x) {
    return sums(x);
  }

  /**
   * The number of products in one output value.
   *
   * @return inFeatures
   */
  public int fanIn() {
    return geometry.fanIn();
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

  /** Settings of a new {@link ApproxLinear}. */
  public static final class Builder extends ApproxBuilder<Builder, ApproxLinear> {

    private final Geometry geometry;

    private Builder(Context context, Geometry geometry, Tensor weights, Tensor biasOrNull) {
      super(context, geometry, weights, biasOrNull);
      this.geometry = geometry;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    public ApproxLinear build() {
      return new ApproxLinear(plan("ApproxLinear"), this);
    }
  }
}
