package io.axnn.tools.internal.constants;

import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.SliceRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What takes elements of constants. */
final class SelectionRules {
  static final Map<String, ConstantRule> RULES =
      Map.of(
          "Gather", SelectionRules::gather,
          "GatherElements", SelectionRules::gatherElements,
          "GatherND", SelectionRules::gatherNd,
          "ScatterND", SelectionRules::scatterNd,
          "Slice", SelectionRules::slice);

  private SelectionRules() {}

  private static ConstantTensor gather(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor data = node.tensor(0, "data");
    ConstantTensor indices = node.tensor(1, "indices");
    int axis = node.axis("axis", node.attributes().integer("axis", 0), data.rank());
    int size = data.shape()[axis];
    for (double index : indices.values()) {
      position(node, index, size);
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
          double which = indices.values()[indices.flat(i -> index[axis + i])];
          int from = position(node, which, size);
          return data.values()[
              data.flat(
                  i -> i < axis ? index[i] : i == axis ? from : index[i - 1 + indices.rank()])];
        });
  }

  /** An index counted from the first element. */
  private static int position(NodeReader node, double index, int size) {
    if (Double.isNaN(index)) {
      throw OpenDimensions.undecided(node);
    }
    if (index < -size || index >= size) {
      throw node.error("it asks for element %s of %d".formatted(index, size));
    }
    return (int) (index < 0 ? index + size : index);
  }

  private static ConstantTensor gatherElements(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor data = node.tensor(0, "data");
    ConstantTensor indices = node.tensor(1, "indices");
    int axis = node.axis("axis", node.attributes().integer("axis", 0), data.rank());
    boolean fits = indices.rank() == data.rank();
    for (int i = 0; fits && i < data.rank(); i++) {
      fits = i == axis || indices.shape()[i] <= data.shape()[i];
    }
    if (!fits) {
      throw node.error("its indices do not fit its data");
    }
    return ConstantTensor.fill(
        node.location(),
        data.type(),
        indices.shape(),
        index -> {
          int from = position(node, indices.at(index), data.shape()[axis]);
          return data.values()[data.flat(i -> i == axis ? from : index[i])];
        });
  }

  private static ConstantTensor gatherNd(NodeReader node) {
    node.requireInputs(2, 2);
    ConstantTensor data = node.tensor(0, "data");
    ConstantTensor indices = node.tensor(1, "indices");
    if (node.attributes().integer("batch_dims", 0) != 0) {
      throw node.error("attribute 'batch_dims' is not 0, which is not supported");
    }
    int tuple = tupleSize(node, data, indices);
    int outer = indices.rank() - 1;
    int[] shape = partsShape(data, indices, tuple);
    return ConstantTensor.fill(
        node.location(),
        data.type(),
        shape,
        index ->
            data.values()[
                data.flat(
                    i ->
                        i < tuple
                            ? element(node, data, indices, index, i)
                            : index[outer + i - tuple])]);
  }

  /** Of as many parts of data as there are tuples. */
  private static int[] partsShape(ConstantTensor data, ConstantTensor indices, int tuple) {
    return IntStream.concat(
            Arrays.stream(indices.shape(), 0, indices.rank() - 1),
            Arrays.stream(data.shape(), tuple, data.rank()))
        .toArray();
  }

  /** How many indices name an element, or a part, of data. */
  private static int tupleSize(NodeReader node, ConstantTensor data, ConstantTensor indices) {
    int size = indices.rank() == 0 ? 0 : indices.shape()[indices.rank() - 1];
    if (size < 1 || size > data.rank()) {
      throw node.error(
          "its indices have shape %s for data of shape %s"
              .formatted(Arrays.toString(indices.shape()), Arrays.toString(data.shape())));
    }
    return size;
  }

  /** Along an axis of data, the position that the tuple at an index names. */
  private static int element(
      NodeReader node, ConstantTensor data, ConstantTensor indices, int[] index, int axis) {
    int outer = indices.rank() - 1;
    double which = indices.values()[indices.flat(i -> i < outer ? index[i] : axis)];
    return position(node, which, data.shape()[axis]);
  }

  private static ConstantTensor scatterNd(NodeReader node) {
    node.requireInputs(3, 3);
    ConstantTensor data = node.tensor(0, "data");
    ConstantTensor indices = node.tensor(1, "indices");
    ConstantTensor updates = node.tensor(2, "updates");
    String reduction = node.attributes().text("reduction", "none");
    int tuple = tupleSize(node, data, indices);
    int outer = indices.rank() - 1;
    int[] shape = partsShape(data, indices, tuple);
    if (!reduction.equals("none") || !Arrays.equals(shape, updates.shape())) {
      throw node.error(
          "it has updates of shape %s and reduction '%s'; supported: %s and 'none'"
              .formatted(Arrays.toString(updates.shape()), reduction, Arrays.toString(shape)));
    }
    double[] values = data.values().clone();
    ConstantTensor.fill(
        node.location(),
        data.type(),
        shape,
        index -> {
          int to =
              data.flat(
                  i ->
                      i < tuple
                          ? element(node, data, indices, index, i)
                          : index[outer + i - tuple]);
          values[to] = updates.at(index);
          return 0;
        });
    return new ConstantTensor(data.type(), data.shape(), values);
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

  /**
   * Sizes are an attribute up to opset 12, an input from 13 on; without them the parts are equal.
   */
  static List<ConstantTensor> split(NodeReader node, int parts) {
    node.requireInputs(1, 2);
    ConstantTensor data = node.tensor(0, "input");
    int axis = node.axis("axis", node.attributes().integer("axis", 0), data.rank());
    node.attributes().integer("num_outputs", parts); // as many as there are outputs
    long[] given = node.attributes().longs("split", null);
    long[] sizes =
        node.hasInput(1)
            ? node.integers(1, "split")
            : given == null ? equalParts(data.shape()[axis], parts) : given;
    if (sizes.length != parts
        || Arrays.stream(sizes).anyMatch(size -> size < 0 || size > data.shape()[axis])
        || Arrays.stream(sizes).sum() != data.shape()[axis]) {
      throw node.error(
          "it cannot split %d elements into %d parts of %s"
              .formatted(data.shape()[axis], parts, Arrays.toString(sizes)));
    }
    List<ConstantTensor> all = new ArrayList<>();
    int from = 0;
    for (long size : sizes) {
      int start = from;
      int[] shape = data.shape().clone();
      shape[axis] = (int) size;
      all.add(
          ConstantTensor.fill(
              node.location(),
              data.type(),
              shape,
              index -> data.values()[data.flat(i -> i == axis ? start + index[i] : index[i])]));
      from += (int) size;
    }
    return all;
  }

  /** The last one is smaller where the size is no multiple. */
  private static long[] equalParts(int size, int parts) {
    long[] sizes = new long[parts];
    int each = Math.ceilDiv(size, parts);
    Arrays.setAll(sizes, i -> Math.clamp(size - (long) i * each, 0, each));
    return sizes;
  }
}
