package io.axnn.layers;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.internal.TensorFile;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A saved approximate layer. Tensors {@code weight} and {@code bias}, {@code input_scale} and
 * {@code input_zero_point} (one value each), {@code weight_scale} and {@code weight_zero_point};
 * what may be absent in the layer is absent in the file. All else is metadata.
 */
final class LayerFile {

  private static final String KIND = "kind";
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";
  private static final String INPUT_SCALE = "input_scale";
  private static final String INPUT_ZERO_POINT = "input_zero_point";
  private static final String WEIGHT_SCALE = "weight_scale";
  private static final String WEIGHT_ZERO_POINT = "weight_zero_point";
  private static final String FOLLOWS = "weight_quantization_follows_weights";

  private final Path path;
  private final TensorFile file;

  private LayerFile(Path path, TensorFile file) {
    this.path = path;
    this.file = file;
  }

  // ---- Writing ---------------------------------------------------------------------------------

  static void write(Path path, String kind, Geometry geometry, ApproxSettings settings) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(KIND, kind);
    if (geometry instanceof Geometry.Convolution convolution) {
      putArgs(texts, convolution.args());
    }
    texts.put("operand_order", settings.operandOrder().name());
    texts.put("padding_code", settings.paddingCode().name());
    texts.put("zero_point_correction", settings.correction().name());
    texts.put("output_min", Float.toString(settings.outputRange().min()));
    texts.put("output_max", Float.toString(settings.outputRange().max()));
    tensors.put(WEIGHT, settings.parameters().weights());
    if (settings.parameters().bias() != null) {
      tensors.put(BIAS, settings.parameters().bias());
    }
    Quantization input = settings.input();
    if (input != null) {
      tensors.put(INPUT_SCALE, Tensor.of(new float[] {input.scale()}, 1));
      tensors.put(INPUT_ZERO_POINT, Tensor.of(new int[] {input.zeroPoint()}, 1));
      putNumber(texts, "input_code_min", input.codeMin());
      putNumber(texts, "input_code_max", input.codeMax());
    }
    WeightQuantization weights = settings.weights();
    tensors.put(WEIGHT_SCALE, Tensor.of(weights.scales(), weights.scales().length));
    tensors.put(WEIGHT_ZERO_POINT, Tensor.of(weights.zeroPoints(), weights.zeroPoints().length));
    putNumber(texts, "weight_code_min", weights.codeMin());
    putNumber(texts, "weight_code_max", weights.codeMax());
    texts.put(FOLLOWS, Boolean.toString(settings.weightsFollow()));
    new TensorFile(tensors, texts).write(path);
  }

  private static void putArgs(Map<String, String> texts, Conv2dArgs args) {
    putNumber(texts, "stride_h", args.strideHeight());
    putNumber(texts, "stride_w", args.strideWidth());
    putNumber(texts, "dilation_h", args.dilationHeight());
    putNumber(texts, "dilation_w", args.dilationWidth());
    putNumber(texts, "pad_top", args.padding().top());
    putNumber(texts, "pad_bottom", args.padding().bottom());
    putNumber(texts, "pad_left", args.padding().left());
    putNumber(texts, "pad_right", args.padding().right());
    putNumber(texts, "groups", args.groups());
  }

  private static void putNumber(Map<String, String> texts, String key, int number) {
    texts.put(key, Integer.toString(number));
  }

  // ---- Reading ---------------------------------------------------------------------------------

  /**
   * @throws IllegalArgumentException if it is no saved layer of that kind
   */
  static LayerFile read(Path path, String kind) {
    LayerFile layer = new LayerFile(path, TensorFile.read(path));
    String found = layer.text(KIND);
    if (!found.equals(kind)) {
      throw layer.bad("is a saved " + found + ", but must be a saved " + kind);
    }
    return layer;
  }

  Conv2dArgs convArgs() {
    Tensor weights = weights();
    if (weights.rank() != 4) {
      throw bad("has a tensor '" + WEIGHT + "' of rank " + weights.rank() + ", but must have 4");
    }
    return valid(
        () ->
            Conv2dArgs.builder(
                    Math.multiplyExact(weights.dimension(1), number("groups")),
                    weights.dimension(0),
                    weights.dimension(2),
                    weights.dimension(3))
                .stride(number("stride_h"), number("stride_w"))
                .dilation(number("dilation_h"), number("dilation_w"))
                .padding(
                    new Padding(
                        number("pad_top"),
                        number("pad_bottom"),
                        number("pad_left"),
                        number("pad_right")))
                .groups(number("groups"))
                .build());
  }

  Tensor weights() {
    return tensor(WEIGHT, DataType.FLOAT32);
  }

  /** Or null. */
  Tensor bias() {
    return file.tensors().containsKey(BIAS) ? tensor(BIAS, DataType.FLOAT32) : null;
  }

  PaddingCode paddingCode() {
    return valid(() -> PaddingCode.valueOf(text("padding_code")));
  }

  /** Sets what both kinds of layers have. */
  <B extends ApproxBuilder<B, ?>> B settings(B builder) {
    return valid(
        () -> {
          builder
              .operandOrder(OperandOrder.valueOf(text("operand_order")))
              .zeroPointCorrection(ZeroPointCorrection.valueOf(text("zero_point_correction")))
              .outputRange(
                  Float.parseFloat(text("output_min")), Float.parseFloat(text("output_max")));
          if (file.tensors().containsKey(INPUT_SCALE)) {
            builder.inputQuantization(
                new Quantization(
                    only(INPUT_SCALE, DataType.FLOAT32).toFloatArray()[0],
                    only(INPUT_ZERO_POINT, DataType.INT32).toIntArray()[0],
                    number("input_code_min"),
                    number("input_code_max")));
          }
          if (!text(FOLLOWS).equals("true")) {
            builder.weightQuantization(
                new WeightQuantization(
                    tensor(WEIGHT_SCALE, DataType.FLOAT32).toFloatArray(),
                    tensor(WEIGHT_ZERO_POINT, DataType.INT32).toIntArray(),
                    number("weight_code_min"),
                    number("weight_code_max")));
          }
          return builder;
        });
  }

  /** Calls, and lets a refusal name the file. */
  private <T> T valid(Supplier<T> call) {
    try {
      return call.get();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw bad("has unusable settings: " + e.getMessage());
    }
  }

  private int number(String key) {
    return Integer.parseInt(text(key));
  }

  private String text(String key) {
    String text = file.metadata().get(key);
    if (text == null) {
      throw bad("has no metadata '" + key + "', which every saved layer of its kind has");
    }
    return text;
  }

  private Tensor only(String name, DataType type) {
    Tensor tensor = tensor(name, type);
    if (tensor.size() != 1) {
      throw bad("has a tensor '" + name + "' of " + tensor.size() + " values, but must have 1");
    }
    return tensor;
  }

  private Tensor tensor(String name, DataType type) {
    Tensor tensor = file.tensors().get(name);
    if (tensor == null || tensor.dataType() != type) {
      throw bad("has no tensor '" + name + "' of " + type);
    }
    return tensor;
  }

  private IllegalArgumentException bad(String what) {
    return new IllegalArgumentException(path + " " + what);
  }
}
