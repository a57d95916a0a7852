package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.LinearQuantization;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.QuantizationPairs;
import io.axnn.tools.internal.onnx.QuantizationReader;
import java.util.List;

/**
 * A pair of ONNX QuantizeLinear and DequantizeLinear with the same numbers: the nearest value that
 * has a code.
 *
 * @param quantization with one scale
 */
public record FakeQuantize(LinearQuantization quantization) implements Operator.Plain {

  /** Reads the DequantizeLinear of a pair; the operator takes what the QuantizeLinear takes. */
  static FakeQuantize read(NodeReader node) {
    QuantizationPairs.Codes codes = node.codes(0, "x");
    LinearQuantization quantization =
        QuantizationReader.dequantizer(node, codes.shape(), codes.quantization().type());
    if (!quantization.matches(codes.quantization())) {
      throw node.error(
          "it has %s, but QuantizeLinear '%s' before it has %s; supported: pairs of the same numbers"
              .formatted(quantization, codes.location().node(), codes.quantization()));
    }
    return new FakeQuantize(quantization);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    return inputs.getFirst();
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    float scale = quantization.scales()[0];
    float least = quantization.leastSteps(0);
    float most = quantization.mostSteps(0);
    PerImage.apply(
        inputs.getFirst(),
        output,
        (x, y) -> {
          for (int i = 0; i < x.length; i++) {
            y[i] = LinearQuantization.steps(x[i], scale, least, most) * scale;
          }
        });
  }
}
