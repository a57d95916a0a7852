package io.axnn.tools.internal.constants;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.axnn.tools.internal.onnx.CodeType;
import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.LinearQuantization;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.QuantizationReader;
import java.util.Arrays;

/**
 * QuantizeLinear and DequantizeLinear of constants, which is how files hold weights and biases, and
 * the Cast that makes zero points.
 */
final class QuantizationRules {
  @FunctionalInterface
  private interface Function {
    /** Of a number, by scale and zero point i. */
    double apply(double x, int i);
  }

  private QuantizationRules() {}

  /** The codes of floats. */
  static ConstantTensor quantize(NodeReader node) {
    ConstantTensor x = node.tensor(0, "x");
    if (!x.isFloat()) {
      throw node.error("input x has data type %s; supported: FLOAT".formatted(x.type()));
    }
    LinearQuantization quantization = QuantizationReader.quantizer(node, x.shape());
    double[] codes = map(x, quantization, (value, i) -> quantization.code((float) value, i));
    return new ConstantTensor(quantization.type().dataType(), x.shape(), codes);
  }

  /** The floats of codes, which keep their quantisation. */
  static ConstantTensor dequantize(NodeReader node) {
    CodeType type = QuantizationReader.constantType(node);
    ConstantTensor x = node.tensor(0, "x");
    LinearQuantization quantization = QuantizationReader.dequantizer(node, x.shape(), type);
    double[] values = map(x, quantization, (code, i) -> quantization.value((int) code, i));
    for (double value : values) {
      if (Double.isInfinite(value)) {
        throw node.error("a code times its scale exceeds float32");
      }
    }
    return new ConstantTensor(DataType.FLOAT, x.shape(), values, quantization);
  }

  /** Numbers without their fractions, as codes. */
  static ConstantTensor cast(NodeReader node, ConstantTensor x, DataType to) {
    CodeType type =
        CodeType.of(to)
            .orElseThrow(
                () ->
                    node.error(
                        "attribute 'to' is %s; supported: FLOAT, INT64, BOOL and %s"
                            .formatted(to, Arrays.toString(CodeType.values()))));
    double[] codes = new double[x.values().length];
    for (int i = 0; i < codes.length; i++) {
      double value = x.values()[i];
      codes[i] = value < 0 ? Math.ceil(value) : Math.floor(value);
      if (!type.contains(codes[i])) {
        throw node.error(
            "its input holds %s; %s is %d to %d".formatted(value, type, type.min(), type.max()));
      }
    }
    return new ConstantTensor(to, x.shape(), codes);
  }

  private static double[] map(
      ConstantTensor x, LinearQuantization quantization, Function function) {
    double[] mapped = new double[x.values().length];
    int[] shape = x.shape();
    int perScale = 1; // elements that lie together and share a scale
    for (int axis = quantization.axis() + 1; axis < shape.length; axis++) {
      perScale *= shape[axis];
    }
    for (int i = 0; i < mapped.length; i++) {
      int scale = quantization.isPerTensor() ? 0 : i / perScale % quantization.scales().length;
      mapped[i] = function.apply(x.values()[i], scale);
    }
    return mapped;
  }
}
