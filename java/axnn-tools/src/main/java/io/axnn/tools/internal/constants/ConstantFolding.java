package io.axnn.tools.internal.constants;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.operators.Operator;
import io.axnn.tools.internal.operators.Operators;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Computes nodes whose inputs are constants when the file is read: exporters write shapes, axes and
 * padding as such sub-graphs, and weights. The shape of a value counts as a constant too; a
 * dimension that the file leaves open, as the number of images, goes through as NaN. Operators that
 * have no rule here run as they do in a network.
 */
public final class ConstantFolding {
  private static final Map<String, ConstantRule> RULES =
      Stream.of(
              ElementwiseRules.RULES,
              ReductionRules.RULES,
              SelectionRules.RULES,
              ShapeRules.RULES,
              Map.<String, ConstantRule>of(
                  "DequantizeLinear", QuantizationRules::dequantize,
                  "MatMul", ConstantFolding::matMul,
                  "QuantizeLinear", QuantizationRules::quantize))
          .flatMap(rules -> rules.entrySet().stream())
          .collect(
              Collectors.toMap(
                  Map.Entry::getKey,
                  Map.Entry::getValue,
                  (first, second) -> {
                    throw new IllegalStateException("an operator has two rules");
                  },
                  TreeMap::new));

  /** What reads the shape of a value and not the value. */
  private static final Set<String> OF_SHAPES = Set.of("Shape", "Size");

  private static final String SPLIT = "Split";

  private ConstantFolding() {}

  /** What the node computes, if that is constant: a tensor for each output; else none. */
  public static List<ConstantTensor> fold(NodeReader node) {
    String operator = node.location().operator();
    if (!node.hasOnlyConstants() && !OF_SHAPES.contains(operator)) {
      return List.of();
    }
    List<ConstantTensor> values;
    if (operator.equals(SPLIT)) {
      values = SelectionRules.split(node, node.outputs().size());
    } else if (RULES.containsKey(operator)) {
      values = List.of(RULES.get(operator).apply(node));
    } else if (node.inputs() == 0) {
      return List.of();
    } else if (Operators.isSupported(operator)) {
      return List.of(asInANetwork(node));
    } else {
      throw node.error(
          "the operator is not supported among constants; supported there: %s, %s, and what"
                  .formatted(String.join(", ", RULES.keySet()), SPLIT)
              + " networks may have: "
              + Operators.supported());
    }
    node.attributes().requireAllTaken();
    return values;
  }

  /** The network's own operator on a constant in the place of a batch. */
  private static ConstantTensor asInANetwork(NodeReader node) {
    ConstantTensor x = node.tensor(0, "X");
    NodeReader ofValue = node.withComputedInput(0, x.shape());
    if (x.type() != DataType.FLOAT
        || !(Operators.read(ofValue) instanceof Operator.Plain operator)) {
      throw node.error(
          "it has a constant of %s as input; supported: FLOAT, and a computed value"
              .formatted(x.type()));
    }
    int[] shape = operator.outputShape(List.of(x.shape()));
    Tensor y = Tensor.allocate(io.axnn.DataType.FLOAT32, shape);
    operator.apply(List.of(Tensor.of(x.toFloats(), x.shape())), y);
    float[] values = y.toFloatArray();
    return new ConstantTensor(
        DataType.FLOAT,
        shape,
        IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray());
  }

  /** Of two matrices. */
  private static ConstantTensor matMul(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor a = node.tensor(0, "A");
    ConstantTensor b = node.tensor(1, "B");
    if (a.rank() != 2 || b.rank() != 2 || a.shape()[1] != b.shape()[0]) {
      throw node.error("its constants are no two matrices that fit");
    }
    int depth = a.shape()[1];
    int columns = b.shape()[1];
    return ConstantTensor.fill(
        node.location(),
        a.type(),
        new int[] {a.shape()[0], columns},
        index -> {
          double sum = 0;
          for (int k = 0; k < depth; k++) {
            sum += a.values()[index[0] * depth + k] * b.values()[k * columns + index[1]];
          }
          return a.rounded(sum);
        });
  }
}
