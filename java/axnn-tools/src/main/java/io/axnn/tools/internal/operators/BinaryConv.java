package io.axnn.tools.internal.operators;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.layers.BinaryConv2d;
import io.axnn.layers.PaddingValue;
import io.axnn.tools.Arithmetic;
import io.axnn.tools.Calibration;
import io.axnn.tools.internal.onnx.Constant;
import io.axnn.tools.internal.onnx.LinearQuantization;
import io.axnn.tools.internal.onnx.Location;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A Conv of signs whose weights are +a or -a, one magnitude per output channel: it may run on bits,
 * the magnitudes becoming factors of the sums. ONNX pads the image of signs with zeros, which are
 * neither bit.
 *
 * @param magnitudes one a channel, never written
 * @param beforeSign the value that the Sign takes: on bits the layer reads it and takes the signs
 *     itself
 */
public record BinaryConv(Conv conv, float[] magnitudes, String beforeSign)
    implements Operator.Weighted, Operator.ToBits {

  /** The binary form of a convolution of signs, if its weights have one. */
  public static Optional<BinaryConv> of(Conv conv, String beforeSign) {
    float[] weights = conv.weights().values();
    float[] magnitudes = new float[conv.args().outChannels()];
    int perChannel = weights.length / magnitudes.length;
    for (int i = 0; i < weights.length; i++) {
      float magnitude = Math.abs(weights[i]);
      int channel = i / perChannel;
      if (i % perChannel == 0) {
        magnitudes[channel] = magnitude;
      }
      if (magnitude == 0 || magnitude != magnitudes[channel]) {
        return Optional.empty();
      }
    }
    return Optional.of(new BinaryConv(conv, magnitudes, beforeSign));
  }

  @Override
  public int[] outputShape(List<int[]> inputs) {
    return conv.outputShape(inputs);
  }

  @Override
  public long opCount(int[] input) {
    return conv.opCount(input);
  }

  @Override
  public Location location() {
    return conv.location();
  }

  @Override
  public Constant weights() {
    return conv.weights();
  }

  @Override
  public LinearQuantization inputPair() {
    return conv.inputPair();
  }

  @Override
  public Step prepare(
      Context context,
      Arithmetic arithmetic,
      Supplier<Calibration.Range> inputRange,
      Limits limits) {
    if (!(arithmetic instanceof Arithmetic.Binary)) {
      return conv.prepare(context, arithmetic, inputRange, limits);
    }
    return limits.after(onBits(context));
  }

  private Step onBits(Context context) {
    return new BitStep(layer(context)) {
      @Override
      public Value run(List<Value> inputs, Supplier<Tensor> output) {
        Tensor y = output.get();
        switch (inputs.getFirst()) {
          case Value.Floats x -> layer().forward(x.tensor(), y);
          case Value.Bits x -> layer().forward(x.image(), y);
        }
        return new Value.Floats(y);
      }
    };
  }

  @Override
  public Step prepareToBits(Context context) {
    return new BitStep(layer(context)) {
      @Override
      public Value run(List<Value> inputs, Supplier<Tensor> output) {
        return new Value.Bits(
            switch (inputs.getFirst()) {
              case Value.Floats x -> layer().forwardBits(x.tensor());
              case Value.Bits x -> layer().forwardBits(x.image());
            });
      }
    };
  }

  private BinaryConv2d layer(Context context) {
    BinaryConv2d.Builder builder =
        BinaryConv2d.builder(context, conv.args(), conv.weights().toTensor())
            .paddingValue(PaddingValue.ZERO)
            .scale(magnitudes);
    if (conv.bias() != null) {
      builder.bias(conv.biasTensor());
    }
    BinaryConv2d layer = builder.build();
    // Nothing here asks for the float weights again.
    layer.dropFloatWeights();
    return layer;
  }

  /** A step that owns a layer on bits. */
  private abstract static class BitStep implements Step {
    private final BinaryConv2d layer;

    BitStep(BinaryConv2d layer) {
      this.layer = layer;
    }

    BinaryConv2d layer() {
      return layer;
    }

    @Override
    public String explain(List<Value> inputs) {
      return layer.explain(inputs.getFirst().shape());
    }

    @Override
    public void close() {
      layer.close();
    }
  }
}
