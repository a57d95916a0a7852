package io.axnn.tools.internal.operators;

import io.axnn.tools.internal.onnx.NodeReader;
import java.util.Map;
import java.util.TreeMap;

/** All operators by their ONNX names. */
public final class Operators {
  private static final Map<String, Operator.Reader> READERS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("BatchNormalization", BatchNormalization::read),
              Map.entry("Conv", Conv::read),
              Map.entry("Flatten", Flatten::read),
              Map.entry("Gemm", Gemm::read),
              Map.entry("MaxPool", MaxPool::read),
              Map.entry("Relu", Relu::read),
              Map.entry("Sign", Sign::read)));

  private Operators() {}

  /** Makes the operator of a node of ONNX's own domain. */
  public static Operator read(NodeReader node) {
    Operator.Reader reader = READERS.get(node.location().operator());
    if (reader == null) {
      throw node.error("the operator is not supported; supported: " + supported());
    }
    Operator operator = reader.read(node);
    node.attributes().requireAllTaken();
    return operator;
  }

  /** The names, for error messages. */
  public static String supported() {
    return String.join(", ", READERS.keySet());
  }
}
