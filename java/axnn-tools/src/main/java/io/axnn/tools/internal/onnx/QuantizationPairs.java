package io.axnn.tools.internal.onnx;

import java.util.HashMap;
import java.util.Map;

/**
 * The QuantizeLinear nodes of computed values, each waiting for the DequantizeLinear nodes that
 * read it. A pair becomes one operator from floats to floats, so codes are no value of the graph:
 * nothing but a DequantizeLinear may read them.
 */
public final class QuantizationPairs {

  /**
   * The codes that a QuantizeLinear gives.
   *
   * @param source the value that it takes
   * @param shape of that value
   */
  public record Codes(
      Location location, String source, int[] shape, LinearQuantization quantization) {}

  private final Map<String, Codes> codes = new HashMap<>();
  private final Map<String, LinearQuantization> dequantized = new HashMap<>();

  /** Takes note of a QuantizeLinear whose input is computed, by the name of its output. */
  public void open(String output, NodeReader node) {
    int[] shape = node.activation(0, "x");
    LinearQuantization quantization = QuantizationReader.quantizer(node, shape);
    if (!quantization.isPerTensor()) {
      throw node.error(
          "y_scale holds %d numbers; supported: one, where x is computed"
              .formatted(quantization.scales().length));
    }
    node.attributes().requireAllTaken();
    codes.put(
        output, new Codes(node.location(), node.activations().getFirst(), shape, quantization));
  }

  /** Takes note of the value that a DequantizeLinear gives. */
  public void close(String output, LinearQuantization quantization) {
    dequantized.put(output, quantization);
  }

  /** The codes of that name, or null. */
  public Codes codes(String name) {
    return codes.get(name);
  }

  /** The quantisation of a value that a DequantizeLinear gives, or null. */
  LinearQuantization dequantized(String name) {
    return dequantized.get(name);
  }
}
