package io.axnn.tools.internal.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** Reads scale, zero point and attributes of QuantizeLinear and DequantizeLinear, opsets 10-21. */
public final class QuantizationReader {
  private static final Set<CodeType> ACTIVATIONS = EnumSet.complementOf(EnumSet.of(CodeType.INT32));
  private static final Set<CodeType> ALL = EnumSet.allOf(CodeType.class);

  private QuantizationReader() {}

  /**
   * Of a QuantizeLinear node.
   *
   * @param shape of its input
   */
  public static LinearQuantization quantizer(NodeReader node, int[] shape) {
    node.requireInputs(2, 3);
    CodeType asked = outputType(node);
    CodeType type = node.hasInput(2) ? typeOf(node, 2, "y_zero_point", ACTIVATIONS) : asked;
    if (asked != null && asked != type) {
      throw node.error("attribute 'output_dtype' is %s, y_zero_point %s".formatted(asked, type));
    }
    if (node.opset() >= 19) {
      // It speaks of float8, which is refused by its type.
      node.attributes().flag("saturate", true);
    }
    return read(node, shape, "y", Objects.requireNonNullElse(type, CodeType.UINT8));
  }

  /**
   * Of a DequantizeLinear node.
   *
   * @param shape of its input
   * @param type of its input
   */
  public static LinearQuantization dequantizer(NodeReader node, int[] shape, CodeType type) {
    node.requireInputs(2, 3);
    if (node.hasInput(2)) {
      CodeType zeroPoint = typeOf(node, 2, "x_zero_point", ALL);
      if (zeroPoint != type) {
        throw node.error(
            "x_zero_point is %s and x %s; they have one type".formatted(zeroPoint, type));
      }
    }
    return read(node, shape, "x", type);
  }

  /** The type of the codes that a DequantizeLinear node takes as a constant. */
  public static CodeType constantType(NodeReader node) {
    return typeOf(node, 0, "x", ALL);
  }

  private static CodeType outputType(NodeReader node) {
    int number = node.opset() < 21 ? 0 : node.attributes().integer("output_dtype", 0);
    if (number == 0) {
      return null;
    }
    DataType type = Objects.requireNonNullElse(DataType.forNumber(number), DataType.UNDEFINED);
    return supported(node, "attribute 'output_dtype'", type, ACTIVATIONS);
  }

  private static CodeType typeOf(NodeReader node, int index, String name, Set<CodeType> allowed) {
    return supported(node, "input " + name, node.type(index, name), allowed);
  }

  private static CodeType supported(
      NodeReader node, String what, DataType type, Set<CodeType> allowed) {
    return CodeType.of(type)
        .filter(allowed::contains)
        .orElseThrow(
            () -> node.error("%s has data type %s; supported: %s".formatted(what, type, allowed)));
  }

  /**
   * @param letter that of scale and zero point, x or y
   */
  private static LinearQuantization read(
      NodeReader node, int[] shape, String letter, CodeType type) {
    refuseBlocks(node);
    int axis = node.opset() < 13 ? 0 : node.attributes().integer("axis", 1);
    Constant scale = node.constant(1, letter + "_scale");
    float[] scales = scale.values();
    for (float value : scales) {
      if (!(value > 0 && Float.isFinite(value))) {
        throw node.error("%s_scale holds %s; allowed: finite, above 0".formatted(letter, value));
      }
    }
    int checkedAxis = 0;
    if (scales.length != 1) {
      checkedAxis = node.axis("axis", axis, shape.length);
      if (node.opset() < 13 || scale.rank() != 1 || scales.length != shape[checkedAxis]) {
        throw node.error(
            "%s_scale has shape %s for %s, axis %d; supported: one number, from opset 13 on also"
                    .formatted(
                        letter, Arrays.toString(scale.shape()), Arrays.toString(shape), checkedAxis)
                + " one for each entry of the axis");
      }
    }
    return new LinearQuantization(
        type, checkedAxis, scales, zeroPoints(node, letter, type, scales.length));
  }

  private static void refuseBlocks(NodeReader node) {
    int size = node.opset() < 21 ? 0 : node.attributes().integer("block_size", 0);
    if (size != 0) {
      throw node.error(
          "attribute 'block_size' is %d; supported: 0, one scale for the tensor or for each entry"
                  .formatted(size)
              + " of an axis");
    }
  }

  private static int[] zeroPoints(NodeReader node, String letter, CodeType type, int count) {
    if (!node.hasInput(2)) {
      return new int[count];
    }
    long[] values = node.integers(2, letter + "_zero_point");
    if (values.length != count) {
      throw node.error(
          "%s_zero_point holds %d numbers and %s_scale %d"
              .formatted(letter, values.length, letter, count));
    }
    int[] zeroPoints = Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    if (type == CodeType.INT32 && Arrays.stream(zeroPoints).anyMatch(zero -> zero != 0)) {
      throw node.error("x_zero_point of INT32 is not 0, the only one that is allowed");
    }
    return zeroPoints;
  }
}
