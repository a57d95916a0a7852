package io.axnn.tools.internal.constants;

import io.axnn.tools.internal.onnx.ConstantTensor;
import io.axnn.tools.internal.onnx.NodeReader;

/** Computes a node whose inputs are constants. */
@FunctionalInterface
interface ConstantRule {
  /**
   * The node's output.
   *
   * @throws io.axnn.tools.ModelException if the node asks for what cannot be done
   */
  ConstantTensor apply(NodeReader node);
}
