package io.axnn.tools.internal.operators;

import io.axnn.Tensor;
import io.axnn.tools.internal.onnx.Constant;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX BatchNormalization in inference: y = scale * (x - mean) / sqrt(variance + epsilon) + bias
 * per channel, folded in double to one float factor and one float offset. The arrays are never
 * written.
 */
public record BatchNormalization(Location location, float[] factor, float[] offset)
    implements Operator.Plain {

  static BatchNormalization read(NodeReader node) {
    node.requireInputs(5, 5);
    int[] shape = node.activation(0, "X");
    if (shape.length < 2) {
      throw node.error("input X has rank %d; supported: 2 and more".formatted(shape.length));
    }
    double epsilon = node.attributes().real("epsilon", 1e-5f);
    node.attributes().real("momentum", 0.9f); // matters in training only
    if (node.opset() < 9 && !node.attributes().flag("spatial", true)) {
      throw node.error("attribute 'spatial' is 0; supported: 1, statistics per channel");
    }
    if (node.attributes().flag("training_mode", false)) {
      throw node.error("attribute 'training_mode' is 1; supported: 0, inference");
    }
    Constant scale = perChannel(node, 1, "scale", shape[1]);
    int channels = scale.values().length;
    float[] bias = perChannel(node, 2, "B", channels).values();
    float[] mean = perChannel(node, 3, "mean", channels).values();
    float[] variance = perChannel(node, 4, "var", channels).values();

    float[] factor = new float[channels];
    float[] offset = new float[channels];
    for (int c = 0; c < channels; c++) {
      double exact = scale.values()[c] / Math.sqrt(variance[c] + epsilon);
      factor[c] = (float) exact;
      offset[c] = (float) (bias[c] - mean[c] * exact);
      if (!Float.isFinite(factor[c]) || !Float.isFinite(offset[c])) {
        throw node.error(
            "channel %d has variance %s with epsilon %s; their sum has to be positive"
                .formatted(c, variance[c], epsilon));
      }
    }
    return new BatchNormalization(node.location(), factor, offset);
  }

  private static Constant perChannel(NodeReader node, int index, String formalName, int channels) {
    Constant constant = node.constant(index, formalName);
    if (constant.rank() != 1 || !Shapes.compatible(constant.values().length, channels)) {
      throw node.error(
          "input %s has shape %s; expected one number for each of %d channels"
              .formatted(formalName, Arrays.toString(constant.shape()), channels));
    }
    return constant;
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] shape = inputs.getFirst();
    if (!Shapes.compatible(shape[1], factor.length)) {
      throw location.error(
          "input X has %d channels; the statistics are for %d".formatted(shape[1], factor.length));
    }
    return shape;
  }

  @Override
  public void apply(List<Tensor> inputs, Tensor output) {
    PerImage.apply(
        inputs.getFirst(),
        output,
        (x, y) -> {
          int pixels = x.length / factor.length;
          for (int c = 0; c < factor.length; c++) {
            float a = factor[c];
            float b = offset[c];
            for (int i = c * pixels; i < (c + 1) * pixels; i++) {
              y[i] = x[i] * a + b;
            }
          }
        });
  }
}
