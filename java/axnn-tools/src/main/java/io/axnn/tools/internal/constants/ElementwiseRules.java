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
 * Arithmetic, comparisons and logic, element by element. A dimension that the file leaves open, NaN
 * among integers, stays open in arithmetic; it is at least 1, which decides some comparisons.
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
          Map.entry("Equal", comparison((a, b) -> a == b ? 1 : 0)),
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
          Map.entry("Pow", arithmetic(Math::pow)),
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
      return map(node, x, value -> x.rounded(function.applyAsDouble(value)));
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

  /** Integers are divided towards zero. */
  private static ConstantRule arithmetic(DoubleBinaryOperator operation) {
    return node -> {
      node.requireInputs(2, 2);
      ConstantTensor a = node.tensor(0, "A");
      ConstantTensor b = node.tensor(1, "B");
      requireNumbers(node, a);
      return combine(node, a, b, a.type(), (x, y) -> a.rounded(operation.applyAsDouble(x, y)));
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
        index -> {
          double value = operation.applyAsDouble(a.at(index), b.at(index));
          if (type != DataType.BOOL && !isFloat(type) && Double.isInfinite(value)) {
            throw node.error("it divides by zero");
          }
          return value;
        });
  }

  private static boolean isFloat(DataType type) {
    return type == DataType.FLOAT || type == DataType.DOUBLE || type == DataType.FLOAT16;
  }

  /** Python's remainder, or C's with the attribute 'fmod'. */
  private static ConstantTensor mod(NodeReader node) {
    boolean ofC = node.attributes().flag("fmod", false);
    return arithmetic(ofC ? (a, b) -> a % b : (a, b) -> a - b * Math.floor(a / b)).apply(node);
  }

  private static ConstantRule ofMany(DoubleBinaryOperator operation) {
    return node -> {
      node.requireInputs(1, Integer.MAX_VALUE);
      ConstantTensor result = node.tensor(0, "data_0");
      requireDecided(node, result);
      for (int i = 1; i < node.inputs(); i++) {
        ConstantTensor next = node.tensor(i, "data_" + i);
        requireDecided(node, next);
        result = combine(node, result, next, result.type(), operation);
      }
      return result;
    };
  }

  private static void requireDecided(NodeReader node, ConstantTensor x) {
    if (x.hasOpen()) {
      throw undecided(node);
    }
  }

  private static RuntimeException undecided(NodeReader node) {
    return node.error("its result depends on a dimension that the file leaves open");
  }

  private static ConstantRule comparison(DoubleBinaryOperator operation) {
    return node -> {
      node.requireInputs(2, 2);
      ConstantTensor a = node.tensor(0, "A");
      ConstantTensor b = node.tensor(1, "B");
      boolean open = a.hasOpen() || b.hasOpen();
      return combine(
          node,
          a,
          b,
          DataType.BOOL,
          (x, y) ->
              open && (Double.isNaN(x) || Double.isNaN(y))
                  ? ofOpen(node, x, y, operation)
                  : operation.applyAsDouble(x, y));
    };
  }

  /** What is compared with 0 or less has the same result for every dimension. */
  private static double ofOpen(
      NodeReader node, double x, double y, DoubleBinaryOperator operation) {
    if (x <= 0) {
      return operation.applyAsDouble(x, 1);
    }
    if (y <= 0) {
      return operation.applyAsDouble(1, y);
    }
    throw undecided(node);
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
        requireDecided(node, x);
        ConstantTensor typed = x.withType(to);
        yield map(node, typed, typed::rounded);
      }
      case INT64, INT32 -> {
        ConstantTensor typed = x.withType(to);
        yield map(node, typed, typed::rounded);
      }
      case BOOL -> map(node, x, v -> v == 0 ? 0 : 1).withType(to);
      default -> QuantizationRules.cast(node, x, to);
    };
  }
}
