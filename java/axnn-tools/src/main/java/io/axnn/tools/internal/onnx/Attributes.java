package io.axnn.tools.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The attributes of a node. Each is taken once by name and type; what nobody took is unknown, and
 * an unknown attribute is an error, for it may change what the node means.
 */
public final class Attributes {
  private final Location location;
  private final Map<String, AttributeProto> left = new LinkedHashMap<>();

  Attributes(Location location, NodeProto node) {
    this.location = location;
    for (AttributeProto attribute : node.getAttributeList()) {
      if (left.put(attribute.getName(), attribute) != null) {
        throw location.error("attribute '" + attribute.getName() + "' is there twice");
      }
    }
  }

  /** Takes an integer; a value outside of int is an error. */
  public int integer(String name, int ifAbsent) {
    AttributeProto attribute = take(name, AttributeType.INT);
    return attribute == null ? ifAbsent : toInt(name, attribute.getI());
  }

  /** Takes an integer of any size. */
  public long longInteger(String name, long ifAbsent) {
    AttributeProto attribute = take(name, AttributeType.INT);
    return attribute == null ? ifAbsent : attribute.getI();
  }

  public boolean flag(String name, boolean ifAbsent) {
    int value = integer(name, ifAbsent ? 1 : 0);
    if (value != 0 && value != 1) {
      throw location.error("attribute '%s' is %d; allowed: 0 and 1".formatted(name, value));
    }
    return value == 1;
  }

  public float real(String name, float ifAbsent) {
    AttributeProto attribute = take(name, AttributeType.FLOAT);
    if (attribute == null) {
      return ifAbsent;
    }
    if (!Float.isFinite(attribute.getF())) {
      throw location.error(
          "attribute '%s' is %s; it has to be finite".formatted(name, attribute.getF()));
    }
    return attribute.getF();
  }

  public String text(String name, String ifAbsent) {
    AttributeProto attribute = take(name, AttributeType.STRING);
    return attribute == null ? ifAbsent : attribute.getS().toStringUtf8();
  }

  /** Takes a list of {@code count} integers, each at least {@code smallest}. */
  public int[] integers(String name, int count, int smallest, int[] ifAbsent) {
    AttributeProto attribute = take(name, AttributeType.INTS);
    if (attribute == null) {
      return ifAbsent;
    }
    if (attribute.getIntsCount() != count) {
      throw location.error(
          "attribute '%s' has %d numbers; supported: %d, those of a 2-D image"
              .formatted(name, attribute.getIntsCount(), count));
    }
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = toInt(name, attribute.getInts(i));
      if (values[i] < smallest) {
        throw location.error(
            "attribute '%s' holds %d; the least allowed is %d"
                .formatted(name, values[i], smallest));
      }
    }
    return values;
  }

  /** Takes a list of integers of any length. */
  public int[] integers(String name, int[] ifAbsent) {
    AttributeProto attribute = take(name, AttributeType.INTS);
    return attribute == null
        ? ifAbsent
        : attribute.getIntsList().stream().mapToInt(value -> toInt(name, value)).toArray();
  }

  /** Takes a list of integers of any length and any size, as positions to be clamped. */
  public long[] longs(String name, long[] ifAbsent) {
    AttributeProto attribute = take(name, AttributeType.INTS);
    return attribute == null
        ? ifAbsent
        : attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  /** Takes a list of numbers. */
  public float[] reals(String name) {
    AttributeProto attribute = take(name, AttributeType.FLOATS);
    if (attribute == null) {
      return null;
    }
    float[] values = new float[attribute.getFloatsCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = attribute.getFloats(i);
    }
    return values;
  }

  /** Takes a tensor, or null. */
  TensorProto tensor(String name) {
    AttributeProto attribute = take(name, AttributeType.TENSOR);
    return attribute == null ? null : attribute.getT();
  }

  public boolean contains(String name) {
    return left.containsKey(name);
  }

  /** Refuses the attributes that were not taken. */
  public void requireAllTaken() {
    if (!left.isEmpty()) {
      throw location.error("attributes " + left.keySet() + " are not supported");
    }
  }

  private AttributeProto take(String name, AttributeType type) {
    AttributeProto attribute = left.remove(name);
    if (attribute == null) {
      return null;
    }
    if (!attribute.getRefAttrName().isEmpty()) {
      throw location.error("attribute '" + name + "' refers to a function's; not supported");
    }
    if (attribute.getType() != type) {
      throw location.error(
          "attribute '%s' has type %s instead of %s".formatted(name, attribute.getType(), type));
    }
    return attribute;
  }

  private int toInt(String name, long value) {
    if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
      throw location.error("attribute '%s' holds %d, which is too large".formatted(name, value));
    }
    return (int) value;
  }
}
