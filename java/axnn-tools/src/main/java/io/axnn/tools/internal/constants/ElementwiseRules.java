package io.axnn.tools.internal.constants;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.axnn.tools.internal.onnx.CodeType;
import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * Arithmetic, comparisons and logic, element by element. A dimension that the file leaves open
 * stays so, or is decided, as {@link OpenDimensions} says.
 */
final class ElementwiseRules {
  static final Map<String, ConstantRule> RULES =
      Map.ofEntries(
          Map.entry("Abs", unary(Math::abs)),
          Map.entry("Add", arithmetic(Double::sum)),
          Map.entry("And", logic((a, b) -> a * b)),
          Map.entry("Cast", ElementwiseRules::cast),
          Map.entry("Ceil", unary(Math::ceil)),
          Map.entry("Div", arithmetic((a, b) -> a / b)),
          Map.entry("Clip", ElementwiseRules::clip),
          Map.entry("Equal", ElementwiseRules::equal),
          Map.entry("Exp", unary(Math::exp)),
          Map.entry("Floor", unary(Math::floor)),
          Map.entry("Greater", comparison((a, b) -> a > b ? 1 : 0)),
          Map.entry("GreaterOrEqual", comparison((a, b) -> a >= b ? 1 : 0)),
          Map.entry("Less", comparison((a, b) -> a < b ? 1 : 0)),
          Map.entry("LessOrEqual", comparison((a, b) -> a <= b ? 1 : 0)),
          Map.entry("Log", unary(Math::log)),
          Map.entry("Max", ofMany(Math::max)),
          Map.entry("Min", ofMany(Math::min)),
          Map.entry("Mod", ElementwiseRules::mod),
          Map.entry("Mul", arithmetic((a, b) -> a * b)),
          Map.entry("Neg", unary(x -> -x)),
          Map.entry("Not", node -> unary(x -> 1 - x).apply(node).withType(DataType.BOOL)),
          Map.entry("Or", logic(Math::max)),
          Map.entry("Pow", ElementwiseRules::pow),
          Map.entry("Reciprocal", unary(x -> 1 / x)),
          Map.entry("Round", unary(Math::rint)),
          Map.entry("Sign", unary(Math::signum)),
          Map.entry("Sqrt", unary(Math::sqrt)),
          Map.entry("Sub", arithmetic((a, b) -> a - b)),
          Map.entry("Tanh", unary(Math::tanh)),
          Map.entry("Where", ElementwiseRules::where),
          Map.entry("Xor", logic((a, b) -> Math.abs(a - b))));

  private ElementwiseRules() {}

  private static ConstantRule unary(DoubleUnaryOperator function) {
    return node -> {
      node.requireInputs(1, 1);
      ConstantTensor x = node.tensor(0, "X");
      requireNumbers(node, x);
      DoubleBinaryOperator ofFirst =
          computed(node, x, (value, unused) -> function.applyAsDouble(value));
      return map(node, x, value -> ofFirst.applyAsDouble(value, 0));
    };
  }

  private static ConstantTensor map(
      NodeReader node, ConstantTensor x, DoubleUnaryOperator function) {
    return ConstantTensor.fill(
        node.location(), x.type(), x.shape(), index -> function.applyAsDouble(x.at(index)));
  }

  /** Codes of quantised tensors are no numbers to compute with. */
  private static void requireNumbers(NodeReader node, ConstantTensor x) {
    if (x.type() != DataType.INT32 && CodeType.of(x.type()).isPresent()) {
      throw node.error(
          "its inputs are constants of %s; supported: FLOAT, INT64, INT32".formatted(x.type()));
    }
  }

  /** An operation whose results are of the type of x; integers are divided towards zero. */
  private static DoubleBinaryOperator computed(
      NodeReader node, ConstantTensor x, DoubleBinaryOperator operation) {
    DoubleBinaryOperator rounded = (a, b) -> x.rounded(operation.applyAsDouble(a, b));
    return x.isInteger() ? OpenDimensions.monotone(node, rounded) : rounded;
  }

  private static ConstantRule arithmetic(DoubleBinaryOperator operation) {
    return node -> {
      node.requireInputs(2, 2);
      ConstantTensor a = node.tensor(0, "A");
      ConstantTensor b = node.tensor(1, "B");
      requireNumbers(node, a);
      return combine(node, a, b, a.type(), computed(node, a, operation));
    };
  }

  private static ConstantTensor combine(
      NodeReader node,
      ConstantTensor a,
      ConstantTensor b,
      DataType type,
      DoubleBinaryOperator operation) {
    return ConstantTensor.fill(
        node.location(),
        type,
        Broadcast.shape(node, a.shape(), b.shape()),
        index -> operation.applyAsDouble(a.at(index), b.at(index)));
  }

