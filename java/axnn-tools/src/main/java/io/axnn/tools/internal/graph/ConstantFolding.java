package io.axnn.tools.internal.graph;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.axnn.tools.internal.onnx.CodeType;
import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.LinearQuantization;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import io.axnn.tools.internal.onnx.SliceRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Computes nodes whose inputs are constants when the file is read: exporters write shapes, axes and
 * padding as such sub-graphs. The shape of a value counts as a constant too; a dimension that the
 * file leaves open, as the number of images, goes through as NaN.
 */
final class ConstantFolding {
  @FunctionalInterface
  private interface Rule {
    ConstantTensor apply(NodeReader node);
  }

  private static final Map<String, Rule> RULES =
      Map.ofEntries(
          Map.entry("Add", arithmetic(Double::sum)),
          Map.entry("Cast", ConstantFolding::cast),
          Map.entry("Concat", ConstantFolding::concat),
          Map.entry("Constant", ConstantFolding::constant),
          Map.entry("ConstantOfShape", ConstantFolding::constantOfShape),
          Map.entry("DequantizeLinear", ConstantQuantization::dequantize),
          Map.entry("Div", arithmetic((a, b) -> a / b)),
          Map.entry("Gather", ConstantFolding::gather),
          Map.entry("Identity", node -> node.tensor(0, "input")),
          Map.entry("Mul", arithmetic((a, b) -> a * b)),
          Map.entry("QuantizeLinear", ConstantQuantization::quantize),
          Map.entry("Reshape", ConstantFolding::reshape),
          Map.entry("Shape", ConstantFolding::shape),
          Map.entry("Slice", ConstantFolding::slice),
          Map.entry("Squeeze", ConstantFolding::squeeze),
          Map.entry("Sub", arithmetic((a, b) -> a - b)),
          Map.entry("Transpose", ConstantFolding::transpose),
          Map.entry("Unsqueeze", ConstantFolding::unsqueeze));

  private ConstantFolding() {}

  /** What the node computes, if that is a constant. */
  static Optional<ConstantTensor> fold(NodeReader node) {
    String operator = node.location().operator();
    boolean constant = node.hasOnlyConstants() || operator.equals("Shape");
    if (!constant || !RULES.containsKey(operator)) {
      return Optional.empty();
    }
    ConstantTensor value = RULES.get(operator).apply(node);
    node.attributes().requireAllTaken();
    return Optional.of(value);
  }

  private static ConstantTensor constant(NodeReader node) {
    node.requireInputs(0, 0);
    ConstantTensor tensor = node.tensorAttribute("value");
    if (tensor != null) {
      return tensor;
    }
    if (node.attributes().contains("value_float")) {
      double value = node.attributes().real("value_float", 0);
      return new ConstantTensor(DataType.FLOAT, new int[0], new double[] {value});
    }
    if (node.attributes().contains("value_int")) {
      return ConstantTensor.of(node.attributes().integer("value_int", 0)).withShape();
    }
    float[] reals = node.attributes().reals("value_floats");
    if (reals != null) {
      double[] values = IntStream.range(0, reals.length).mapToDouble(i -> reals[i]).toArray();
      return new ConstantTensor(DataType.FLOAT, new int[] {values.length}, values);
    }
    int[] integers = node.attributes().integers("value_ints", null);
    if (integers != null) {
      return ConstantTensor.of(Arrays.stream(integers).asLongStream().toArray());
    }
    throw node.error("it holds no dense tensor of numbers");
  }

  private static ConstantTensor constantOfShape(NodeReader node) {
    node.requireInputs(1, 1);
    int[] shape = Arrays.stream(node.integers(0, "input")).mapToInt(Math::toIntExact).toArray();
    ConstantTensor value = node.tensorAttribute("value");
    return value == null
        ? ConstantTensor.fill(node.location(), DataType.FLOAT, shape, index -> 0)
        : ConstantTensor.fill(node.location(), value.type(), shape, index -> value.values()[0]);
  }

  private static ConstantTensor cast(NodeReader node) {
    node.requireInputs(1, 1);
    ConstantTensor x = node.tensor(0, "input");
    DataType to =
        Objects.requireNonNullElse(
            DataType.forNumber(node.attributes().integer("to", 0)), DataType.UNDEFINED);
    return switch (to) {
      case FLOAT -> {
        if (x.hasOpen()) {
          throw node.error("its input depends on a dimension that the file leaves open");
        }
        yield map(node, x, v -> (float) v).withType(to);
      }
      case INT64, INT32 -> map(node, x, v -> v < 0 ? Math.ceil(v) : Math.floor(v)).withType(to);
      case BOOL -> map(node, x, v -> v == 0 ? 0 : 1).withType(to);
      default -> ConstantQuantization.cast(node, x, to);
    };
  }

