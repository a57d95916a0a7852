package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Constant;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX Add, Sub, Mul and Div of two values, or of a value and a constant, broadcast as NumPy does.
 *
 * @param constantOrNull one of the operands, where it is constant
 * @param constantFirst which
 */
record Arithmetics(
    Location location,
    Strided.Combination operation,
    Constant constantOrNull,
    boolean constantFirst)
    implements Operator.Plain {

  static Operator.Reader reader(Strided.Combination operation) {
    return node -> read(node, operation);
  }

  private static Arithmetics read(NodeReader node, Strided.Combination operation) {
    node.requireInputs(2, 2);
    if (node.isConstant(0)) {
      node.activation(1, "B");
      return new Arithmetics(node.location(), operation, node.constant(0, "A"), true);
    }
    node.activation(0, "A");
    if (node.isConstant(1)) {
      return new Arithmetics(node.location(), operation, node.constant(1, "B"), false);
    }
    node.activation(1, "B");
    return new Arithmetics(node.location(), operation, null, false);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] a = inputs.getFirst();
    int[] b = constantOrNull == null ? inputs.get(1) : constantOrNull.shape();
    int[] shape = new int[Math.max(a.length, b.length)];
    for (int i = 1; i <= shape.length; i++) {
      int left = i <= a.length ? a[a.length - i] : 1;
      int right = i <= b.length ? b[b.length - i] : 1;
      if (left != 1 && right != 1 && !Shapes.compatible(left, right)) {
        throw location.error(
            "its inputs have shapes %s and %s, which do not broadcast"
                .formatted(Arrays.toString(a), Arrays.toString(b)));
      }
      shape[shape.length - i] =
          left == 1 ? right : right == 1 || right == Shapes.UNKNOWN ? left : right;
    }
    boolean imagesStay =
        constantOrNull == null
            ? a.length == b.length
            : b.length < a.length || (b.length == a.length && b[0] == 1);
    if (!imagesStay) {
      throw location.error(
          "its inputs have shapes %s and %s; the first axis counts the images and cannot broadcast"
              .formatted(Arrays.toString(a), Arrays.toString(b)));
    }
    return shape;
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    Tensor x = inputs.getFirst();
    int[] shape = output.shape();
    if (constantOrNull == null && Arrays.equals(x.shape(), inputs.get(1).shape())) {
      PerImage.combine(x, inputs.get(1), output, operation);
      return;
    }
    Strided value = Strided.of(x).broadcast(x.shape(), shape);
    Strided other;
    if (constantOrNull == null) {
      other = Strided.of(inputs.get(1)).broadcast(inputs.get(1).shape(), shape);
    } else {
      int[] own = constantOrNull.shape();
      other = new Strided(constantOrNull.values(), 0, Strided.strides(own)).broadcast(own, shape);
    }
    Strided y = Strided.room(output);
    Strided.combine(
        constantFirst ? other : value, constantFirst ? value : other, shape, y, operation);
    y.copyTo(output);
  }
}
