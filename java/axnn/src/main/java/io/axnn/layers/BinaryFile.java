package io.axnn.layers;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.internal.Check;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A saved binary layer. Tensors {@code weight_packed} (UINT8 [outputs, ceil(K / 8)], the bytes of
 * {@link PackedBits}), {@code scale} and {@code bias} (FLOAT32 [outputs]), and {@code weight}
 * (FLOAT32) if the layer has its float weights. All else is metadata.
 */
final class BinaryFile {

  private static final String WEIGHT = "weight";
  private static final String WEIGHT_PACKED = "weight_packed";
  private static final String SCALE = "scale";
  private static final String BIAS = "bias";
  private static final String PADDING_VALUE = "padding_value";
  private static final String OUT_CHANNELS = "out_channels";
  private static final String CHANNELS_OF_A_GROUP = "in_channels_of_a_group";
  private static final String KERNEL_HEIGHT = "kernel_h";
  private static final String KERNEL_WIDTH = "kernel_w";
  private static final String OUT_FEATURES = "out_features";
  private static final String IN_FEATURES = "in_features";
  private static final String INPUT_QUANTIZER = "input_quantizer";
  private static final String KERNEL_QUANTIZER = "kernel_quantizer";
  private static final String PARAMETER = "_parameter";

  private final Context context;
  private final LayerFile file;

  private BinaryFile(Context context, LayerFile file) {
    this.context = context;
    this.file = file;
  }

  // ---- Writing ---------------------------------------------------------------------------------

  static void write(Path path, BinaryForm form, SignEstimator inputQuantizer) {
    BinaryMaker maker = form.maker();
    Geometry geometry = maker.geometry();
    LayerFile.Draft draft = new LayerFile.Draft(maker.kind(), geometry, form.range());
    int[] shape = geometry.weightShape();
    switch (geometry) {
      case Geometry.Convolution convolution -> {
        draft.put(OUT_CHANNELS, shape[0]);
        draft.put(CHANNELS_OF_A_GROUP, shape[1]);
        draft.put(KERNEL_HEIGHT, shape[2]);
        draft.put(KERNEL_WIDTH, shape[3]);
        draft.put(PADDING_VALUE, maker.paddingValue());
      }
      case Geometry.Rows rows -> {
        draft.put(OUT_FEATURES, shape[0]);
        draft.put(IN_FEATURES, shape[1]);
      }
    }
    put(draft, INPUT_QUANTIZER, inputQuantizer);
    put(draft, KERNEL_QUANTIZER, maker.kernelQuantizer());
    byte[] bits = form.plan().weights().toByteArray();
    draft.put(WEIGHT_PACKED, Tensor.ofUnsigned(bits, shape[0], bits.length / shape[0]));
    draft.put(SCALE, form.scales());
    draft.put(BIAS, form.plan().biases());
    if (form.latent() != null) {
      draft.put(WEIGHT, form.latent().weights());
    }
    draft.write(path);
  }

  private static void put(LayerFile.Draft draft, String key, SignEstimator estimator) {
    draft.put(key, estimator.kind());
    draft.put(key + PARAMETER, estimator.parameter());
  }

  // ---- Reading ---------------------------------------------------------------------------------

  /**
   * @throws IllegalArgumentException if it is no saved layer of that kind
   */
  static BinaryFile read(Context context, Path path, String kind) {
    return new BinaryFile(context, LayerFile.read(path, kind));
  }

  Conv2dArgs convArgs() {
    return file.convArgs(
        size(OUT_CHANNELS), size(CHANNELS_OF_A_GROUP), size(KERNEL_HEIGHT), size(KERNEL_WIDTH));
  }

  int[] linearShape() {
    return new int[] {size(OUT_FEATURES), size(IN_FEATURES)};
  }

  private int size(String key) {
    return file.valid(() -> Check.positive(key, file.number(key)));
  }

  PaddingValue paddingValue() {
    return file.valid(() -> file.name(PaddingValue.class, PADDING_VALUE));
  }

  /** The bits of weights of some shape. */
  PackedBits packedWeights(int... weightShape) {
    Tensor packed = file.tensor(WEIGHT_PACKED, DataType.UINT8);
    return file.valid(() -> PackedWeightFormat.ROWS.unpack(packed.toByteArray(), weightShape));
  }

  /** The float weights of some shape, if the file has them. */
  Optional<Tensor> floatWeights(int... weightShape) {
    Optional<Tensor> weights = file.optional(WEIGHT, DataType.FLOAT32);
    weights.ifPresent(
        floats -> {
          if (!Arrays.equals(floats.shape(), weightShape)) {
            throw file.bad(
                "has a tensor '"
                    + WEIGHT
                    + "' of shape "
                    + Arrays.toString(floats.shape())
                    + ", but must have shape "
                    + Arrays.toString(weightShape));
          }
          byte[] bits = packedWeights(weightShape).toByteArray();
          if (!Arrays.equals(PackedBits.pack(context, floats).toByteArray(), bits)) {
            throw file.bad(
                "has tensors '"
                    + WEIGHT
                    + "' and '"
                    + WEIGHT_PACKED
                    + "' of different signs, but they must be those of the same weights");
          }
        });
    return weights;
  }

  /** Sets what both kinds of layers have. */
  <B extends BinaryBuilder<B, ?>> B settings(B builder) {
    float[] scale = file.tensor(SCALE, DataType.FLOAT32).toFloatArray();
    float[] bias = file.tensor(BIAS, DataType.FLOAT32).toFloatArray();
    OutputRange range = file.outputRange();
    return file.valid(
        () ->
            builder
                .epilogue(Epilogue.of(scale, bias, range))
                .inputQuantizer(estimator(INPUT_QUANTIZER))
                .kernelQuantizer(estimator(KERNEL_QUANTIZER)));
  }

  private SignEstimator estimator(String key) {
    return new SignEstimator(
        file.name(SignEstimator.Kind.class, key), file.decimal(key + PARAMETER));
  }
}
