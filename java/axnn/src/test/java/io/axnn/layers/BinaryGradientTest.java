package io.axnn.layers;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.axnn.Context;
import io.axnn.DataType;
import io.axnn.PackedBits;
import io.axnn.Tensor;
import io.axnn.testing.Close;
import io.axnn.testing.RandomConv;
import io.axnn.testing.Reference;
import io.axnn.testing.Seeds;
import io.axnn.testing.Tiers;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Gradients of binary layers against sums written out, tap by tap, in double. */
class BinaryGradientTest {

  private static final SignEstimator[] ESTIMATORS = {
    SignEstimator.IDENTITY,
    SignEstimator.STE_SIGN,
    SignEstimator.steSign(0.4f),
    SignEstimator.APPROX_SIGN,
    SignEstimator.SWISH_SIGN,
    SignEstimator.swishSign(1.5f),
    SignEstimator.MAGNITUDE_AWARE_SIGN
  };

  private static List<Context> contexts;
  private static Context context;

  @BeforeAll
  static void open() {
    contexts = Tiers.contexts();
    context = contexts.get(0);
  }

  @AfterAll
  static void close() {
    contexts.forEach(Context::close);
  }

  /** Larq's definitions. */
  private static double estimate(SignEstimator estimator, float v) {
    double p = estimator.parameter();
    double magnitude = Math.abs(v);
    return switch (estimator.kind()) {
      case IDENTITY -> 1;
      case STE_SIGN, MAGNITUDE_AWARE_SIGN -> magnitude <= p ? 1 : 0;
      case APPROX_SIGN -> magnitude <= 1 ? 2 - 2 * magnitude : 0;
      case SWISH_SIGN ->
          Float.isNaN(v) ? 0 : p * (2 - p * v * Math.tanh(p * v / 2)) / (1 + Math.cosh(p * v));
    };
  }

  /** The four gradients. */
  private record Expected(
      double[] input,
      double[] weights,
      double[] scale,
      double[] bias,
      double scaledSummand,
      double summand) {

    /**
     * @param scale the factors of the sums
     */
    static Expected of(
        BinaryCase drawn,
        float[] scale,
        float[] above,
        SignEstimator inputQuantizer,
        SignEstimator kernelQuantizer) {
      RandomConv conv = drawn.conv();
      float[] x = drawn.x();
      float[] w = drawn.weights();
      int fanIn = conv.args().fanIn();
      double padded = drawn.padding().ordinal() - 1;
      double[] input = new double[x.length];
      double[] weights = new double[w.length];
      double[] scales = new double[scale.length];
      double[] bias = new double[scale.length];
      int[] taps = new int[1];
      Reference.convolve(
          conv,
          (weight, in) -> {
            int output = taps[0]++ / fanIn;
            int o = weight / fanIn;
            double g = above[output];
            double signX = in == Reference.PADDED ? padded : Reference.sign(x[in]);
            weights[weight] += g * scale[o] * signX;
            scales[o] += g * Reference.sign(w[weight]) * signX;
            if (in != Reference.PADDED) {
              input[in] += g * scale[o] * Reference.sign(w[weight]);
            }
            return 0;
          });
      for (int i = 0; i < above.length; i++) {
        bias[Reference.channel(conv, above.length, i)] += above[i];
      }
      for (int i = 0; i < x.length; i++) {
        input[i] *= estimate(inputQuantizer, x[i]);
      }
      for (int i = 0; i < w.length; i++) {
        weights[i] *= estimate(kernelQuantizer, w[i]);
      }
      double largestAbove = largest(above);
      return new Expected(
          input, weights, scales, bias, largestAbove * largest(scale), largestAbove);
    }

    private static double largest(float[] values) {
      double largest = 0;
      for (float value : values) {
        largest = Math.max(largest, Math.abs(value));
      }
      return largest;
    }

    void assertSame(Gradients gradients, String name) {
      assertSame(gradients.input(), input, scaledSummand, "input " + name);
      assertSame(gradients.weights(), weights, scaledSummand, "weights " + name);
      assertSame(gradients.scale(), scale, summand, "scale " + name);
      assertSame(gradients.bias(), bias, summand, "bias " + name);
    }

    private static void assertSame(
        Optional<Tensor> actual, double[] expected, double summand, String name) {
      Close.assertClose(actual.orElseThrow().toFloatArray(), expected, summand, name);
    }
  }

  /** Values inside and outside the clip values. */
  private static BinaryCase draw(Random random, RandomConv conv) {
    BinaryCase drawn = BinaryCase.draw(random, conv);
    for (float[] values : new float[][] {drawn.x(), drawn.weights()}) {
      for (int i = 0; i < values.length; i++) {
        values[i] *= 2;
      }
      values[random.nextInt(values.length)] = 1;
    }
    return drawn;
  }

