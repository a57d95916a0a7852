package io.axnn.layers;

import io.axnn.AxnnException;
import io.axnn.Context;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import java.util.Objects;

/**
 * A linear layer of signs, one bit each, by XNOR and popcount, with the numbers of {@link
 * BinaryConv2d}: {@code y = sum * scale[o] + bias[o]}.
 */
public final class BinaryLinear extends PlanLayer {

  private final PackedBits packedWeights;

  private BinaryLinear(NativePlan plan, Builder builder) {
    super(plan);
    packedWeights = builder.weights();
  }

  /**
   * Begins a layer with the signs of float weights.
   *
   * @param context what it runs in
   * @param weights FLOAT32 [outFeatures, inFeatures]
   * @return a new builder
   * @throws IllegalArgumentException if the weights have another type or rank
   */
  public static Builder builder(Context context, Tensor weights) {
    Geometry geometry = Geometry.Rows.ofWeights(weights);
    return new Builder(context, geometry, PackedBits.pack(context, weights));
  }

  /**
   * Begins a layer with weights that were packed before.
   *
   * @param context what it runs in
   * @param weights outFeatures rows of inFeatures bits
   * @return a new builder
   */
  public static Builder fromPackedWeights(Context context, PackedBits weights) {
    Objects.requireNonNull(weights, "weights");
    return new Builder(context, new Geometry.Rows(weights.columns(), weights.rows()), weights);
  }

  /**
   * The exact sums of products of signs, before scale and bias.
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
   * The weights as bits, to be stored and given to {@link #fromPackedWeights} later.
   *
   * @return outFeatures rows of inFeatures bits
   */
  public PackedBits packedWeights() {
    return packedWeights;
  }

  /** Settings of a new {@link BinaryLinear}. */
  public static final class Builder extends BinaryBuilder<Builder, BinaryLinear> {

    private Builder(Context context, Geometry geometry, PackedBits weights) {
      super(context, geometry, weights);
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    PaddingValue paddingValue() {
      // Any value will do: the C function ignores it.
      return PaddingValue.MINUS_ONE;
    }

    @Override
    public BinaryLinear build() {
      return new BinaryLinear(plan("BinaryLinear"), this);
    }
  }
}
