package io.axnn.layers;

import io.axnn.Context;
import io.axnn.Tensor;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Reference;
import io.axnn.testing.Seeds;
import java.util.Random;

/** A binary layer with random settings, and what it must give. */
record BinaryCase(
    RandomConv conv,
    float[] x,
    float[] weights,
    float[] scale,
    float[] bias,
    PaddingValue padding,
    float outputMin,
    float outputMax) {

  static BinaryCase draw(Random random, RandomConv conv) {
    int channels = conv.args().outChannels();
    float[] x = Seeds.floats(random, conv.inputSize());
    x[random.nextInt(x.length)] = Float.NaN;
    boolean limited = random.nextInt(3) == 0;
    return new BinaryCase(
        conv,
        x,
        Seeds.floats(random, conv.weightSize()),
        random.nextBoolean() ? Seeds.floats(random, channels) : null,
        random.nextBoolean() ? Seeds.floats(random, channels) : null,
        PaddingValue.values()[random.nextInt(3)],
        limited ? 0 : Float.NEGATIVE_INFINITY,
        limited ? 3.5f : Float.POSITIVE_INFINITY);
  }

  Tensor xTensor() {
    return Tensor.of(x, conv.inputShape());
  }

  Tensor weightTensor() {
    return Tensor.of(weights, conv.args().weightShape());
  }

  /** Sums of products of signs. */
  long[] sums() {
    int padded =
        switch (padding) {
          case MINUS_ONE -> -1;
          case ZERO -> 0;
          case PLUS_ONE -> 1;
        };
    double[] sums =
        Reference.convolve(
            conv,
            (w, in) ->
                Reference.sign(weights[w])
                    * (in == Reference.PADDED ? padded : Reference.sign(x[in])));
    long[] integers = new long[sums.length];
    for (int i = 0; i < sums.length; i++) {
      integers[i] = (long) sums[i];
    }
    return integers;
  }

  float[] output() {
    long[] sums = sums();
    float[] y = new float[sums.length];
    for (int i = 0; i < y.length; i++) {
      int o = Reference.channel(conv, y.length, i);
      float value = (float) sums[i] * (scale == null ? 1 : scale[o]) + (bias == null ? 0 : bias[o]);
      y[i] = Math.min(Math.max(value, outputMin), outputMax);
    }
    return y;
  }

  BinaryConv2d conv2d(Context context) {
    return settings(
            BinaryConv2d.builder(context, conv.args(), weightTensor()).paddingValue(padding))
        .build();
  }

  /** Of a case whose convolution is a linear layer. */
  BinaryLinear linear(Context context) {
    return settings(
            BinaryLinear.builder(
                context, Tensor.of(weights, conv.args().outChannels(), conv.args().inChannels())))
        .build();
  }

  <B extends BinaryBuilder<B, ?>> B settings(B builder) {
    builder.outputRange(outputMin, outputMax);
    if (scale != null) {
      builder.scale(scale);
    }
    if (bias != null) {
      builder.bias(Tensor.of(bias, bias.length));
    }
    return builder;
  }
}
