package io.axnn.tools.internal.operators;

import io.axnn.tools.internal.onnx.NodeReader;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All operators by their ONNX names. */
public final class Operators {
  private static final Map<String, Operator.Reader> READERS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("Add", Arithmetics.reader((a, b) -> a + b)),
              Map.entry("AveragePool", AveragePool::read),
              Map.entry("BatchNormalization", BatchNormalization::read),
              Map.entry("Clip", Clip::read),
              Map.entry("Concat", Concat::read),
              Map.entry("Conv", Conv::read),
              Map.entry("DequantizeLinear", FakeQuantize::read),
              Map.entry("Div", Arithmetics.reader((a, b) -> a / b)),
              Map.entry("Dropout", Elementwise::readDropout),
              Map.entry("Flatten", Flatten::read),
              Map.entry("Gemm", Gemm::read),
              Map.entry("GlobalAveragePool", Mean::readGlobalAveragePool),
              Map.entry("Identity", Elementwise::readIdentity),
              Map.entry("LeakyRelu", Elementwise::readLeakyRelu),
              Map.entry("MatMul", Gemm::readMatMul),
              Map.entry("MaxPool", MaxPool::read),
              Map.entry("Mul", Arithmetics.reader((a, b) -> a * b)),
              Map.entry("Pad", Pad::read),
              Map.entry("ReduceMean", Mean::readReduceMean),
              Map.entry("Relu", Clip::readRelu),
              Map.entry("Reshape", Reshape::read),
              Map.entry("Sigmoid", Elementwise::readSigmoid),
              Map.entry("Sign", Sign::read),
              Map.entry("Slice", Slice::read),
              Map.entry("Softmax", Softmax::read),
              Map.entry("Sub", Arithmetics.reader((a, b) -> a - b)),
              Map.entry("Transpose", Transpose::read)));

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

  /** True if networks may have the operator. */
  public static boolean isSupported(String operator) {
    return READERS.containsKey(operator);
  }

  /** The names, for error messages. A QuantizeLinear is read with its DequantizeLinear. */
  public static String supported() {
    return Stream.concat(READERS.keySet().stream(), Stream.of("QuantizeLinear"))
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
