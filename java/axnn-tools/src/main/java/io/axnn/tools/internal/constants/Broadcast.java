package io.axnn.tools.internal.constants;

import io.axnn.tools.internal.onnx.NodeReader;
import java.util.Arrays;

/** Shapes of operands that repeat along axes of one element, as NumPy's. */
final class Broadcast {
  private Broadcast() {}

  /** The shape that both become. */
  static int[] shape(NodeReader node, int[] a, int[] b) {
    int[] shape = new int[Math.max(a.length, b.length)];
    for (int i = 1; i <= shape.length; i++) {
      int left = i <= a.length ? a[a.length - i] : 1;
      int right = i <= b.length ? b[b.length - i] : 1;
      if (left != right && left != 1 && right != 1) {
        throw node.error(
            "its inputs have shapes %s and %s, which do not broadcast"
                .formatted(Arrays.toString(a), Arrays.toString(b)));
      }
      shape[shape.length - i] = left == 1 ? right : left;
    }
    return shape;
  }
}
