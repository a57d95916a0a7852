package io.axnn.tools.internal.constants;

import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.tools.ModelException;
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
              MatrixRules.RULES,
              ReductionRules.RULES,
              SelectionRules.RULES,
              ShapeRules.RULES,
              Map.<String, ConstantRule>of(
                  "DequantizeLinear", QuantizationRules::dequantize,
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
      throw unsupported(node);
    }
    node.attributes().requireAllTaken();
    return values;
  }

  private static ModelException unsupported(NodeReader node) {
    return node.error(
        "the operator is not supported among constants; supported there: %s, %s, and what"
                .formatted(String.join(", ", RULES.keySet()), SPLIT)
            + " networks may have without weights: "
            + Operators.supported());
  }

  /** The network's own operator, in float32, on a constant in the place of a batch. */
  private static ConstantTensor asInANetwork(NodeReader node) {
    ConstantTensor x = node.tensor(0, "X");
    if (x.isInteger()) {
      throw node.error(
          "it has a constant of %s as input; supported: FLOAT, DOUBLE, FLOAT16"
              .formatted(x.type()));
    }
    NodeReader ofValue = node.withComputedInput(0, x.shape());
    if (!(Operators.read(ofValue) instanceof Operator.Plain operator)) {
      throw unsupported(node);
    }
    int[] shape = operator.outputShape(List.of(x.shape()));
    int size = ConstantTensor.size(node.location(), shape);
    Tensor y = Tensor.allocate(DataType.FLOAT32, shape);
    operator.apply(List.of(Tensor.of(x.toFloats(), x.shape())), y);
    float[] values = y.toFloatArray();
    return new ConstantTensor(
        x.type(), shape, IntStream.range(0, size).mapToDouble(i -> x.rounded(values[i])).toArray());
  }
}
