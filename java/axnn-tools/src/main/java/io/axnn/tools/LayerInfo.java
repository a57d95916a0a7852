package io.axnn.tools;

import java.util.List;

/**
 * A layer with weights, as the model file has it.
 *
 * @param name the node's name in the file
 * @param operator the node's ONNX operator
 * @param binary true for a convolution of signs whose weights have one magnitude per output channel
 * @param weightShape output channels first
 */
public record LayerInfo(String name, String operator, boolean binary, List<Integer> weightShape) {
  /** Copies the shape. */
  public LayerInfo {
    weightShape = List.copyOf(weightShape);
  }

  /**
   * The number of products in one output value.
   *
   * @return weights of one output channel
   */
  public int fanIn() {
    return weightShape.stream().skip(1).reduce(1, Math::multiplyExact);
  }
}