  private static ConstantTensor map(
      NodeReader node, ConstantTensor x, DoubleUnaryOperator function) {
    return ConstantTensor.fill(
        node.location(), x.type(), x.shape(), index -> function.applyAsDouble(x.at(index)));
  }

  private static ConstantTensor shape(NodeReader node) {
    node.requireInputs(1, 1);
    int[] shape = node.isConstant(0) ? node.tensor(0, "data").shape() : node.shape(0, "data");
    int rank = shape.length;
    int start = clamp(node.attributes().integer("start", 0), rank);
    int end = clamp(node.attributes().integer("end", rank), rank);
    double[] values =
        IntStream.range(start, Math.max(start, end))
            .mapToDouble(axis -> shape[axis] == Shapes.UNKNOWN ? Double.NaN : shape[axis])
            .toArray();
    return new ConstantTensor(DataType.INT64, new int[] {values.length}, values);
  }

  private static int clamp(int position, int size) {
    return Math.clamp(position < 0 ? position + (long) size : position, 0, size);
  }

  private static ConstantTensor gather(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor data = node.tensor(0, "data");
    ConstantTensor indices = node.tensor(1, "indices");
    int axis = node.axis("axis", node.attributes().integer("axis", 0), data.rank());
    int size = data.shape()[axis];
    for (double index : indices.values()) {
      if (!(index >= -size && index < size)) {
        throw node.error("it asks for element %s of %d".formatted(index, size));
      }
    }
    int[] shape = new int[data.rank() - 1 + indices.rank()];
    System.arraycopy(data.shape(), 0, shape, 0, axis);
    System.arraycopy(indices.shape(), 0, shape, axis, indices.rank());
    System.arraycopy(data.shape(), axis + 1, shape, axis + indices.rank(), data.rank() - axis - 1);
    return ConstantTensor.fill(
        node.location(),
        data.type(),
        shape,
        index -> {
          int which = (int) indices.values()[indices.flat(i -> index[axis + i])];
          int from = which < 0 ? which + size : which;
          return data.values()[
              data.flat(
                  i -> i < axis ? index[i] : i == axis ? from : index[i - 1 + indices.rank()])];
        });
  }

