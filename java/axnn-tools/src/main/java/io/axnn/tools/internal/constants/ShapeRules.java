package io.axnn.tools.internal.constants;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.LinearQuantization;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What makes constants, and gives them other shapes. */
final class ShapeRules {
  static final Map<String, ConstantRule> RULES =
      Map.ofEntries(
          Map.entry("Concat", ShapeRules::concat),
          Map.entry("Constant", ShapeRules::constant),
          Map.entry("ConstantOfShape", ShapeRules::constantOfShape),
          Map.entry("Expand", ShapeRules::expand),
          Map.entry("Flatten", ShapeRules::flatten),
          Map.entry("Identity", node -> node.tensor(0, "input")),
          Map.entry("Range", ShapeRules::range),
          Map.entry("Reshape", ShapeRules::reshape),
          Map.entry("Shape", ShapeRules::shape),
          Map.entry("Size", ShapeRules::size),
          Map.entry("Squeeze", ShapeRules::squeeze),
          Map.entry("Tile", ShapeRules::tile),
          Map.entry("Transpose", ShapeRules::transpose),
          Map.entry("Unsqueeze", ShapeRules::unsqueeze));

  private ShapeRules() {}

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
      return ConstantTensor.of(node.attributes().longInteger("value_int", 0)).withShape();
    }
    float[] reals = node.attributes().reals("value_floats");
    if (reals != null) {
      double[] values = IntStream.range(0, reals.length).mapToDouble(i -> reals[i]).toArray();
      return new ConstantTensor(DataType.FLOAT, new int[] {values.length}, values);
    }
    long[] integers = node.attributes().longs("value_ints", null);
    if (integers != null) {
      return ConstantTensor.of(integers);
    }
    throw node.error("it holds no dense tensor of numbers");
  }

  private static ConstantTensor constantOfShape(NodeReader node) {
    node.requireInputs(1, 1);
    int[] shape = Arrays.stream(node.integers(0, "input")).mapToInt(node::dimension).toArray();
    ConstantTensor value = node.tensorAttribute("value");
    return value == null
        ? ConstantTensor.fill(node.location(), DataType.FLOAT, shape, index -> 0)
        : ConstantTensor.fill(node.location(), value.type(), shape, index -> value.values()[0]);
  }

  private static ConstantTensor range(NodeReader node) {
    node.requireInputs(3, 3);
    ConstantTensor start = node.tensor(0, "start");
    double first = node.decidedNumber(0, "start");
    double limit = node.decidedNumber(1, "limit");
    double delta = node.decidedNumber(2, "delta");
    double count = Math.max(Math.ceil((limit - first) / delta), 0);
    if (!(count <= Integer.MAX_VALUE)) {
      throw node.error("from %s to %s in steps of %s it has no end".formatted(first, limit, delta));
    }
    return ConstantTensor.fill(
        node.location(),
        start.type(),
        new int[] {(int) count},
        index -> start.rounded(first + index[0] * delta));
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

  private static ConstantTensor size(NodeReader node) {
    node.requireInputs(1, 1);
    int[] shape = node.isConstant(0) ? node.tensor(0, "data").shape() : node.shape(0, "data");
    double size = 1;
    for (int dimension : shape) {
      size *= dimension == Shapes.UNKNOWN ? Double.NaN : dimension;
    }
    return new ConstantTensor(DataType.INT64, new int[0], new double[] {size});
  }

  private static ConstantTensor expand(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor data = node.tensor(0, "input");
    int[] target = Arrays.stream(node.integers(1, "shape")).mapToInt(node::dimension).toArray();
    int[] shape = Broadcast.shape(node, data.shape(), target);
    return ConstantTensor.fill(node.location(), data.type(), shape, data::at);
  }

  private static ConstantTensor tile(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor data = node.tensor(0, "input");
    int[] repeats = Arrays.stream(node.integers(1, "repeats")).mapToInt(node::dimension).toArray();
    if (repeats.length != data.rank()) {
      throw node.error(
          "it has %d repeats for an input of rank %d".formatted(repeats.length, data.rank()));
    }
    int[] shape =
        IntStream.range(0, data.rank())
            .map(axis -> node.dimension((long) data.shape()[axis] * repeats[axis]))
            .toArray();
    return ConstantTensor.fill(
        node.location(),
        data.type(),
        shape,
        index -> data.values()[data.flat(axis -> index[axis] % data.shape()[axis])]);
  }

  private static ConstantTensor flatten(NodeReader node) {
    node.requireInputs(1, 1);
    ConstantTensor data = node.tensor(0, "input");
    int axis = node.attributes().integer("axis", 1);
    int split = axis < 0 ? axis + data.rank() : axis;
    if (split < 0 || split > data.rank()) {
      throw node.error("attribute 'axis' is %d for rank %d".formatted(axis, data.rank()));
    }
    return data.withShape(
        node.dimension(Shapes.product(data.shape(), 0, split)),
        node.dimension(Shapes.product(data.shape(), split, data.rank())));
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
        : node.attributes().longs("axes", new long[0]);
  }

  /** Which axes are named, each at most once. */
  static boolean[] marked(NodeReader node, long[] axes, int rank) {
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
      shape[axis] = node.dimension((long) shape[axis] + part.shape()[axis]);
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

  private static ConstantTensor reshape(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor data = node.tensor(0, "data");
    boolean allowZero = node.attributes().flag("allowzero", false);
    long[] target = node.integers(1, "shape");
    int[] shape = new int[target.length];
    double known = 1; // a long could wrap around
    int inferred = -1;
    for (int i = 0; i < shape.length; i++) {
      boolean copied = target[i] == 0 && !allowZero && i < data.rank();
      shape[i] = copied ? data.shape()[i] : target[i] < 0 ? -1 : node.dimension(target[i]);
      if (shape[i] < 0) {
        inferred = i;
      } else {
        known *= shape[i];
      }
    }
    int size = data.values().length;
    if (inferred >= 0) {
      shape[inferred] = known == 0 ? 0 : (int) (size / known);
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
}
