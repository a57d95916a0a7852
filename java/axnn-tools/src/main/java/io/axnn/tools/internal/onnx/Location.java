package io.axnn.tools.internal.onnx;

import io.axnn.tools.ModelException;

/** A node of a file, for errors. */
public record Location(String file, String node, String operator, long opset) {
  public ModelException error(String problem) {
    return ModelException.atNode(file, node, operator, opset, problem);
  }
}