  @Test
  void convolutionsEqualTheReferenceOnEveryTier() {
    Random random = Seeds.random("BinaryGradientTest.convolutionsEqualTheReferenceOnEveryTier");
    for (int i = 0; i < 80; i++) {
      BinaryCase drawn = draw(random, RandomConv.draw(random));
      SignEstimator input = ESTIMATORS[random.nextInt(ESTIMATORS.length - 1)];
      SignEstimator kernel = ESTIMATORS[i % ESTIMATORS.length];
      float[] above = null;
      for (Context tier : contexts) {
        try (BinaryConv2d layer =
            drawn
                .settings(
                    BinaryConv2d.builder(tier, drawn.conv().args(), drawn.weightTensor())
                        .paddingValue(drawn.padding()))
                .inputQuantizer(input)
                .kernelQuantizer(kernel)
                .build()) {
          int[] shape = layer.outputShape(drawn.conv().inputShape());
          above = above == null ? Seeds.floats(random, size(shape)) : above;
          check(drawn, layer, drawn.xTensor(), Tensor.of(above, shape), "case " + i);
        }
      }
    }
  }

  @Test
  void linearLayersEqualTheReferenceOnEveryTier() {
    Random random = Seeds.random("BinaryGradientTest.linearLayersEqualTheReferenceOnEveryTier");
    for (int i = 0; i < 40; i++) {
      BinaryCase drawn = draw(random, RandomConv.drawLinear(random));
      Conv2dArgs args = drawn.conv().args();
      int rows = drawn.conv().batch();
      float[] above = Seeds.floats(random, rows * args.outChannels());
      for (Context tier : contexts) {
        try (BinaryLinear layer =
            drawn
                .settings(
                    BinaryLinear.builder(
                        tier, Tensor.of(drawn.weights(), args.outChannels(), args.inChannels())))
                .kernelQuantizer(ESTIMATORS[i % ESTIMATORS.length])
                .build()) {
          check(
              drawn,
              layer,
              Tensor.of(drawn.x(), 1, rows, args.inChannels()),
              Tensor.of(above, 1, rows, args.outChannels()),
              "case " + i);
        }
      }
    }
  }

  private static int size(int[] shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    return size;
  }

  private static void check(
      BinaryCase drawn, BinaryLayer layer, Tensor x, Tensor gradOut, String name) {
    float[] given = layer.epilogue().scales(layer.epilogue().bias().length);
    boolean follows = layer.kernelQuantizer().kind() == SignEstimator.Kind.MAGNITUDE_AWARE_SIGN;
    float[] alpha = meanMagnitudes(drawn.weights(), given.length);
    float[] scale = given.clone();
    for (int o = 0; follows && o < scale.length; o++) {
      scale[o] *= alpha[o];
    }
    Expected expected =
        Expected.of(
            drawn, scale, gradOut.toFloatArray(), layer.inputQuantizer(), layer.kernelQuantizer());
    for (int o = 0; follows && o < scale.length; o++) {
      expected.scale()[o] *= alpha[o];
    }
    String full =
        "%s: %s, %s, %s".formatted(name, drawn, layer.inputQuantizer(), layer.kernelQuantizer());
    Gradients all = layer.backward(x, gradOut);
    assertThat(all.input().orElseThrow().shape()).isEqualTo(x.shape());
    assertThat(all.weights().orElseThrow().shape())
        .isEqualTo(layer.weights().orElseThrow().shape());
    expected.assertSame(all, full);
    for (Gradient one : Gradient.values()) {
      Gradients alone = layer.backward(x, gradOut, EnumSet.of(one));
      assertThat(alone.input().isPresent()).isEqualTo(one == Gradient.INPUT);
      assertThat(alone.weights().isPresent()).isEqualTo(one == Gradient.WEIGHTS);
      assertThat(alone.scale().isPresent()).isEqualTo(one == Gradient.SCALE);
      assertThat(alone.bias().isPresent()).isEqualTo(one == Gradient.BIAS);
      assertThat(of(alone, one)).as("%s of %s", one, full).isEqualTo(of(all, one));
    }
  }

  private static float[] of(Gradients gradients, Gradient one) {
    Optional<Tensor> gradient =
        switch (one) {
          case INPUT -> gradients.input();
          case WEIGHTS -> gradients.weights();
          case SCALE -> gradients.scale();
          case BIAS -> gradients.bias();
        };
    return gradient.orElseThrow().toFloatArray();
  }

  private static float[] meanMagnitudes(float[] weights, int outputs) {
    float[] alpha = new float[outputs];
    int fanIn = weights.length / outputs;
    for (int o = 0; o < outputs; o++) {
      double sum = 0;
      for (int k = 0; k < fanIn; k++) {
        sum += Math.abs(weights[o * fanIn + k]);
      }
      alpha[o] = (float) (sum / fanIn);
    }
    return alpha;
  }

  @Test
  void meanMagnitudesAreXnorNetsAlpha() {
    Random random = Seeds.random("BinaryGradientTest.meanMagnitudesAreXnorNetsAlpha");
    float[] weights = Seeds.floats(random, 5 * 77);
    for (Context tier : contexts) {
      assertThat(BinaryLayer.meanMagnitudes(tier, Tensor.of(weights, 5, 7, 11)))
          .isEqualTo(meanMagnitudes(weights, 5));
    }
    assertIllegalArgument(
        () -> BinaryLayer.meanMagnitudes(context, Tensor.allocate(DataType.INT8, 2, 2)),
        "weights",
        "INT8");
  }

