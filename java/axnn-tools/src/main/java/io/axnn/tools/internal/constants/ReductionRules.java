package io.axnn.tools.internal.constants;

import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What makes one number of all along some axes. */
final class ReductionRules {
  static final Map<String, ConstantRule> RULES =
      Map.of(
          "ReduceMax", reduction(values -> values.max().orElseThrow()),
          "ReduceMean", reduction(values -> values.average().orElseThrow()),
          "ReduceMin", reduction(values -> values.min().orElseThrow()),
          "ReduceProd", reduction(values -> values.reduce(1, (a, b) -> a * b)),
          "ReduceSum", reduction(DoubleStream::sum));

  private ReductionRules() {}

  private static ConstantRule reduction(ToDoubleFunction<DoubleStream> function) {
    return node -> {
      ConstantTensor data = node.tensor(0, "data");
      boolean[] reduced = reducedAxes(node, data.rank());
      boolean keep = node.attributes().flag("keepdims", true);
      if (data.values().length == 0) {
        throw node.error("its input is empty");
      }
      int[] kept =
          IntStream.range(0, data.rank()).map(i -> reduced[i] ? 1 : data.shape()[i]).toArray();
      int[] part =
          IntStream.range(0, data.rank()).map(i -> reduced[i] ? data.shape()[i] : 1).toArray();
      ConstantTensor result =
          ConstantTensor.fill(
              node.location(),
              data.type(),
              kept,
              index -> reduced(node, data, values(node, data, index, part), function));
      return keep ? result : result.withShape(dropped(kept, reduced));
    };
  }

  /** Where a dimension is open, so is the result, which is sure to be 1 or more if all are. */
  private static double reduced(
      NodeReader node,
      ConstantTensor data,
      double[] values,
      ToDoubleFunction<DoubleStream> function) {
    if (data.isInteger() && Arrays.stream(values).anyMatch(Double::isNaN)) {
      if (Arrays.stream(values).anyMatch(value -> value < 1)) {
        throw OpenDimensions.undecided(node);
      }
      return Double.NaN;
    }
    return data.rounded(function.applyAsDouble(Arrays.stream(values)));
  }

  /** Those of the part of data that begins at an index. */
  private static double[] values(NodeReader node, ConstantTensor data, int[] start, int[] part) {
    ConstantTensor values =
        ConstantTensor.fill(
            node.location(),
            data.type(),
            part,
            index -> data.values()[data.flat(axis -> start[axis] + index[axis])]);
    return values.values();
  }

  /** Named by an attribute up to opset 17 (of ReduceSum: 12), by an input from then on. */
  private static boolean[] reducedAxes(NodeReader node, int rank) {
    node.requireInputs(1, 2);
    boolean nothing = node.attributes().flag("noop_with_empty_axes", false);
    long[] axes =
        node.hasInput(1) ? node.integers(1, "axes") : node.attributes().longs("axes", new long[0]);
    boolean[] reduced = ShapeRules.marked(node, axes, rank);
    if (axes.length == 0) {
      Arrays.fill(reduced, !nothing);
    }
    return reduced;
  }

  private static int[] dropped(int[] shape, boolean[] reduced) {
    List<Integer> left = new ArrayList<>();
    for (int axis = 0; axis < shape.length; axis++) {
      if (!reduced[axis]) {
        left.add(shape[axis]);
      }
    }
    return left.stream().mapToInt(Integer::intValue).toArray();
  }
}