  /** Python's remainder, or C's with the attribute 'fmod'. */
  private static ConstantTensor mod(NodeReader node) {
    node.requireInputs(2, 2);
    OpenDimensions.requireDecided(node, node.tensor(0, "A"));
    OpenDimensions.requireDecided(node, node.tensor(1, "B"));
    boolean ofC = node.attributes().flag("fmod", false);
    return arithmetic(ofC ? (a, b) -> a % b : (a, b) -> a - b * Math.floor(a / b)).apply(node);
  }

  /** An open exponent is refused: of a negative base its powers change their sign. */
  private static ConstantTensor pow(NodeReader node) {
    node.requireInputs(2, 2);
    OpenDimensions.requireDecided(node, node.tensor(1, "Y"));
    return arithmetic(Math::pow).apply(node);
  }

  /** The limits are attributes up to opset 10, inputs from 11 on. */
  private static ConstantTensor clip(NodeReader node) {
    boolean attributes = node.opset() < 11;
    node.requireInputs(1, attributes ? 1 : 3);
    ConstantTensor x = node.tensor(0, "input");
    double min =
        attributes
            ? node.attributes().real("min", -Float.MAX_VALUE)
            : limit(node, 1, "min", Double.NEGATIVE_INFINITY);
    double max =
        attributes
            ? node.attributes().real("max", Float.MAX_VALUE)
            : limit(node, 2, "max", Double.POSITIVE_INFINITY);
    DoubleBinaryOperator ofFirst =
        computed(node, x, (value, unused) -> Math.min(Math.max(value, min), max));
    return map(node, x, value -> ofFirst.applyAsDouble(value, 0));
  }

  private static double limit(NodeReader node, int index, String name, double ifAbsent) {
    return node.hasInput(index) ? node.decidedNumber(index, name) : ifAbsent;
  }

  private static ConstantRule ofMany(DoubleBinaryOperator operation) {
    return node -> {
      node.requireInputs(1, Integer.MAX_VALUE);
      ConstantTensor result = node.tensor(0, "data_0");
      for (int i = 1; i < node.inputs(); i++) {
        ConstantTensor next = node.tensor(i, "data_" + i);
        result = combine(node, result, next, result.type(), computed(node, next, operation));
      }
      return result;
    };
  }

  private static ConstantRule comparison(DoubleBinaryOperator operation) {
    return node -> {
      node.requireInputs(2, 2);
      ConstantTensor a = node.tensor(0, "A");
      ConstantTensor b = node.tensor(1, "B");
      return combine(
          node,
          a,
          b,
          DataType.BOOL,
          a.isInteger() ? OpenDimensions.monotone(node, operation) : operation);
    };
  }

  /** Of integers by the sign of their difference, which is monotone as equality is not. */
  private static ConstantTensor equal(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor a = node.tensor(0, "A");
    ConstantTensor b = node.tensor(1, "B");
    DoubleBinaryOperator order = OpenDimensions.monotone(node, (x, y) -> Math.signum(x - y));
    return combine(
        node,
        a,
        b,
        DataType.BOOL,
        a.isInteger()
            ? (x, y) -> order.applyAsDouble(x, y) == 0 ? 1 : 0
            : (x, y) -> x == y ? 1 : 0);
  }

  private static ConstantRule logic(DoubleBinaryOperator operation) {
    return node -> {
      node.requireInputs(2, 2);
      return combine(node, node.tensor(0, "A"), node.tensor(1, "B"), DataType.BOOL, operation);
    };
  }

  private static ConstantTensor where(NodeReader node) {
    node.requireInputs(3, 3);
    ConstantTensor condition = node.tensor(0, "condition");
    ConstantTensor x = node.tensor(1, "X");
    ConstantTensor y = node.tensor(2, "Y");
    int[] shape =
        Broadcast.shape(node, condition.shape(), Broadcast.shape(node, x.shape(), y.shape()));
    return ConstantTensor.fill(
        node.location(),
        x.type(),
        shape,
        index -> condition.at(index) != 0 ? x.at(index) : y.at(index));
  }

  private static ConstantTensor cast(NodeReader node) {
    node.requireInputs(1, 1);
    ConstantTensor x = node.tensor(0, "input");
    DataType to =
        Objects.requireNonNullElse(
            DataType.forNumber(node.attributes().integer("to", 0)), DataType.UNDEFINED);
    return switch (to) {
      case FLOAT, DOUBLE, FLOAT16 -> {
        OpenDimensions.requireDecided(node, x);
        ConstantTensor typed = x.withType(to);
        yield map(node, typed, typed::rounded);
      }
      case INT64, INT32 -> {
        ConstantTensor typed = x.withType(to);
        yield map(node, typed, value -> typed.rounded(requireInteger(node, x, value)));
      }
      case BOOL -> map(node, x, v -> v == 0 ? 0 : 1).withType(to);
      default -> QuantizationRules.cast(node, x, to);
    };
  }

  private static double requireInteger(NodeReader node, ConstantTensor x, double value) {
    if (!x.isInteger() && !Double.isFinite(value)) {
      throw node.error("its input holds %s, which is no integer".formatted(value));
    }
    return value;
  }
}
