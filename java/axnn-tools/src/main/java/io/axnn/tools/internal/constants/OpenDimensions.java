package io.axnn.tools.internal.constants;

import io.axnn.tools.ModelException;
import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.NodeReader;
import java.util.function.DoubleBinaryOperator;

/**
 * Computing with dimensions that the file leaves open. Such a dimension, NaN among integers, is any
 * number from 1 on; so is what stays open in a result. What could be less is refused, for nothing
 * could be decided by it later.
 */
final class OpenDimensions {
  private static final double LEAST = 1;
  private static final double MOST = Integer.MAX_VALUE;

  private OpenDimensions() {}

  /**
   * An operation on integers that also takes open dimensions, where it has to be monotone: then the
   * results for the least and the largest dimension enclose all others.
   */
  static DoubleBinaryOperator monotone(NodeReader node, DoubleBinaryOperator operation) {
    return (x, y) -> {
      if (!Double.isNaN(x) && !Double.isNaN(y)) {
        double value = operation.applyAsDouble(x, y);
        if (!Double.isFinite(value)) {
          throw node.error("of %s and %s it makes no integer".formatted(x, y));
        }
        return value;
      }
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (double left : ends(x)) {
        for (double right : ends(y)) {
          double value = operation.applyAsDouble(left, right);
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
      if (least == most) {
        return least;
      }
      if (least >= LEAST) {
        return Double.NaN;
      }
      throw undecided(node);
    };
  }

  private static double[] ends(double value) {
    return Double.isNaN(value) ? new double[] {LEAST, MOST} : new double[] {value};
  }

  static void requireDecided(NodeReader node, ConstantTensor x) {
    if (x.hasOpen()) {
      throw undecided(node);
    }
  }

  static ModelException undecided(NodeReader node) {
    return node.error("its result depends on a dimension that the file leaves open");
  }
}
