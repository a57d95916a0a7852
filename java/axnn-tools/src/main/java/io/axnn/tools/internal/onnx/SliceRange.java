package io.axnn.tools.internal.onnx;

/**
 * What ONNX Slice takes along one axis.
 *
 * @param start the first
 * @param count how many
 * @param step from one to the next, negative for backwards
 */
public record SliceRange(int start, int count, int step) {

  /** The ranges of all axes of a shape; starts, ends and axes are attributes up to opset 9. */
  public static SliceRange[] read(NodeReader node, int[] shape) {
    node.requireInputs(1, 5);
    boolean inputs = node.opset() >= 10;
    long[] starts = inputs ? node.integers(1, "starts") : node.attributes().longs("starts", null);
    long[] ends = inputs ? node.integers(2, "ends") : node.attributes().longs("ends", null);
    long[] axes = inputs ? optional(node, 3, "axes") : node.attributes().longs("axes", null);
    long[] steps = inputs ? optional(node, 4, "steps") : null;
    boolean fits =
        starts != null
            && ends != null
            && starts.length == ends.length
            && (axes == null ? starts.length <= shape.length : axes.length == starts.length)
            && (steps == null || steps.length == starts.length);
    if (!fits) {
      throw node.error("its starts, ends, axes and steps differ in length, or are missing");
    }
    SliceRange[] ranges = new SliceRange[shape.length];
    for (int axis = 0; axis < ranges.length; axis++) {
      ranges[axis] = new SliceRange(0, shape[axis], 1);
    }
    for (int i = 0; i < starts.length; i++) {
      int axis = node.axis("axes", axes == null ? i : axes[i], shape.length);
      long step = steps == null ? 1 : steps[i];
      if (step == 0 || shape[axis] == Shapes.UNKNOWN) {
        throw node.error(
            "along axis %d of %d elements it takes steps of %d".formatted(axis, shape[axis], step));
      }
      ranges[axis] = of(starts[i], ends[i], step, shape[axis]);
    }
    return ranges;
  }

  private static SliceRange of(long start, long end, long step, int size) {
    boolean backwards = step < 0;
    long first = clamp(start, 0, backwards ? size - 1 : size, size);
    long last = clamp(end, backwards ? -1 : 0, backwards ? size - 1 : size, size);
    long count = Math.max(0, Math.ceilDiv(last - first, step));
    return new SliceRange((int) first, (int) count, (int) Math.clamp(step, -size - 1, size + 1));
  }

  /** A position counted from the end if negative, within limits. */
  private static long clamp(long position, long least, long most, int size) {
    long fromStart = position < 0 ? position + size : position;
    return Math.max(least, Math.min(most, fromStart));
  }

  private static long[] optional(NodeReader node, int index, String name) {
    return node.hasInput(index) ? node.integers(index, name) : null;
  }
}
