package io.axnn.layers;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import java.nio.file.Path;

/**
 * A saved approximate layer. Tensors {@code weight} and {@code bias}, {@code input_scale} and
 * {@code input_zero_point} (one value each), {@code weight_scale} and {@code weight_zero_point};
 * what may be absent in the layer is absent in the file. All else is metadata.
 */
record ApproxFile(LayerFile file) {

  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";
  private static final String INPUT_SCALE = "input_scale";
  private static final String INPUT_ZERO_POINT = "input_zero_point";
  private static final String WEIGHT_SCALE = "weight_scale";
  private static final String WEIGHT_ZERO_POINT = "weight_zero_point";
  private static final String STRUCTURE_USE = "structure_use";
  private static final String FOLLOWS = "weight_quantization_follows_weights";

  static void write(Path path, String kind, Geometry geometry, ApproxSettings settings) {
    LayerFile.Draft draft = new LayerFile.Draft(kind, geometry, settings.outputRange());
    draft.put("operand_order", settings.operandOrder());
    draft.put("padding_code", settings.paddingCode());
    draft.put("zero_point_correction", settings.correction());
    draft.put(STRUCTURE_USE, settings.structureUse());
    draft.put(WEIGHT, settings.parameters().weights());
    if (settings.parameters().bias() != null) {
      draft.put(BIAS, settings.parameters().bias());
    }
    Quantization input = settings.input();
    if (input != null) {
      draft.put(INPUT_SCALE, new float[] {input.scale()});
      draft.put(INPUT_ZERO_POINT, new int[] {input.zeroPoint()});
      draft.put("input_code_min", input.codeMin());
      draft.put("input_code_max", input.codeMax());
    }
    WeightQuantization weights = settings.weights();
    draft.put(WEIGHT_SCALE, weights.scales());
    draft.put(WEIGHT_ZERO_POINT, weights.zeroPoints());
    draft.put("weight_code_min", weights.codeMin());
    draft.put("weight_code_max", weights.codeMax());
    draft.put(FOLLOWS, settings.weightsFollow());
    draft.write(path);
  }

  /**
   * @throws IllegalArgumentException if it is no saved layer of that kind
   */
  static ApproxFile read(Path path, String kind) {
    return new ApproxFile(LayerFile.read(path, kind));
  }

  Conv2dArgs convArgs() {
    Tensor weights = weights();
    if (weights.rank() != 4) {
      throw file.bad(
          "has a tensor '" + WEIGHT + "' of rank " + weights.rank() + ", but must have 4");
    }
    return file.convArgs(weights.shape());
  }

  Tensor weights() {
    return file.tensor(WEIGHT, DataType.FLOAT32);
  }

  /** Or null. */
  Tensor bias() {
    return file.optional(BIAS, DataType.FLOAT32).orElse(null);
  }

  PaddingCode paddingCode() {
    return file.valid(() -> file.name(PaddingCode.class, "padding_code"));
  }

  /** Sets what both kinds of layers have. */
  <B extends ApproxBuilder<B, ?>> B settings(B builder) {
    OutputRange range = file.outputRange();
    return file.valid(
        () -> {
          builder
              .operandOrder(file.name(OperandOrder.class, "operand_order"))
              .zeroPointCorrection(file.name(ZeroPointCorrection.class, "zero_point_correction"))
              .outputRange(range.min(), range.max());
          // Files of version 0.1.0 and before do not say.
          if (file.says(STRUCTURE_USE)) {
            builder.structureUse(file.name(StructureUse.class, STRUCTURE_USE));
          }
          if (file.has(INPUT_SCALE)) {
            builder.inputQuantization(
                new Quantization(
                    file.only(INPUT_SCALE, DataType.FLOAT32).toFloatArray()[0],
                    file.only(INPUT_ZERO_POINT, DataType.INT32).toIntArray()[0],
                    file.number("input_code_min"),
                    file.number("input_code_max")));
          }
          if (!file.text(FOLLOWS).equals("true")) {
            builder.weightQuantization(
                new WeightQuantization(
                    file.tensor(WEIGHT_SCALE, DataType.FLOAT32).toFloatArray(),
                    file.tensor(WEIGHT_ZERO_POINT, DataType.INT32).toIntArray(),
                    file.number("weight_code_min"),
                    file.number("weight_code_max")));
          }
          return builder;
        });
  }
}
