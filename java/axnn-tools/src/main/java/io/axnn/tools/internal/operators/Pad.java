package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX Pad: elements before and after along axes that are not that of the images.
 *
 * @param before how many along each axis
 * @param after how many along each axis
 */
record Pad(Location location, int[] before, int[] after, Mode mode, float value)
    implements Operator.Plain {

  /** What the elements are. */
  enum Mode {
    /** One value. */
    CONSTANT,
    /** The image mirrored about its outermost elements. */
    REFLECT,
    /** The outermost element. */
    EDGE
  }

  /** Sizes and value are attributes up to opset 10, inputs from 11 on. */
  static Pad read(NodeReader node) {
    boolean inputs = node.opset() >= 11;
    node.requireInputs(1, inputs ? 4 : 1);
    int rank = node.activation(0, "data").length;
    Mode mode = mode(node);
    long[] pads = inputs ? node.integers(1, "pads") : node.attributes().longs("pads", new long[0]);
    float value = 0;
    if (!inputs) {
      value = node.attributes().real("value", 0);
    } else if (node.hasInput(2)) {
      value = node.number(2, "constant_value");
    }
    long[] axes = axes(node, rank);
    if (pads.length != 2 * axes.length) {
      throw node.error("pads hold %d numbers for %d axes".formatted(pads.length, axes.length));
    }
    int[] before = new int[rank];
    int[] after = new int[rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = node.axis("axes", axes[i], rank);
      before[axis] = size(node, pads[i]);
      after[axis] = size(node, pads[axes.length + i]);
    }
    if (node.isOnImages() && (before[0] != 0 || after[0] != 0)) {
      throw node.error("it pads axis 0, which counts the images");
    }
    return new Pad(node.location(), before, after, mode, value);
  }

  private static Mode mode(NodeReader node) {
    String name = node.attributes().text("mode", "constant");
    for (Mode mode : Mode.values()) {
      if (mode.name().equalsIgnoreCase(name)) {
        return mode;
      }
    }
    throw node.error(
        "attribute 'mode' is '%s'; supported: constant, reflect, edge".formatted(name));
  }

  private static long[] axes(NodeReader node, int rank) {
    if (node.hasInput(3)) {
      return node.integers(3, "axes");
    }
    long[] all = new long[rank];
    Arrays.setAll(all, axis -> axis);
    return all;
  }

  private static int size(NodeReader node, long pad) {
    if (pad < 0 || pad > Integer.MAX_VALUE / 4) {
      throw node.error("pads hold %d; supported: 0 and more".formatted(pad));
    }
    return (int) pad;
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] shape = inputs.getFirst().clone();
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] == Shapes.UNKNOWN) {
        continue;
      }
      if (mode == Mode.REFLECT && Math.max(before[axis], after[axis]) >= shape[axis]) {
        throw location.error(
            "it mirrors %d and %d elements of the %d along axis %d"
                .formatted(before[axis], after[axis], shape[axis], axis));
      }
      shape[axis] = Math.addExact(shape[axis], before[axis] + after[axis]);
    }
    return shape;
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    Tensor x = inputs.getFirst();
    int[] shape = x.shape();
    Strided y = Strided.room(output);
    if (mode == Mode.CONSTANT) {
      Arrays.fill(y.values(), value);
    }
    Strided.copy(Strided.of(x), shape, y.from(before));
    if (mode == Mode.CONSTANT) {
      y.copyTo(output);
      return;
    }
    // Axis after axis, each over all that the axes before it have completed.
    int[] done = shape.clone();
    int[] origin = before.clone();
    for (int axis = 0; axis < shape.length; axis++) {
      origin[axis] = 0;
      int[] slab = done.clone();
      slab[axis] = 1;
      for (int i = 0; i < before[axis] + after[axis]; i++) {
        int to = i < before[axis] ? i : shape[axis] + i;
        Strided.copy(at(y, origin, axis, source(to, axis, shape)), slab, at(y, origin, axis, to));
      }
      done[axis] += before[axis] + after[axis];
    }
    y.copyTo(output);
  }

  /** Where along an axis of the output an element of the padding is taken from. */
  private int source(int to, int axis, int[] shape) {
    int first = before[axis];
    int last = before[axis] + shape[axis] - 1;
    if (mode == Mode.EDGE) {
      return to < first ? first : last;
    }
    return to < first ? 2 * first - to : 2 * last - to;
  }

  private static Strided at(Strided y, int[] origin, int axis, int position) {
    int[] starts = origin.clone();
    starts[axis] = position;
    return y.from(starts);
  }
}
