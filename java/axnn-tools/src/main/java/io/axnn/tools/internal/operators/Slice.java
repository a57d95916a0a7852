package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import io.axnn.tools.internal.onnx.SliceRange;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX Slice along axes that are not that of the images.
 *
 * @param input the shape that the ranges were read for
 * @param ranges what is taken along each axis but the first
 */
record Slice(Location location, int[] input, SliceRange[] ranges) implements Operator.Plain {

  static Slice read(NodeReader node) {
    int[] shape = node.activation(0, "data");
    // The images' axis is stood for by one that any range but "all" would change.
    int[] sized = shape.clone();
    sized[0] = Integer.MAX_VALUE;
    SliceRange[] ranges = SliceRange.read(node, sized);
    if (!ranges[0].equals(new SliceRange(0, Integer.MAX_VALUE, 1))) {
      throw node.error("it slices axis 0, which counts the images");
    }
    for (int axis = 1; axis < ranges.length; axis++) {
      if (ranges[axis].count() == 0) {
        throw node.error("nothing is left of axis %d".formatted(axis));
      }
    }
    return new Slice(node.location(), shape, ranges);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] shape = inputs.getFirst().clone();
    for (int axis = 1; axis < shape.length; axis++) {
      if (input[axis] == Shapes.UNKNOWN) {
        continue; // as a whole, whatever it is
      }
      if (!Shapes.compatible(shape[axis], input[axis])) {
        throw location.error(
            "its input has shape %s; the file says %s"
                .formatted(Arrays.toString(shape), Arrays.toString(input)));
      }
      shape[axis] = ranges[axis].count();
    }
    return shape;
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    Strided x = Strided.of(inputs.getFirst());
    int[] starts = new int[ranges.length];
    int[] strides = x.strides().clone();
    for (int axis = 1; axis < ranges.length; axis++) {
      starts[axis] = ranges[axis].start();
      strides[axis] *= ranges[axis].step();
    }
    Strided y = Strided.room(output);
    Strided.copy(x.from(starts).withStrides(strides), output.shape(), y);
    y.copyTo(output);
  }
}
