package io.axnn.layers;

import io.axnn.Context;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A linear layer of signs: bitorch-engine's BinaryLinearCPP and Larq's QuantDense of signs, for any
 * number of features and leading dimensions. {@link BinaryLayer} has the numbers.
 */
public final class BinaryLinear extends BinaryLayer {

  private BinaryLinear(Builder builder) {
    super("BinaryLinear", builder);
  }

  /**
   * Begins a layer of weights whose signs count.
   *
   * @param context what it runs in
   * @param weights [outFeatures, inFeatures]: FLOAT32, which the layer copies when it is built, or
   *     INT8 of +1 and -1, of which it keeps the bits only
   * @return a new builder
   * @throws IllegalArgumentException if the weights have another type or rank, or a byte other than
   *     +1 and -1
   */
  public static Builder builder(Context context, Tensor weights) {
    return new Builder(context, weights);
  }

  /**
   * Begins a layer with weights that were packed before.
   *
   * @param context what it runs in
   * @param weights [outFeatures, inFeatures]
   * @return a new builder
   * @throws IllegalArgumentException if the bits have another rank
   */
  public static Builder fromPackedWeights(Context context, PackedBits weights) {
    Objects.requireNonNull(weights, "weights");
    return new Builder(context, weights);
  }

  /**
   * Begins a layer with weights that another system packed.
   *
   * @param context what it runs in
   * @param inFeatures length of an input row, at least 1
   * @param outFeatures length of an output row, at least 1
   * @param packedWeights the bytes; bitorch-engine has {@link PackedWeightFormat#COLUMNS}
   * @param format their order
   * @return a new builder
   * @throws IllegalArgumentException if a number is below 1, there are more or fewer bytes than the
   *     numbers need, or an unused bit is 1
   */
  public static Builder fromPackedWeights(
      Context context,
      int inFeatures,
      int outFeatures,
      byte[] packedWeights,
      PackedWeightFormat format) {
    Check.positive("inFeatures", inFeatures);
    Check.positive("outFeatures", outFeatures);
    Objects.requireNonNull(packedWeights, "packedWeights");
    Objects.requireNonNull(format, "format");
    return new Builder(context, format.unpack(packedWeights, outFeatures, inFeatures));
  }

  /**
   * Begins a layer that {@link #save} wrote, with all that is in the file.
   *
   * @param context what the new layer runs in
   * @param file a safetensors file
   * @return a new builder
   * @throws IllegalArgumentException if the file is no saved BinaryLinear; the message names it
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Builder load(Context context, Path file) {
    Objects.requireNonNull(context, "context");
    BinaryFile saved = BinaryFile.read(context, file, "BinaryLinear");
    int[] shape = saved.linearShape();
    return saved.settings(
        saved
            .floatWeights(shape)
            .map(weights -> builder(context, weights))
            .orElseGet(() -> fromPackedWeights(context, saved.packedWeights(shape))));
  }

  /** Settings of a new {@link BinaryLinear}. */
  public static final class Builder extends BinaryBuilder<Builder, BinaryLinear> {

    private Builder(Context context, Tensor weights) {
      super(context, Geometry.Rows.ofWeights(weights), weights);
    }

    private Builder(Context context, PackedBits weights) {
      super(context, new Geometry.Rows(weights.columns(), weights.rows()), weights);
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
      return new BinaryLinear(this);
    }
  }
}