  /** What the Javadoc of backward says: alpha's own gradient is had from that of the scale. */
  @Test
  void xnorNetsOwnTermComesFromTheScalesGradient() {
    Random random = Seeds.random("BinaryGradientTest.xnorNetsOwnTermComesFromTheScalesGradient");
    int fanIn = 9;
    Tensor weights = Tensor.of(Seeds.floats(random, 4 * fanIn), 4, fanIn);
    Tensor x = Tensor.of(Seeds.floats(random, 3 * fanIn), 3, fanIn);
    float[] above = Seeds.floats(random, 12);
    float[] scale = {1.5f, -0.5f, 2, 1};
    try (BinaryLinear layer =
        BinaryLinear.builder(context, weights)
            .scale(scale)
            .kernelQuantizer(SignEstimator.MAGNITUDE_AWARE_SIGN)
            .build()) {
      float[] ofScale =
          layer.backward(x, Tensor.of(above, 3, 4)).scale().orElseThrow().toFloatArray();
      float[] alpha = BinaryLayer.meanMagnitudes(context, weights);
      int[] sums = layer.forwardSums(x).toIntArray();
      for (int o = 0; o < 4; o++) {
        // y = scale * alpha(w) * sum, and d alpha / d w_k = sign(w_k) / K
        double expected = 0;
        for (int row = 0; row < 3; row++) {
          expected += (double) above[row * 4 + o] * scale[o] * sums[row * 4 + o] / fanIn;
        }
        double actual = (double) ofScale[o] / alpha[o] * scale[o] / fanIn;
        assertThat(actual).isCloseTo(expected, within(1e-4));
      }
    }
  }

  @Test
  void withoutFloatWeightsOnlyTheIdentityHasAGradientForThem() {
    Random random = Seeds.random("BinaryGradientTest.withoutFloatWeights");
    Tensor weights = Tensor.of(Seeds.floats(random, 4 * 9), 4, 9);
    Tensor x = Tensor.of(Seeds.floats(random, 18), 2, 9);
    Tensor gradOut = Tensor.of(Seeds.floats(random, 8), 2, 4);
    PackedBits bits = PackedBits.pack(context, weights);
    try (BinaryLinear ofBits = BinaryLinear.fromPackedWeights(context, bits).build();
        BinaryLinear identity =
            BinaryLinear.fromPackedWeights(context, bits)
                .kernelQuantizer(SignEstimator.IDENTITY)
                .build();
        BinaryLinear ofFloats =
            BinaryLinear.builder(context, weights)
                .kernelQuantizer(SignEstimator.IDENTITY)
                .build()) {
      assertIllegalState(() -> ofBits.backward(x, gradOut), "float weights", "setWeights");
      Set<Gradient> others = EnumSet.complementOf(EnumSet.of(Gradient.WEIGHTS));
      assertThat(ofBits.backward(x, gradOut, others).input().orElseThrow().toFloatArray())
          .isEqualTo(ofFloats.backward(x, gradOut).input().orElseThrow().toFloatArray());
      assertThat(identity.backward(x, gradOut).weights().orElseThrow().toFloatArray())
          .isEqualTo(ofFloats.backward(x, gradOut).weights().orElseThrow().toFloatArray());
      ofBits.setWeights(weights);
      assertThat(ofBits.backward(x, gradOut).weights()).isPresent();
      ofBits.dropFloatWeights();
      assertIllegalState(() -> ofBits.backward(x, gradOut), "float weights", "STE_SIGN");
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor weights = Tensor.allocate(DataType.FLOAT32, 4, 9);
    Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 9);
    Tensor gradOut = Tensor.allocate(DataType.FLOAT32, 2, 4);
    try (BinaryLinear layer = BinaryLinear.builder(context, weights).build()) {
      assertIllegalArgument(
          () -> layer.backward(x, gradOut, EnumSet.noneOf(Gradient.class)), "wanted", "INPUT");
      assertIllegalArgument(() -> layer.backward(x, x), "gradOut", "[2, 9]", "[2, 4]");
      assertIllegalArgument(() -> layer.backward(gradOut, gradOut), "x", "[2, 4]", "9");
    }
    assertIllegalArgument(
        () ->
            BinaryLinear.builder(context, weights)
                .inputQuantizer(SignEstimator.MAGNITUDE_AWARE_SIGN),
        "inputQuantizer",
        "weights only");
    assertIllegalArgument(() -> SignEstimator.steSign(0), "STE_SIGN", "0.0", "greater than 0");
    assertIllegalArgument(() -> SignEstimator.swishSign(Float.NaN), "SWISH_SIGN", "NaN");
    assertIllegalArgument(
        () -> new SignEstimator(SignEstimator.Kind.IDENTITY, 2), "IDENTITY", "2.0", "1");
  }
}