  private static ConstantTensor unsqueeze(NodeReader node) {
    ConstantTensor data = node.tensor(0, "data");
    long[] axes = axes(node);
    boolean[] added = marked(node, axes, data.rank() + axes.length);
    int[] shape = new int[added.length];
    int next = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = added[axis] ? 1 : data.shape()[next++];
    }
    return data.withShape(shape);
  }

  private static ConstantTensor squeeze(NodeReader node) {
    ConstantTensor data = node.tensor(0, "data");
    long[] axes = axes(node);
    boolean[] named = marked(node, axes, data.rank());
    List<Integer> kept = new ArrayList<>();
    for (int axis = 0; axis < named.length; axis++) {
      int size = data.shape()[axis];
      if (named[axis] && size != 1) {
        throw node.error("axis %d has %d elements; expected: 1".formatted(axis, size));
      }
      if (!named[axis] && (axes.length > 0 || size != 1)) {
        kept.add(size);
      }
    }
    return data.withShape(kept.stream().mapToInt(Integer::intValue).toArray());
  }

  /** The axes are an attribute up to opset 12, an input from 13 on. */
  private static long[] axes(NodeReader node) {
    node.requireInputs(1, 2);
    return node.hasInput(1)
        ? node.integers(1, "axes")
        : Arrays.stream(node.attributes().integers("axes", new int[0])).asLongStream().toArray();
  }

  private static boolean[] marked(NodeReader node, long[] axes, int rank) {
    boolean[] marked = new boolean[rank];
    for (long named : axes) {
      int axis = node.axis("axes", named, rank);
      if (marked[axis]) {
        throw node.error("axes name %d twice".formatted(axis));
      }
      marked[axis] = true;
    }
    return marked;
  }

  private static ConstantTensor concat(NodeReader node) {
    node.requireInputs(1, Integer.MAX_VALUE);
    List<ConstantTensor> parts =
        IntStream.range(0, node.inputs()).mapToObj(i -> node.tensor(i, "inputs")).toList();
    ConstantTensor first = parts.getFirst();
    int axis = node.axis("axis", node.attributes().integer("axis", 0), first.rank());
    int[] shape = first.shape().clone();
    shape[axis] = 0;
    for (ConstantTensor part : parts) {
      boolean fits = part.rank() == shape.length;
      for (int i = 0; fits && i < shape.length; i++) {
        fits = i == axis || part.shape()[i] == shape[i];
      }
      if (!fits) {
        throw node.error("its inputs differ in shape");
      }
      shape[axis] = Math.addExact(shape[axis], part.shape()[axis]);
    }
    return ConstantTensor.fill(
        node.location(),
        first.type(),
        shape,
        index -> {
          int position = index[axis];
          int part = 0;
          while (position >= parts.get(part).shape()[axis]) {
            position -= parts.get(part++).shape()[axis];
          }
          ConstantTensor from = parts.get(part);
          int at = position;
          return from.values()[from.flat(i -> i == axis ? at : index[i])];
        });
  }

  /** Starts, ends and axes are attributes up to opset 9, inputs from 10 on. */
  private static ConstantTensor slice(NodeReader node) {
    ConstantTensor data = node.tensor(0, "data");
    SliceRange[] ranges = SliceRange.read(node, data.shape());
    int[] shape = IntStream.range(0, ranges.length).map(i -> ranges[i].count()).toArray();
    return ConstantTensor.fill(
        node.location(),
        data.type(),
        shape,
        index -> data.values()[data.flat(i -> ranges[i].start() + index[i] * ranges[i].step())]);
  }

  private static ConstantTensor reshape(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor data = node.tensor(0, "data");
    boolean allowZero = node.attributes().flag("allowzero", false);
    long[] target = node.integers(1, "shape");
    int[] shape = new int[target.length];
    long known = 1;
    int inferred = -1;
    for (int i = 0; i < shape.length; i++) {
      boolean copied = target[i] == 0 && !allowZero && i < data.rank();
      shape[i] = copied ? data.shape()[i] : Math.toIntExact(target[i]);
      if (shape[i] < 0) {
        inferred = i;
      } else {
        known *= shape[i];
      }
    }
    int size = data.values().length;
    if (inferred >= 0) {
      shape[inferred] = known == 0 ? 0 : Math.toIntExact(size / known);
      known *= shape[inferred];
    }
    if (known != size || Arrays.stream(shape).anyMatch(n -> n < 0)) {
      throw node.error(
          "it cannot make %s of %s"
              .formatted(Arrays.toString(target), Arrays.toString(data.shape())));
    }
    return data.withShape(shape);
  }

  private static ConstantTensor transpose(NodeReader node) {
    node.requireInputs(1, 1);
    ConstantTensor data = node.tensor(0, "data");
    int rank = data.rank();
    int[] permutation =
        node.attributes()
            .integers("perm", IntStream.range(0, rank).map(i -> rank - 1 - i).toArray());
    boolean[] seen = marked(node, Arrays.stream(permutation).asLongStream().toArray(), rank);
    for (boolean axis : seen) {
      if (!axis) {
        throw node.error("attribute 'perm' leaves an axis out");
      }
    }
    int[] shape = Arrays.stream(permutation).map(axis -> data.shape()[axis]).toArray();
    int[] position = new int[rank];
    for (int i = 0; i < rank; i++) {
      position[permutation[i]] = i;
    }
    ConstantTensor turned =
        ConstantTensor.fill(
            node.location(),
            data.type(),
            shape,
            index -> data.values()[data.flat(axis -> index[position[axis]])]);
    LinearQuantization quantization = data.quantization();
    return quantization == null || quantization.isPerTensor()
        ? turned.withQuantization(quantization)
        : turned.withQuantization(quantization.withAxis(position[quantization.axis()]));
  }

  /** Element by element, broadcast as NumPy does; integers are divided towards zero. */
  private static Rule arithmetic(DoubleBinaryOperator operation) {
    return node -> {
      node.requireInputs(2, 2);
      ConstantTensor a = node.tensor(0, "A");
      ConstantTensor b = node.tensor(1, "B");
      if (a.type() != DataType.INT32 && CodeType.of(a.type()).isPresent()) {
        throw node.error(
            "its inputs are constants of %s; supported: FLOAT, INT64, INT32".formatted(a.type()));
      }
      int[] shape = new int[Math.max(a.rank(), b.rank())];
      for (int i = 1; i <= shape.length; i++) {
        int left = i <= a.rank() ? a.shape()[a.rank() - i] : 1;
        int right = i <= b.rank() ? b.shape()[b.rank() - i] : 1;
        if (left != right && left != 1 && right != 1) {
          throw node.error(
              "its inputs have shapes %s and %s, which do not broadcast"
                  .formatted(Arrays.toString(a.shape()), Arrays.toString(b.shape())));
        }
        shape[shape.length - i] = left == 1 ? right : left;
      }
      return ConstantTensor.fill(
          node.location(),
          a.type(),
          shape,
          index -> {
            double exact = operation.applyAsDouble(a.at(index), b.at(index));
            if (a.isFloat()) {
              return (float) exact;
            }
            if (Double.isInfinite(exact)) {
              throw node.error("it divides by zero");
            }
            return exact < 0 ? Math.ceil(exact) : Math.floor(exact);
          });
    };
  }
}
