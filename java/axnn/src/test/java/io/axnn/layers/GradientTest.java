package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.Tensor;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;
import io.axnn.quant.WeightQuantization;
import io.axnn.testing.Close;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Reference;
import io.axnn.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GradientTest {

  private static final Conv2dArgs ARGS =
      Conv2dArgs.builder(4, 6, 3, 3).padding(Padding.of(1)).stride(2, 1).groups(2).build();
  private static final Quantization INPUT = Quantization.affine(0.009f, 5);

  private static Context context;
  private static Multiplier exact;

  @BeforeAll
  static void open() {
    context = Context.create();
    exact = Multiplier.exact();
  }

  @AfterAll
  static void close() {
    context.close();
    exact.close();
  }

  private static Tensor random(Random random, int... shape) {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, shape);
    tensor.copyFrom(Seeds.floats(random, (int) tensor.size()));
    return tensor;
  }

  /** The convolution is linear in x and in w, so its derivative along a direction is itself. */
  @Test
  void straightThroughIsTheGradientOfTheFloatLayer() {
    Random random = Seeds.random("GradientTest.straightThroughIsTheGradientOfTheFloatLayer");
    for (int i = 0; i < 60; i++) {
      RandomConv conv = RandomConv.draw(random);
      Conv2dArgs args = conv.args();
      Tensor x = random(random, conv.inputShape());
      Tensor w = random(random, args.weightShape());
      try (Conv2d plain = Conv2d.of(context, args, w, null);
          ApproxConv2d layer =
              ApproxConv2d.fromConv2d(context, plain)
                  .inputQuantization(INPUT)
                  .multiplier(exact)
                  .build()) {
        Tensor gradOut = random(random, layer.outputShape(x.shape()));
        Gradients gradients = layer.backward(x, gradOut);
        String name = "case %d: %s".formatted(i, conv);
        float[] direction = Seeds.floats(random, (int) x.size());
        float[] weights = w.toFloatArray();
        assertDerivative(
            Reference.convolve(
                conv,
                (weight, in) ->
                    in == Reference.PADDED ? 0 : (double) weights[weight] * direction[in]),
            gradOut,
            gradients.input().orElseThrow(),
            direction,
            name);
        float[] weightDirection = Seeds.floats(random, (int) w.size());
        float[] values = x.toFloatArray();
        assertDerivative(
            Reference.convolve(
                conv,
                (weight, in) ->
                    in == Reference.PADDED ? 0 : (double) weightDirection[weight] * values[in]),
            gradOut,
            gradients.weights().orElseThrow(),
            weightDirection,
            name);
        double[] bias = new double[args.outChannels()];
        float[] above = gradOut.toFloatArray();
        for (int k = 0; k < above.length; k++) {
          bias[Reference.channel(conv, above.length, k)] += above[k];
        }
        Close.assertClose(gradients.bias().orElseThrow().toFloatArray(), bias, name);
        assertSame(plain.backward(x, gradOut), gradients);
      }
    }
  }

  private static void assertDerivative(
      double[] along, Tensor gradOut, Tensor gradient, float[] direction, String name) {
    float[] above = gradOut.toFloatArray();
    float[] values = gradient.toFloatArray();
    assertThat(values).hasSize(direction.length);
    double expected = 0;
    for (int i = 0; i < above.length; i++) {
      expected += above[i] * along[i];
    }
    double actual = 0;
    double magnitude = 0;
    for (int i = 0; i < values.length; i++) {
      actual += (double) values[i] * direction[i];
      magnitude += Math.abs((double) values[i] * direction[i]);
    }
    assertThat(actual).as(name).isCloseTo(expected, within(1e-5 * magnitude + 1e-12));
  }

  private static void assertSame(Gradients actual, Gradients expected) {
    assertThat(actual.input().orElseThrow().toFloatArray())
        .isEqualTo(expected.input().orElseThrow().toFloatArray());
    assertThat(actual.weights().orElseThrow().toFloatArray())
        .isEqualTo(expected.weights().orElseThrow().toFloatArray());
    assertThat(actual.bias().orElseThrow().toFloatArray())
        .isEqualTo(expected.bias().orElseThrow().toFloatArray());
  }

  @Test
  void linearLayersHaveGradientsToo() {
    Random random = Seeds.random("GradientTest.linearLayersHaveGradientsToo");
    Tensor w = random(random, 5, 7);
    Tensor x = random(random, 2, 3, 7);
    Tensor gradOut = random(random, 2, 3, 5);
    try (Linear linear = Linear.of(context, w, null);
        ApproxLinear layer = ApproxLinear.fromLinear(context, linear).build()) {
      Gradients gradients = layer.backward(x, gradOut);
      assertSame(linear.backward(x, gradOut), gradients);
      float[] above = gradOut.toFloatArray();
      float[] values = x.toFloatArray();
      float[] weights = w.toFloatArray();
      double[] gradX = new double[42];
      double[] gradW = new double[35];
      double[] gradBias = new double[5];
      for (int row = 0; row < 6; row++) {
        for (int o = 0; o < 5; o++) {
          gradBias[o] += above[row * 5 + o];
          for (int i = 0; i < 7; i++) {
            gradX[row * 7 + i] += (double) above[row * 5 + o] * weights[o * 7 + i];
            gradW[o * 7 + i] += (double) above[row * 5 + o] * values[row * 7 + i];
          }
        }
      }
      assertThat(gradients.input().orElseThrow().shape()).containsExactly(2, 3, 7);
      assertThat(gradients.weights().orElseThrow().shape()).containsExactly(5, 7);
      assertThat(gradients.bias().orElseThrow().shape()).containsExactly(5);
      Close.assertClose(gradients.input().orElseThrow().toFloatArray(), gradX, "x");
      Close.assertClose(gradients.weights().orElseThrow().toFloatArray(), gradW, "w");
      Close.assertClose(gradients.bias().orElseThrow().toFloatArray(), gradBias, "bias");
    }
  }

  @Test
  void onlyWhatIsAskedForIsComputed() {
    Random random = Seeds.random("GradientTest.onlyWhatIsAskedForIsComputed");
    Tensor x = random(random, 2, 4, 6, 5);
    try (ApproxConv2d layer = builder(random).build()) {
      Tensor gradOut = random(random, layer.outputShape(x.shape()));
      Gradients all = layer.backward(x, gradOut);
      for (int subset = 1; subset < 8; subset++) {
        boolean input = (subset & 1) != 0;
        boolean weights = (subset & 2) != 0;
        boolean bias = (subset & 4) != 0;
        Gradients some = layer.backward(x, gradOut, GradientOptions.STE.of(input, weights, bias));
        assertThat(some.input().isPresent()).isEqualTo(input);
        assertThat(some.weights().isPresent()).isEqualTo(weights);
        assertThat(some.bias().isPresent()).isEqualTo(bias);
        some.input().ifPresent(one -> assertEqual(one, all.input().orElseThrow()));
        some.weights().ifPresent(one -> assertEqual(one, all.weights().orElseThrow()));
        some.bias().ifPresent(one -> assertEqual(one, all.bias().orElseThrow()));
      }
    }
  }

  private static void assertEqual(Tensor actual, Tensor expected) {
    assertThat(actual.toFloatArray()).isEqualTo(expected.toFloatArray());
  }

  @Test
  void clippedGradientsVanishOutsideTheCodes() {
    Random random = Seeds.random("GradientTest.clippedGradientsVanishOutsideTheCodes");
    Tensor x = random(random, 1, 4, 6, 5);
    Quantization input = Quantization.affine(0.004f, 20);
    float[] scales = {0.004f, 0.01f, 0.006f, 0.005f, 0.007f, 0.003f};
    WeightQuantization weights = WeightQuantization.of(scales);
    try (ApproxConv2d layer =
        builder(random).inputQuantization(input).weightQuantization(weights).build()) {
      Tensor gradOut = random(random, layer.outputShape(x.shape()));
      Gradients free = layer.backward(x, gradOut);
      Gradients clipped = layer.backward(x, gradOut, GradientOptions.STE.withClip(true));
      float[] expectedX = free.input().orElseThrow().toFloatArray();
      float[] values = x.toFloatArray();
      int zeroed = 0;
      for (int i = 0; i < values.length; i++) {
        double code = Math.rint(values[i] / input.scale() + input.zeroPoint());
        if (code < -128 || code > 127) {
          expectedX[i] = 0;
          zeroed++;
        }
      }
      assertThat(zeroed).isBetween(1, values.length - 1);
      assertThat(clipped.input().orElseThrow().toFloatArray()).isEqualTo(expectedX);
      float[] expectedW = free.weights().orElseThrow().toFloatArray();
      float[] w = layer.weights().toFloatArray();
      for (int i = 0; i < w.length; i++) {
        if (Math.abs(Math.rint(w[i] / scales[i / ARGS.fanIn()])) > 127) {
          expectedW[i] = 0;
        }
      }
      assertThat(clipped.weights().orElseThrow().toFloatArray()).isEqualTo(expectedW);
      assertEqual(clipped.bias().orElseThrow(), free.bias().orElseThrow());
    }
  }

  /** Exact products differ by the other operand: the gradients at the quantised values. */
  @Test
  void differencesOfExactProductsAreTheGradientsAtTheQuantisedValues() {
    Random random =
        Seeds.random("GradientTest.differencesOfExactProductsAreTheGradientsAtTheQuantisedValues");
    Tensor x = random(random, 2, 4, 6, 5);
    try (ApproxConv2d layer = builder(random).inputQuantization(INPUT).build();
        Conv2d quantized =
            Conv2d.of(
                context, ARGS, dequantize(layer.weightQuantization(), layer.weights()), null)) {
      Tensor gradOut = random(random, layer.outputShape(x.shape()));
      Gradients expected = quantized.backward(dequantize(INPUT, x), gradOut);
      Gradients actual = layer.backward(x, gradOut, GradientOptions.tableDifference(0));
      assertClose(actual, expected);
      try (Multiplier coarse =
          Multiplier.fromFunction(
              "coarse", exact.rowOperand(), exact.columnOperand(), (a, b) -> a * b >> 5 << 5)) {
        layer.setMultiplier(coarse);
        assertClose(layer.backward(x, gradOut, GradientOptions.tableDifference(0)), expected);
        layer.setInferenceMode(InferenceMode.APPROXIMATE);
        assertThat(
                layer
                    .backward(x, gradOut, GradientOptions.tableDifference(2))
                    .input()
                    .orElseThrow()
                    .toFloatArray())
            .isNotEqualTo(actual.input().orElseThrow().toFloatArray());
      }
    }
  }

  private static void assertClose(Gradients actual, Gradients expected) {
    Close.assertClose(
        actual.input().orElseThrow().toFloatArray(),
        expected.input().orElseThrow().toFloatArray(),
        "x");
    Close.assertClose(
        actual.weights().orElseThrow().toFloatArray(),
        expected.weights().orElseThrow().toFloatArray(),
        "w");
    Close.assertClose(
        actual.bias().orElseThrow().toFloatArray(),
        expected.bias().orElseThrow().toFloatArray(),
        "bias");
  }

  private static Tensor dequantize(Quantization quantization, Tensor x) {
    byte[] codes = quantization.quantize(x).toByteArray();
    float[] values = new float[codes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (codes[i] - quantization.zeroPoint()) * quantization.scale();
    }
    return Tensor.of(values, x.shape());
  }

  /** Of symmetric codes, one scale for each output channel. */
  private static Tensor dequantize(WeightQuantization quantization, Tensor w) {
    byte[] codes = quantization.quantize(w).toByteArray();
    float[] values = new float[codes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = codes[i] * quantization.scales()[i / ARGS.fanIn()];
    }
    return Tensor.of(values, w.shape());
  }

  @Test
  void refusesWhatDoesNotFit() {
    Random random = new Random(1);
    Tensor x = random(random, 2, 4, 6, 5);
    try (ApproxConv2d layer = builder(random).build()) {
      Tensor gradOut = random(random, layer.outputShape(x.shape()));
      assertIllegalArgument(
          () -> layer.backward(x, random(random, 2, 6, 3, 4)), "gradOut", "[2, 6, 3, 4]");
      assertIllegalArgument(
          () -> layer.backward(x, Tensor.allocate(DataType.INT32, gradOut.shape())),
          "gradOut",
          "INT32");
      assertIllegalArgument(() -> layer.backward(gradOut, gradOut), "x", "[2, 6, 3, 5]");
      assertIllegalState(
          () -> layer.backward(x, gradOut, GradientOptions.tableDifference(1)), "calibrate");
      assertIllegalState(
          () -> layer.backward(x, gradOut, GradientOptions.STE.withClip(true)), "calibrate");
    }
    assertIllegalArgument(() -> GradientOptions.tableDifference(64), "halfWindow", "64", "63");
    assertIllegalArgument(() -> GradientOptions.tableDifference(-1), "halfWindow", "-1");
    assertIllegalArgument(
        () -> new GradientOptions(GradientEstimator.STE, 1, false, true, true, true),
        "halfWindow",
        "1");
    assertIllegalArgument(() -> GradientOptions.STE.of(false, false, false), "input");
  }

  private static ApproxConv2d.Builder builder(Random random) {
    return ApproxConv2d.builder(context, ARGS, random(random, ARGS.weightShape()), null);
  }
}
