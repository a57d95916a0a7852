package io.axnn.tools.internal.graph;

import io.axnn.tools.ModelException;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.Shapes;
import io.axnn.tools.internal.operators.Operator;
import java.util.Arrays;
import java.util.List;

/**
 * A node that was understood.
 *
 * @param inputs names of the computed values that it takes
 */
public record GraphNode(Location location, Operator operator, List<String> inputs, String output) {

  /**
   * The largest value of one image, in elements: 256 MiB. More is an error in the file, or an
   * attack.
   */
  private static final long LARGEST_PER_IMAGE = 1L << 26;

  /** The name, unique in its graph. */
  public String name() {
    return location.node();
  }

  /**
   * The output's shape for the inputs' shapes.
   *
   * @throws ModelException if the operator cannot work on these shapes or the result is too large
   */
  public int[] outputShape(List<int[]> inputShapes) {
    int[] shape = operator.outputShape(inputShapes);
    if (Shapes.elements(Arrays.copyOfRange(shape, 1, shape.length)) > LARGEST_PER_IMAGE) {
      throw location.error(
          "its output would have shape %s; supported: %d numbers an image"
              .formatted(Arrays.toString(shape), LARGEST_PER_IMAGE));
    }
    return shape;
  }
}
