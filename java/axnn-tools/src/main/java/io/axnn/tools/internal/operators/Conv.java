package io.axnn.tools.internal.operators;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.layers.ApproxConv2d;
import io.axnn.layers.Conv2d;
import io.axnn.layers.Conv2dArgs;
import io.axnn.layers.Padding;
import io.axnn.tools.Arithmetic;
import io.axnn.tools.Calibration;
import io.axnn.tools.internal.onnx.Constant;
import io.axnn.tools.internal.onnx.LinearQuantization;
import io.axnn.tools.internal.onnx.Location;
import io.axnn.tools.internal.onnx.NodeReader;
import io.axnn.tools.internal.onnx.Shapes;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * ONNX Conv over 2-D images, in float32 or 8 bits.
 *
 * @param bias null where there is none
 * @param inputPair the quantisation of the pair that gives the input, null where there is none
 */
public record Conv(
    Location location,
    Window window,
    Conv2dArgs args,
    Constant weights,
    Constant bias,
    LinearQuantization inputPair)
    implements Operator.Weighted {

  static Conv read(NodeReader node) {
    node.requireInputs(2, 3);
    int[] input = node.activation(0, "X");
    Constant weights = node.constant(1, "W");
    if (input.length != 4 || weights.rank() != 4) {
      throw node.error(
          "inputs X and W have ranks %d and %d; supported: 4, 2-D images"
              .formatted(input.length, weights.rank()));
    }
    int[] kernel = {weights.shape()[2], weights.shape()[3]};
    int groups = node.attributes().integer("group", 1);
    Window window = Window.read(node, kernel, false);
    if (window.vertical().kernel() != kernel[0] || window.horizontal().kernel() != kernel[1]) {
      throw node.error(
          "attribute 'kernel_shape' is not that of W, " + Arrays.toString(weights.shape()));
    }
    return new Conv(
        node.location(),
        window,
        args(node, weights.shape(), groups, window, input),
        weights,
        node.hasInput(2) ? bias(node, weights.shape()[0]) : null,
        node.quantization(0));
  }

  private static Conv2dArgs args(
      NodeReader node, int[] weights, int groups, Window window, int[] input) {
    try {
      return Conv2dArgs.builder(
              Math.multiplyExact(weights[1], groups), weights[0], weights[2], weights[3])
          .stride(window.vertical().stride(), window.horizontal().stride())
          .dilation(window.vertical().dilation(), window.horizontal().dilation())
          .padding(padding(node, window, input))
          .groups(groups)
          .build();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw node.error(
          "W %s, group %d: %s".formatted(Arrays.toString(weights), groups, e.getMessage()));
    }
  }

  /**
   * A layer's padding is fixed when it is made, so where it depends on the image, that must be
   * known.
   */
  private static Padding padding(NodeReader node, Window window, int[] input) {
    boolean known =
        (window.vertical().fixedPadding() || input[2] != Shapes.UNKNOWN)
            && (window.horizontal().fixedPadding() || input[3] != Shapes.UNKNOWN);
    if (!known) {
      throw node.error(
          "attribute 'auto_pad' with a stride above 1 needs height and width of the input in the"
              + " file");
    }
    return window.padding(input[2], input[3]);
  }

  private static Constant bias(NodeReader node, int channels) {
    Constant bias = node.constant(2, "B");
    if (bias.rank() != 1 || bias.values().length != channels) {
      throw node.error(
          "input B has shape %s; expected one number for each of %d output channels"
              .formatted(Arrays.toString(bias.shape()), channels));
    }
    return bias;
  }

  /** The convolution whose output is this one's times a factor, plus an offset, of each channel. */
  public Conv scaled(float[] factor, float[] offset) {
    float[] w = weights.values().clone();
    float[] b = offset.clone();
    int fanIn = w.length / b.length;
    for (int o = 0; o < b.length; o++) {
      for (int k = o * fanIn; k < (o + 1) * fanIn; k++) {
        w[k] *= factor[o];
      }
      b[o] += bias == null ? 0 : bias.values()[o] * factor[o];
    }
    return new Conv(
        location,
        window,
        args,
        new Constant(weights.name(), weights.shape(), w),
        new Constant(location.node(), new int[] {b.length}, b),
        inputPair);
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    int[] input = inputs.getFirst();
    if (!Shapes.compatible(input[1], args.inChannels())) {
      throw location.error(
          "input X has %d channels; W and group are for %d".formatted(input[1], args.inChannels()));
    }
    int[] output = window.outputShape(input, args.outChannels());
    if (output == null) {
      throw location.error("the kernel does not fit an input of " + Arrays.toString(input));
    }
    return output;
  }

  @Override
  public long opCount(int[] input) {
    int[] output = outputShape(List.of(input));
    return weights.values().length * ((long) output[2] * output[3]);
  }

  @Override
  public Step prepare(
      Context context,
      Arithmetic arithmetic,
      Supplier<Calibration.Range> inputRange,
      Limits limits) {
    return switch (arithmetic) {
      case Arithmetic.Float32 ignored ->
          limits.after(Step.of(Conv2d.of(context, args, weights.toTensor(), biasTensor())));
      case Arithmetic.Coded coded ->
          CodedStep.of(
              this,
              coded,
              (correction, own) ->
                  ApproxConv2d.builder(context, args, weights.toTensor(), biasTensor())
                      .zeroPointCorrection(correction)
                      .outputRange(own.min(), own.max())
                      .build(),
              inputRange,
              limits);
      case Arithmetic.Binary ignored -> throw Unsuited.binary();
    };
  }

  /** The bias for a layer, or null. */
  Tensor biasTensor() {
    return bias == null ? null : bias.toTensor();
  }
}
